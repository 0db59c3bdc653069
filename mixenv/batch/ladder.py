"""Ladders: where runs can stop, as padded tables of one row a recorded run.

Positions on a ladder count from 1; 0 is the start of a run. A task without recorded runs has one
row, its steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mixenv.checkpoints import snap
from mixenv.surfaces.protocol import RecordedSurface

_BEYOND = 2**30  # a position that no run reaches


@dataclass(frozen=True, eq=False)
class Ladder:
    """For R runs of at most M checkpoints, T steps that can be asked for and G shown ones.

    `steps` [R, M + 1] from 0 on, padded beyond the last; `wanted` [R, T] the position that each
    request leads to; `shown` [R, G] those that a curve shows, ascending, padded. Of a pool also
    `values` [R, M + 1, k], `shares` [R, d] and `runs` [R], what the surface calls them.
    """

    steps: np.ndarray
    wanted: np.ndarray
    shown: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    runs: np.ndarray

    @cached_property
    def log_steps(self) -> np.ndarray:
        """Natural logs [R, M + 1] of the steps, 0 at the start."""
        return np.log(np.maximum(self.steps, 1)).astype(np.float32)


def look(table: Any, row: Any, position: Any) -> Any:
    """table [R, M, ...] at rows and positions [...]; one of a single row needs no look at rows."""
    if not isinstance(table, np.ndarray):
        return table[0][position] if len(table) == 1 else table[row, position]
    if len(table) > 1:
        position = row * table.shape[1] + position
    return table.reshape(-1, *table.shape[2:]).take(position, axis=0)  # quicker than an index


def rungs(table: Any, row: Any) -> Any:
    """Rows [..., M] of a table [R, M]; [M] of a table of one row."""
    return table[0] if len(table) == 1 else table[row]


def grid_ladder(steps: tuple[int, ...], grid: np.ndarray) -> Ladder:
    """The ladder of a task whose runs stop at any of its steps."""
    known = np.array([[0, *steps]], dtype=np.int32)
    wanted = np.arange(1, len(steps) + 1, dtype=np.int32)[None]
    shown = (np.searchsorted(steps, grid) + 1).astype(np.int32)[None]
    nothing = np.empty((1, 0))
    return Ladder(known, wanted, shown, nothing[..., None], nothing, np.zeros(1, np.int32))


def pool_ladder(pool: RecordedSurface, steps: tuple[int, ...], grid: np.ndarray) -> Ladder:
    """The ladders of recorded runs, each at its own checkpoints."""
    runs = np.unique(np.concatenate([pool.runs(s) for s in pool.scales]))
    known = [pool.checkpoints(r) for r in runs.tolist()]
    longest = max(map(len, known))
    ladder = np.full((len(runs), longest + 1), _BEYOND, dtype=np.int32)
    wanted = np.empty((len(runs), len(steps)), dtype=np.int32)
    shown = np.full((len(runs), len(grid)), _BEYOND, dtype=np.int32)
    values = np.zeros((len(runs), longest + 1, len(pool.metric_set)))
    for i, (run, at) in enumerate(zip(runs.tolist(), known, strict=True)):
        ladder[i, : len(at) + 1] = [0, *at]
        wanted[i] = np.searchsorted(at, snap(at, np.array(steps))) + 1
        values[i, 1 : len(at) + 1] = pool.recorded(run, at)
        if len(grid):
            passed = np.searchsorted(at, np.unique(snap(at, grid))) + 1
            shown[i, : len(passed)] = passed
    shares = np.stack([pool.mixture(r) for r in runs.tolist()])
    return Ladder(ladder, wanted, shown, values, shares, runs.astype(np.int32))
