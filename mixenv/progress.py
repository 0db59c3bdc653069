"""What an episode has achieved so far, and the reward of one more experiment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mixenv.dynamics import Transition
from mixenv.task import Task

REWARDS = ("outcome", "improvement", "regret")


@dataclass(frozen=True, eq=False)
class Progress:
    """The best noisy objective at the target (None before the first), and the incumbent.

    The incumbent has the least noisy objective among the runs of most steps at the largest scale
    tried; it is the uniform mixture before anything was observed.
    """

    best: float | None
    rank: tuple[int, int, float]
    incumbent: np.ndarray


def begin(task: Task) -> Progress:
    """Nothing observed."""
    d = len(task.surface.domains)
    return Progress(None, (-1, -1, 0.0), np.full(d, 1 / d))


def update(task: Task, progress: Progress, done: Transition) -> tuple[Progress, float]:
    """Progress after an experiment, and the decrease of the best objective at the target."""
    objective = float(task.objective(done.values[-1]))
    rank = (done.scale_index, done.end, -objective)
    if rank > progress.rank:
        progress = replace(progress, rank=rank, incumbent=done.mixture)
    if (task.scales[done.scale_index], done.end) != task.target:
        return progress, 0.0
    before = _uniform_value(task) if progress.best is None else progress.best
    best = objective if progress.best is None else min(objective, progress.best)
    return replace(progress, best=best), before - best


def reward(task: Task, kind: str, done: Transition | None, gain: float) -> float:
    """The reward of one experiment; 0 for one that nothing could pay, or before a regret is due."""
    if done is None or kind == "regret":
        return 0.0
    earned = gain if kind == "improvement" else -float(task.objective(done.values[-1]))
    return earned - task.cost_weight * done.cost


def final_regret(task: Task, progress: Progress) -> float:
    """Minus the incumbent's regret, in sd units."""
    return -task.regret(progress.incumbent) / task.sd


def _uniform_value(task: Task) -> float:
    d = len(task.surface.domains)
    return task.value(np.full(d, 1 / d))
