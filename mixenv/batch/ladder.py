"""Ladders: where runs can stop, as padded tables of one row a recorded run.

Positions on a ladder count from 1; 0 is the start of a run. A task without recorded runs has one
row, its steps; so has one whose runs all log the same steps, each as far as it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mixenv.checkpoints import snap
from mixenv.surfaces.protocol import RecordedSurface

_BEYOND = 2**30  # a position that no run reaches
_APART = np.int64(2**31)  # keeps the steps of different rows apart in one sorted array


@dataclass(frozen=True, eq=False)
class Ladder:
    """For R runs of at most M checkpoints, T steps that can be asked for and G shown ones.

    `steps` [R, M + 1] from 0 on, padded beyond the last; `wanted` [R, T] the position that each
    request leads to; `ends` [R] the last position; `shown` [R, G] those that a curve shows,
    ascending, padded. Of a pool also `values` [R, M + 1, k], `shares` [R, d] and `runs` [R], what
    the surface calls them. `steps` and `wanted` have the longest row only where the others are its
    beginnings.
    """

    steps: np.ndarray
    wanted: np.ndarray
    ends: np.ndarray
    shown: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    runs: np.ndarray

    @cached_property
    def log_steps(self) -> np.ndarray:
        """Natural logs of `steps`, 0 at the start."""
        return np.log(np.maximum(self.steps, 1)).astype(np.float32)

    def request(self, row: Any, steps: Any, xp: Any) -> Any:
        """The positions that requests for `steps` [...] (indices) lead to."""
        wanted = look(xp.asarray(self.wanted), row, steps)
        if len(self.wanted) == len(self.ends):
            return wanted
        return xp.minimum(wanted, xp.asarray(self.ends).take(row))

    @cached_property
    def _sorted(self) -> np.ndarray:
        """All rows' steps one behind the other [R * (M + 1)], ascending: one search for all."""
        return (self.steps + _APART * np.arange(len(self.steps))[:, None]).ravel()

    def last(self, row: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """NumPy only: the last positions [n] of rows [n] at or before `steps` [n]."""
        if len(self.steps) == 1:
            return self.steps[0, 1:].searchsorted(steps, side="right")
        found = self._sorted.searchsorted(row * _APART + steps, side="right")
        return np.maximum(found - row * self.steps.shape[1] - 1, 0)


def look(table: Any, row: Any, position: Any) -> Any:
    """table [R, M, ...] at rows and positions [...]; one of a single row needs no look at rows."""
    if not isinstance(table, np.ndarray):
        return table[0][position] if len(table) == 1 else table[row, position]
    if len(table) > 1:
        position = row * table.shape[1] + position
    if table.ndim == 2:
        return table.take(position)  # of the flat table: quicker than an index
    return table.reshape(-1, *table.shape[2:]).take(position, axis=0)


def rungs(table: Any, row: Any) -> Any:
    """Rows [..., M] of a table [R, M]; [M] of a table of one row."""
    return table[0] if len(table) == 1 else table[row]


def grid_ladder(steps: tuple[int, ...], grid: np.ndarray) -> Ladder:
    """The ladder of a task whose runs stop at any of its steps."""
    known = np.array([[0, *steps]], dtype=np.int32)
    wanted = np.arange(1, len(steps) + 1, dtype=np.int32)[None]
    shown = (np.searchsorted(steps, grid) + 1).astype(np.int32)[None]
    nothing = np.empty((1, 0))
    end = np.array([len(steps)], dtype=np.int32)
    return Ladder(known, wanted, end, shown, nothing[..., None], nothing, np.zeros(1, np.int32))


def pool_ladder(pool: RecordedSurface, steps: tuple[int, ...], grid: np.ndarray) -> Ladder:
    """The ladders of recorded runs, each at its own checkpoints."""
    runs = np.unique(np.concatenate([pool.runs(s) for s in pool.scales]))
    known = [pool.checkpoints(r) for r in runs.tolist()]
    ends = np.array([len(at) for at in known], dtype=np.int32)
    most = int(ends.max())
    ladder = np.full((len(runs), most + 1), _BEYOND, dtype=np.int32)
    wanted = np.empty((len(runs), len(steps)), dtype=np.int32)
    shown = np.full((len(runs), len(grid)), _BEYOND, dtype=np.int32)
    values = np.zeros((len(runs), most + 1, len(pool.metric_set)))
    for i, (run, at) in enumerate(zip(runs.tolist(), known, strict=True)):
        ladder[i, : len(at) + 1] = [0, *at]
        wanted[i] = np.searchsorted(at, snap(at, np.array(steps))) + 1
        values[i, 1 : len(at) + 1] = pool.recorded(run, at)
        if len(grid):
            passed = np.searchsorted(at, np.unique(snap(at, grid))) + 1
            shown[i, : len(passed)] = passed
    shares = np.stack([pool.mixture(r) for r in runs.tolist()])
    longest = int(ends.argmax())
    if ((ladder == ladder[longest]) | (ladder == _BEYOND)).all():
        # One row says it all, and stays in the cache.
        ladder, wanted = ladder[[longest]], wanted[[longest]]
    return Ladder(ladder, wanted, ends, shown, values, shares, runs.astype(np.int32))
