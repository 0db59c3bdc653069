"""Random search's cost to a threshold, from the surface: the median of a geometric law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log, log1p

import numpy as np
from scipy.stats import beta

from benchmarks.suite import TaskSpec
from benchmarks.tasks import task_of
from mixenv.task import Task
from mixenv.truth import AtTarget, constants_key

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


def together(specs: Mapping[str, TaskSpec]) -> list[dict[str, TaskSpec]]:
    """The same tasks in groups that share surface, region and target: one pass serves a group."""
    groups: dict[str, dict[str, TaskSpec]] = {}
    for key, spec in specs.items():
        groups.setdefault(_shared(task_of(spec)), {})[key] = spec
    return list(groups.values())


def laws_of(specs: Sequence[TaskSpec]) -> list[Law]:
    """The laws of tasks that share surface, region and target, from 2^20 uniform mixtures."""
    return laws([task_of(spec) for spec in specs])


def laws(tasks: Sequence[Task], draws: int = DRAWS, seed: int = 0) -> list[Law]:
    """A law a task, all from the same `draws` uniform mixtures, in batches.

    Raises ValueError for tasks that do not share surface, region and target.
    """
    if len({_shared(task) for task in tasks}) != 1:
        raise ValueError(
            "laws: expected tasks of one surface, region and target, got "
            f"{sorted({_shared(task) for task in tasks})}; group them with `together`"
        )
    rng, hits = np.random.default_rng(seed), np.zeros((len(tasks), len(THRESHOLDS)), dtype=int)
    at_target = AtTarget(tasks[0].surface, tasks[0].target)
    levels = [task.optimum.value + np.array(THRESHOLDS) * task.sd for task in tasks]
    for begin in range(0, draws, _BATCH):
        metrics = at_target(tasks[0].region.sample(rng, min(_BATCH, draws - begin)))
        for i, task in enumerate(tasks):
            hits[i] += (task.objective(metrics)[:, None] <= levels[i]).sum(axis=0)
    names = [f"{t:g}" for t in THRESHOLDS]
    return [Law(draws, dict(zip(names, row.tolist(), strict=True))) for row in hits]


def _shared(task: Task) -> str:
    return constants_key(task.surface, task.max_share, task.target)
