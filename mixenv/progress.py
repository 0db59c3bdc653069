"""What an episode has achieved so far, and the reward of one more experiment."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixenv.dynamics import Transition
from mixenv.task import Task

REWARDS = ("outcome", "improvement", "regret")


class Progress(NamedTuple):
    """The best noisy objective at the target (None before the first), and the incumbent.

    The incumbent has the least noisy objective among the runs of most steps at the largest scale
    tried; it is the uniform mixture before anything was observed.
    """

    best: float | None
    rank: tuple[int, int, float]
    incumbent: np.ndarray


def begin(task: Task) -> Progress:
    """Nothing observed."""
    return Progress(None, (-1, -1, 0.0), uniform(task))


def update(
    task: Task, progress: Progress, done: Transition, objective: float
) -> tuple[Progress, float]:
    """Progress after an experiment, and the decrease of the best objective at the target."""
    rank = (done.scale_index, done.end, -objective)
    if rank > progress.rank:
        progress = Progress(progress.best, rank, done.mixture)
    if (task.scales[done.scale_index], done.end) != task.target:
        return progress, 0.0
    before = task.value(uniform(task)) if progress.best is None else progress.best
    best = objective if progress.best is None else min(objective, progress.best)
    return progress._replace(best=best), before - best


def reward(task: Task, kind: str, done: Transition, objective: float, gain: float) -> float:
    """The reward of one experiment; 0 before a regret is due."""
    if kind == "regret":
        return 0.0
    return (gain if kind == "improvement" else -objective) - task.cost_weight * done.cost


def final_regret(task: Task, progress: Progress) -> float:
    """Minus the incumbent's regret, in sd units."""
    return -task.regret(progress.incumbent) / task.sd


def uniform(task: Task) -> np.ndarray:
    """The uniform mixture [d]."""
    d = len(task.surface.domains)
    return np.full(d, 1 / d)
