"""Random search's cost to a threshold, from the surface: the median of a geometric law."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, log1p

import numpy as np
from scipy.stats import beta

from benchmarks.suite import TaskSpec
from benchmarks.tasks import task_of
from mixenv.task import Task
from mixenv.truth import AtTarget

DRAWS = 2**20
THRESHOLDS = (0.5, 0.25, 0.1)  # sd units
FEW = 10  # hits under which a share of hits is not worth dividing by
_BATCH = 2**15


@dataclass(frozen=True)
class Law:
    """How many of `draws` uniform mixtures have a regret at or under each threshold (sd units).

    It supposes that a good mixture is recognised once it was trained: noise can only cost random
    search more.
    """

    draws: int
    hits: dict[str, int]

    def cost(self, threshold: float) -> tuple[float, bool]:
        """Target runs until half of all searches have hit, and whether it is a lower bound.

        Under 10 hits, the share of hits is replaced by its 97.5% upper limit.
        """
        hits = self.hits[f"{threshold:g}"]
        few = hits < FEW
        p = float(beta.ppf(0.975, hits + 1, self.draws - hits)) if few else hits / self.draws
        return (1.0 if p >= 0.5 else float(ceil(log(0.5) / log1p(-p)))), few


def law_of(spec: TaskSpec) -> Law:
    """The law of one task, from 2^20 uniform mixtures."""
    return law(task_of(spec))


def law(task: Task, draws: int = DRAWS, seed: int = 0) -> Law:
    """The law of a task, from `draws` uniform mixtures in batches."""
    rng = np.random.default_rng(seed)
    at_target = AtTarget(task.surface, task.target)
    levels = task.optimum.value + np.array(THRESHOLDS) * task.sd
    hits = np.zeros(len(THRESHOLDS), dtype=np.int64)
    for begin in range(0, draws, _BATCH):
        mixtures = task.region.sample(rng, min(_BATCH, draws - begin))
        values = task.objective(at_target(mixtures))
        hits += (values[:, None] <= levels).sum(axis=0)
    return Law(draws, {f"{t:g}": int(n) for t, n in zip(THRESHOLDS, hits, strict=True)})
