"""Play one cell: an agent against `DataMixture-v0`, and what an evaluator knows about it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.cell import Cell, task_of
from benchmarks.ours import our_agents
from benchmarks.record import Record
from mixenv.problem import Experiment, Outcome
from mixenv.task import Task


@dataclass
class Watcher:
    """Asks an agent for its recommendation after every step, and keeps the distinct ones."""

    agent: Any
    recommended: list[np.ndarray] = field(default_factory=list)
    in_force: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)

    def look(self) -> float:
        """Note the recommendation in force; return the seconds it took."""
        started = perf_counter()
        mixture = np.array(self.agent.recommend(), dtype=np.float64)
        elapsed = perf_counter() - started
        index = self._known.setdefault(mixture.tobytes(), len(self._known))
        if index == len(self.recommended):
            self.recommended.append(mixture)
        self.in_force.append(index)
        return elapsed

    def __call__(self, experiment: Experiment, outcome: Outcome, seconds: float) -> None:
        """What `rollout` calls after each tell."""
        self.seconds.append(seconds + self.look())


def play(cell: Cell) -> Record:
    """The record of one cell. Whatever the agent raises is raised."""
    agents = our_agents()
    task = task_of(cell.task)
    env = gym.make(
        "DataMixture-v0",
        disable_env_checker=True,
        task=task,
        reward="regret",
        observation="last",
        max_experiments=cell.task.max_experiments,
    )
    started = perf_counter()
    agent = agents.make(cell.agent, task.problem, cell.agent_seed)
    start_seconds = perf_counter() - started
    watcher = Watcher(agent)
    watcher.look()
    history = agents.rollout(agent, env, cell.episode_seed, watcher)
    return _record(cell, task, watcher, history, start_seconds)


def attempt(cell: Cell) -> tuple[Record | None, str]:
    """The record of a cell and "", or None and the traceback of what went wrong."""
    try:
        return play(cell), ""
    except Exception:  # an agent's mistake is a result: it is recorded, and the others go on
        return None, traceback.format_exc()


def _record(
    cell: Cell,
    task: Task,
    watcher: Watcher,
    history: list[tuple[Experiment, Outcome]],
    start_seconds: float,
) -> Record:
    done = [experiment for experiment, _ in history]
    mixture = np.array([e.mixture for e in done]).reshape(len(done), -1)
    scale, steps = np.array([e.scale for e in done]), np.array([e.steps for e in done])
    seen = np.array([outcome.metrics for _, outcome in history])
    truth = task.surface.metrics(mixture, scale, steps) if done else seen
    return Record(
        task=cell.task.label,
        agent=cell.agent,
        seed=cell.seed,
        surface=task.surface.name,
        provenance=task.surface.provenance,
        fingerprint=task.surface.fingerprint,
        noise=task.noise,
        max_share=task.max_share,
        budget=task.budget,
        target=task.target,
        optimum=task.optimum.value,
        sd=task.sd,
        mixture=mixture,
        scale=scale,
        steps=steps,
        cost=np.array([outcome.cost for _, outcome in history]),
        value=task.objective(seen) if done else np.empty(0),
        truth=task.objective(truth) if done else np.empty(0),
        recommended=np.array(watcher.recommended),
        regret=np.array([task.regret(m) / task.sd for m in watcher.recommended]),
        in_force=np.array(watcher.in_force),
        seconds=np.array(watcher.seconds),
        start_seconds=start_seconds,
    )
