"""Curves of runs in, a scale's common curve and a few numbers a run out.

At scale s, metric(t) = common_s(t) + c0 + c1 ((t / T_s)^-1/2 - 1), T_s the scale's full length: c0
is how a run differs at the end, c1 how much more it does earlier.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv.runs.table import RunTable

_RIDGE = 1e-3  # pulls what a short run does not tell towards the scale's mean
_ROUNDS = 4  # of estimating common curves and runs in turn; one is exact where none ends early


class Curves(NamedTuple):
    """`scores` [n, k, q] of runs, NaN without an outcome; `common` curves at `knots`.

    `full` [S] steps; `trend` [S, k, 2] (level and size of the power law); `knots` [S, p] log steps,
    padded with their last; `bend` [S, k, p] what a common curve has besides its trend.
    """

    scores: np.ndarray
    full: np.ndarray
    trend: np.ndarray
    knots: np.ndarray
    bend: np.ndarray


def early(steps: Any, full: Any) -> Any:
    """(t / T)^-1/2 - 1: 0 at the full length, more before."""
    return (steps / full) ** -0.5 - 1.0


def terms(table: RunTable) -> int:
    """Numbers a run: 2 where half of the runs or more logged three checkpoints, else 1."""
    logged = np.bincount(table.run, minlength=len(table.scale))
    return 2 if np.median(logged[logged > 0]) >= 3 else 1


def fit_curves(table: RunTable) -> Curves:
    """Scores of every run and common curves of every scale, metric by metric."""
    scales = np.array(table.scales)
    s = np.searchsorted(scales, table.scale)[table.run]
    full = np.array([table.length[table.scale == scale].max() for scale in scales])
    basis = np.stack([np.ones(len(s)), early(table.steps, full[s])], axis=1)[:, : terms(table)]
    cells, cell = np.unique(np.stack([s, table.steps], axis=1), axis=0, return_inverse=True)
    parts = [_one(table, y, basis, cell, len(cells)) for y in table.values.T]
    scores = np.stack([scores for scores, _ in parts], axis=1)
    common = np.stack([common for _, common in parts], axis=1)
    return Curves(scores, full, *_trends(cells, common, full))


def common(curves: Curves, s: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """A scale's common curve [m, k] at scale index s [m] and steps [m]."""
    before = early(steps, curves.full[s])[:, None]
    found = curves.trend[s, :, 0] + curves.trend[s, :, 1] * before
    for i in np.unique(s):
        at = s == i
        lines = [np.interp(np.log(steps[at]), curves.knots[i], bend) for bend in curves.bend[i]]
        found[at] += np.stack(lines, axis=1)
    return found


def _one(
    table: RunTable, y: np.ndarray, basis: np.ndarray, cell: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores [n, q] and the common values [cells] of one metric."""
    known = np.isfinite(y)
    n, q = len(table.scale), basis.shape[1]
    run, design = table.run[known], basis[known]
    gram = np.zeros((n, q, q))
    np.add.at(gram, run, design[:, :, None] * design[:, None])
    gram += _RIDGE * np.eye(q)
    scores = np.zeros((n, q))
    weight = np.maximum(np.bincount(cell[known], minlength=count), 1)
    common = np.zeros(count)
    for _ in range(_ROUNDS):
        rest = y[known] - (design * scores[run]).sum(axis=1)
        common = np.bincount(cell[known], rest, count) / weight
        moment = np.zeros((n, q))
        np.add.at(moment, run, design * (y[known] - common[cell[known]])[:, None])
        scores = np.linalg.solve(gram, moment[..., None])[..., 0]
    scores[np.bincount(run, minlength=n) == 0] = np.nan
    return scores, np.where(np.bincount(cell[known], minlength=count) > 0, common, np.nan)


def _trends(
    cells: np.ndarray, common: np.ndarray, full: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trend, knots and bend of the common curves given at `cells` [c, (scale, steps)]."""
    groups = [np.flatnonzero(cells[:, 0] == s) for s in range(len(full))]
    most, k = max(len(group) for group in groups), common.shape[1]
    trend, bend = np.zeros((len(full), k, 2)), np.zeros((len(full), k, most))
    knots = np.zeros((len(full), most))
    for s, group in enumerate(groups):
        steps = cells[group, 1]
        knots[s] = np.log(np.pad(steps, (0, most - len(steps)), mode="edge"))
        for m in range(k):
            trend[s, m], rest = _trend(early(steps, full[s]), common[group, m])
            bend[s, m] = np.pad(rest, (0, most - len(rest)), mode="edge")
    return trend, knots, bend


def _trend(before: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level and size of a power law through `values` [p], and what is left; unknown ones are 0."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(2), np.zeros(len(values))
    design = np.stack([np.ones(len(values)), before], axis=1)
    found = np.linalg.lstsq(design[known], values[known], rcond=1e-9)[0]
    return found, np.interp(-before, -before[known], (values - design @ found)[known])
