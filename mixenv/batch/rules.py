"""The numbers of a task and of an environment's options, as arrays that every step reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from mixenv import draws, dynamics, hashing, outcome, progress
from mixenv.batch.ladder import Ladder, grid_ladder, pool_ladder
from mixenv.observation import standardised
from mixenv.surfaces.protocol import RecordedSurface
from mixenv.surfaces.synthetic import SyntheticSurface
from mixenv.task import Task


def recorded(task: Task) -> RecordedSurface:
    """The surface of a task that only recorded runs answer."""
    return cast(RecordedSurface, task.surface)


@dataclass(frozen=True, eq=False)
class Rules:
    """A task and options, checked by the environment that they come from.

    `grid` [G] are the curve's checkpoints; `rows` the rows of an observed history, None for the
    last experiment only; `most` the experiments of an episode; `reward` its kind.
    """

    task: Task
    grid: np.ndarray
    rows: int | None
    most: int
    reward: str

    @cached_property
    def ladder(self) -> Ladder:
        """The checkpoints that a run can stop at."""
        if self.task.pool is None:
            return grid_ladder(self.task.steps, self.grid)
        return pool_ladder(self.task.pool, self.task.steps, self.grid)

    @cached_property
    def domains(self) -> int:
        """d, the number of domains."""
        return len(self.task.surface.domains)

    @cached_property
    def metrics(self) -> int:
        """k, the number of metrics."""
        return len(self.task.surface.metric_set)

    @cached_property
    def scales(self) -> np.ndarray:
        """Parameters [S]."""
        return np.array(self.task.scales)

    @cached_property
    def scale_words(self) -> np.ndarray:
        """The words [S] of the scales in a run's name."""
        return np.array([draws.scale_word(s) for s in self.task.scales], dtype=np.uint32)

    @cached_property
    def replicate_terms(self) -> np.ndarray:
        """The terms [1, most + 1] of replicate numbers in a run's name."""
        numbers = np.arange(self.most + 1, dtype=np.uint32)[:, None]
        return hashing.terms(numbers, start=3 + self.domains).T

    @cached_property
    def one_hot(self) -> np.ndarray:
        """The rows [1, S, S] that stand for the scales in an observation."""
        return np.eye(len(self.task.scales), dtype=np.float32)[None]

    @cached_property
    def spreads(self) -> np.ndarray:
        """Sds of a run's own noise [k, S * (T + 1)]: one column a scale more, for no steps."""
        padded = np.pad(outcome.spreads(self.task), ((0, 0), (1, 0), (0, 0)))
        return np.ascontiguousarray(padded.reshape(-1, self.metrics).T)

    @cached_property
    def mean(self) -> Callable[..., Any] | None:
        """A surface's own way to be asked on the ladder by index, where it has one."""
        if not isinstance(self.task.surface, SyntheticSurface):
            return None
        return self.task.surface.on_grid(self.scales, self.ladder.steps[0])

    @cached_property
    def cheapest(self) -> float:
        """Cost of the cheapest checkpoint, target runs."""
        return dynamics.cheapest(self.task)

    @cached_property
    def target(self) -> tuple[int, int]:
        """Index of the target's scale among the task's (-1 where it is none of them); its steps."""
        scale, steps = self.task.target
        return (self.task.scales.index(scale) if scale in self.task.scales else -1), steps

    @cached_property
    def uniform_value(self) -> float:
        """The surface's objective of the uniform mixture at the target."""
        return self.task.value(progress.uniform(self.task))

    @cached_property
    def recorded(self) -> np.ndarray:
        """What a pool's runs show [R, M + 1] at each checkpoint, side by side in memory."""
        values, k = self.ladder.values, self.metrics
        kinds = [("metrics", np.float64, k), ("objective", np.float64), ("standard", np.float32, k)]
        table = np.zeros(values.shape[:2], kinds)
        table["metrics"], table["objective"] = values, self.task.objective(values)
        table["standard"] = standardised(self.task.moments, values)
        return table

    @cached_property
    def row_of_run(self) -> np.ndarray:
        """The row of the ladder of every run, by what the surface calls it."""
        rows = np.zeros(self.ladder.runs[-1] + 1, dtype=np.int32)
        rows[self.ladder.runs] = np.arange(len(self.ladder.runs))
        return rows

    @cached_property
    def padded_pools(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each scale the rows [S, n] of the ladder and the shares [S, d, n], padded with inf."""
        pool = recorded(self.task)
        pools = [np.searchsorted(self.ladder.runs, pool.runs(s)) for s in self.task.scales]
        rows = np.zeros((len(pools), max(map(len, pools))), dtype=np.int32)
        shares = np.full((len(pools), self.domains, rows.shape[1]), np.inf)
        for i, pool in enumerate(pools):
            rows[i, : len(pool)] = pool
            shares[i, :, : len(pool)] = self.ladder.shares[pool].T
        return rows, shares

    @cached_property
    def row_regrets(self) -> np.ndarray:
        """Regret in sd units [R + 1] of a pool's runs; the last is that of the uniform mixture."""
        shares = [*self.ladder.shares, progress.uniform(self.task)]
        return np.array([self.task.regret(w) for w in shares]) / self.task.sd

    def slack(self, spent: Any) -> float:
        """Target runs by which rounding may overrun the budget, in the precision of `spent`."""
        return dynamics.SLACK if spent.dtype == np.float64 else 1e-6 * self.task.budget
