"""How hard a task is: what small scales say of the target, and what plain agents reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import gymnasium as gym
import numpy as np
from scipy.stats import rankdata

from benchmarks.ours import our_agents
from mixenv.problem import Experiment, Outcome
from mixenv.simplex import TOLERANCE
from mixenv.task import Task

AGENTS = ("random", "hyperband", "corners")
COSTS = (1.0, 4.0, 16.0)  # target runs
SEEDS = 5
MIXTURES = 2_000
_EXPERIMENTS = 1024


def transfer(task: Task) -> dict[float, float]:
    """Rank correlation, for each scale, of the objective there with that at the target.

    Noise-free, at the scale's last checkpoint, over up to 2 000 mixtures of the region. Of recorded
    runs: those recorded at the target, each answered by the nearest run of the scale that gets
    there. NaN where either does not vary.
    """
    mixtures = task.region.reference()[:MIXTURES]
    sought = _at(task, mixtures, *task.target)
    return {
        s: _correlation(sought, _at(task, mixtures, s, last_step(task, s))) for s in task.scales
    }


def last_step(task: Task, scale: float) -> int:
    """The last checkpoint of a scale."""
    if task.pool is not None:
        return task.pool.longest(scale)
    return task.steps[-1]


def shared(task: Task, scale: float) -> str:
    """How many of the mixtures recorded at the target are recorded at a scale too: "3 of 40"."""
    if task.pool is None:
        return "all"
    mixtures = task.region.reference()
    _, distance = task.pool.locate_many(mixtures, scale)
    return f"{int((distance <= TOLERANCE).sum())} of {len(mixtures)}"


def _at(task: Task, mixtures: np.ndarray, scale: float, steps: int) -> np.ndarray:
    n = len(mixtures)
    return task.objective(task.surface.metrics(mixtures, np.full(n, scale), np.full(n, steps)))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's: that of the ranks, ties sharing theirs."""
    ranks = np.stack([rankdata(a), rankdata(b)])
    if (np.ptp(ranks, axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])


def regrets(
    task: Task, agent: str, costs: Sequence[float] = COSTS, seeds: int = SEEDS
) -> np.ndarray:
    """Median over seeds of the recommendation's regret, sd units, after each cost [c].

    Noise-free, at the target; costs in target runs, ascending: the last is the budget.
    """
    longer = replace(task, budget=float(costs[-1]))
    return np.median([_one(longer, agent, costs, seed) for seed in range(seeds)], axis=0)


def _one(task: Task, name: str, costs: Sequence[float], seed: int) -> list[float]:
    """The regret after each cost, in one episode; 1 024 experiments at most."""
    agents = our_agents()
    agent = agents.make(name, task.problem, seed)
    spent, known = [0.0], [np.array(agent.recommend())]

    def note(experiment: Experiment, outcome: Outcome, seconds: float) -> None:
        spent.append(spent[-1] + outcome.cost)
        known.append(np.array(agent.recommend()))

    env = gym.make(
        "DataMixture-v0", disable_env_checker=True, task=task, observation="last", curve=None,
        max_experiments=_EXPERIMENTS,
    )  # fmt: skip
    agents.rollout(agent, env, 1000 + seed, note)
    last = np.searchsorted(spent, np.array(costs) + 1e-9, side="right") - 1
    return [task.regret(known[i]) / task.sd for i in last.tolist()]
