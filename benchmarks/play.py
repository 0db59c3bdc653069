"""Play one cell: an agent against `DataMixture-v0`, and what an evaluator knows about it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from time import perf_counter, process_time
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.alarm import TimedOut, alarm
from benchmarks.cell import Cell
from benchmarks.forecast import Forecasts
from benchmarks.origin import origin
from benchmarks.ours import our_agents
from benchmarks.record import Record
from benchmarks.sources import digest
from benchmarks.tasks import task_of
from mixenv.problem import Experiment, Outcome
from mixenv.task import Task


@dataclass
class Watcher:
    """Asks an agent for its recommendation after every step, and keeps the distinct ones.

    Then for its forecasts, where they are due; those take none of the agent's seconds.
    """

    agent: Any
    forecasts: Forecasts
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
        self.forecasts.after(outcome, self.current)

    @property
    def current(self) -> np.ndarray:
        """The recommendation [d] in force."""
        return self.recommended[self.in_force[-1]]


def play(cell: Cell) -> Record:
    """The record of one cell. Whatever the agent raises is raised."""
    began = process_time()
    agents = our_agents()
    task = task_of(cell.task)
    check(cell, task)
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
    watcher = Watcher(agent, Forecasts(task, getattr(agent, "predict", None)))
    watcher.look()
    history = agents.rollout(agent, env, cell.episode_seed, watcher)
    watcher.forecasts.end(watcher.current)
    record = _record(cell, task, watcher, history, start_seconds)
    return replace(record, cpu_seconds=process_time() - began)


def check(cell: Cell, task: Task) -> None:
    """Raise ValueError where the surface or the agent is not the one that was planned."""
    if task.surface.fingerprint != cell.fingerprint:
        raise ValueError(
            f"surface of {cell.task.label}: expected fingerprint {cell.fingerprint}, got "
            f"{task.surface.fingerprint}; its file has changed since the run began: start again"
        )
    if digest(cell.agent) != cell.code:
        raise ValueError(
            f"agent {cell.agent}: expected source {cell.code}, got {digest(cell.agent)}; it was "
            "edited since the run began, or this worker has another mixenv: start again"
        )


def attempt(cell: Cell, timeout: float | None = None) -> tuple[Record | None, str]:
    """The record of a cell and "", or None and the traceback of what went wrong.

    A cell that takes more than `timeout` seconds goes wrong.
    """
    try:
        with alarm(timeout):
            return play(cell), ""
    except TimedOut:
        return None, f"timed out after {timeout:g} s\n{traceback.format_exc()}"
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
    mixture = np.array([e.mixture for e in done]).reshape(len(done), len(task.surface.domains))
    scale, steps = np.array([e.scale for e in done]), np.array([e.steps for e in done])
    shown = [outcome for _, outcome in history]
    seen = np.array([outcome.metrics for outcome in shown])
    seen = seen.reshape(len(done), len(task.surface.metric_names))
    truth = task.surface.metrics(mixture, scale, steps) if done else seen
    return Record(
        **origin(cell, task),
        mixture=mixture,
        scale=scale,
        steps=steps,
        cost=np.array([outcome.cost for outcome in shown]),
        cut_short=np.array([outcome.cut_short for outcome in shown], dtype=bool),
        resumed=np.array([outcome.resumed for outcome in shown], dtype=bool),
        metrics=seen.astype(np.float32),
        value=task.objective(seen) if done else np.empty(0),
        truth=task.objective(truth) if done else np.empty(0),
        recommended=np.array(watcher.recommended),
        regret=np.array([task.regret(m) / task.sd for m in watcher.recommended]),
        in_force=np.array(watcher.in_force),
        **watcher.forecasts.arrays(),
        seconds=np.array(watcher.seconds),
        start_seconds=start_seconds,
        cpu_seconds=0.0,  # known at the end
    )
