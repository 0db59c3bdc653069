"""`fit_surface`: a run table in, a fitted surface with its cross-validated error out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mixenv.runs.table import RunTable
from mixenv.surfaces.fitted import FittedSurface
from mixenv.surfaces.fitted_curves import Curves, fit_curves
from mixenv.surfaces.fitted_error import FitError, scores
from mixenv.surfaces.fitted_gp import (
    Process,
    Runs,
    fit_process,
    matern52,
    squared_distance,
    weights,
)

_FEWEST = 4  # runs that a metric needs
_AGAIN = 10  # iterations of a fold's search, from where that of all runs ended
_END = 0.99  # share of the full length from which a run counts as having reached it


class _Inputs(NamedTuple):
    """Distinct mixtures (square roots) [N, d], each run's position among them, scale and fold."""

    centres: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    scales: int
    fold: np.ndarray


class _Fit(NamedTuple):
    """One term of one metric, in its own unit: lengthscales [d], weights [N, S], levels [S]."""

    length: np.ndarray
    weight: np.ndarray
    level: np.ndarray
    process: Process


def fit_surface(
    table: RunTable, *, metrics: Sequence[str] | None = None, folds: int = 5, iterations: int = 60
) -> FittedSurface:
    """Fit a Gaussian process a metric to the runs of a table, at all its scales together.

    The kernel is Matern-5/2 with a lengthscale a domain on square roots of shares; effects of a
    mixture grow or shrink from scale to scale by a slope of each metric's own (`fitted_gp`). Where
    runs logged curves, two numbers a run are fitted (`fitted_curves`) and any steps can be asked
    for; where every run of a scale is as long, an experiment is one whole run: `steps` has one
    value, the longest, and a scale's run costs its price whatever its own number of steps.

    `metrics` chooses some of the table's; `folds` is of the cross-validation, which leaves out
    mixtures (at every scale) and searches the process's parameters again, 0 for none; `iterations`
    bounds the search. Deterministic. Raises ValueError for a metric that is not there, that fewer
    than four runs have, and for fewer than two folds or more than distinct mixtures.
    """
    table = _usable(_chosen(table, metrics))
    inputs = _inputs(table, folds)
    curves = fit_curves(table)
    k, q = curves.scores.shape[1:]
    fits = [[_fit(inputs, curves.scores[:, m, b], iterations) for b in range(q)] for m in range(k)]
    error = _error(table, inputs, curves, fits, folds)
    timed = bool(np.any(np.diff(curves.knots, axis=1) > 0))
    cost = np.array([np.median(table.step_cost[table.scale == s]) for s in table.scales])
    if not timed:
        cost = cost * curves.full / curves.full.max()
        curves = curves._replace(full=np.full(len(curves.full), curves.full.max()))
    return FittedSurface(
        table=table.name,
        provenance="synthetic" if table.provenance == "synthetic" else "fitted",
        domains=table.domains,
        metric_set=table.metrics,
        scales=table.scales,
        steps=tuple(np.unique(table.steps).tolist()) if timed else (int(curves.full.max()),),
        cost_unit=table.cost_unit,
        runs=len(table.scale),
        centres=inputs.centres,
        length=np.array([[fit.length for fit in row] for row in fits]),
        weight=np.array([[fit.weight for fit in row] for row in fits]),
        level=np.array([[fit.level for fit in row] for row in fits]),
        full=curves.full,
        trend=curves.trend,
        knots=curves.knots,
        bend=curves.bend,
        step_costs=cost,
        error=error,
    )


def _chosen(table: RunTable, metrics: Sequence[str] | None) -> RunTable:
    """The table with some of its metrics."""
    names = [metric.name for metric in table.metrics]
    unknown = [name for name in metrics or () if name not in names]
    if unknown:
        raise ValueError(f"metrics: expected some of {', '.join(names)}, got {unknown[0]!r}")
    if metrics is None:
        return table
    index = [names.index(name) for name in metrics]
    chosen = tuple(table.metrics[i] for i in index)
    return replace(table, metrics=chosen, values=table.values[:, index])


def _usable(table: RunTable) -> RunTable:
    """The table of the runs that have an outcome."""
    known = np.isfinite(table.values)
    has = np.zeros((len(table.scale), len(table.metrics)), dtype=bool)
    np.logical_or.at(has, table.run, known)
    for metric, count in zip(table.metrics, has.sum(axis=0).tolist(), strict=True):
        if count < _FEWEST:
            raise ValueError(
                f"run table {table.name!r}: expected at least {_FEWEST} runs with "
                f"{metric.name!r}, got {count}; fit other metrics with metrics="
            )
    return table.take(np.flatnonzero(has.any(axis=1)))


def _inputs(table: RunTable, folds: int) -> _Inputs:
    shares, centre = np.unique(np.round(table.mixture, 6), axis=0, return_inverse=True)
    if folds and not 2 <= folds <= len(shares):
        raise ValueError(
            f"folds: expected 0, or 2 to {len(shares)} (distinct mixtures), got {folds!r}"
        )
    scale = np.searchsorted(np.array(table.scales), table.scale)
    order = np.random.default_rng(0).permutation(len(shares))
    fold = order[centre.ravel()] % max(folds, 1)
    return _Inputs(np.sqrt(shares), centre.ravel(), scale, len(table.scales), fold)


def _fit(inputs: _Inputs, y: np.ndarray, iterations: int, start: np.ndarray | None = None) -> _Fit:
    """Fit one term y [n] of every run; NaN is left out."""
    known = np.isfinite(y)
    s, count = inputs.scale[known], inputs.scales
    size = np.bincount(s, minlength=count)
    mean = np.bincount(s, y[known], count) / np.maximum(size, 1)
    rest = y[known] - mean[s]
    sd = float(np.sqrt(rest @ rest / max(len(rest) - np.sum(size > 0), 1))) or 1.0
    runs = Runs(inputs.centres[inputs.centre[known]], s, rest / sd, count)
    process = fit_process(runs, start, iterations)
    weight, offset = weights(process, runs)
    folded = np.zeros((len(inputs.centres), count))
    np.add.at(folded, inputs.centre[known], weight * sd)
    return _Fit(process.length, folded, mean + offset * sd, process)


def _error(
    table: RunTable, inputs: _Inputs, curves: Curves, fits: list[list[_Fit]], folds: int
) -> FitError:
    """Cross-validated error of the first terms, that is, at each scale's full length."""
    k, scales = len(table.metrics), inputs.scales
    ended = table.length >= _END * curves.full[inputs.scale]
    r2, spearman, rmse = (np.full((k, scales), np.nan) for _ in range(3))
    runs = np.zeros((k, scales), dtype=np.int64)
    last = np.flatnonzero(np.append(np.diff(table.run), 1))
    for m in range(k):
        y = table.values[last, m] - curves.trend[inputs.scale, m, 0]
        y = y - np.array([curves.bend[s, m, -1] for s in inputs.scale])
        predicted = _held_out(inputs, curves.scores[:, m, 0], fits[m][0], folds)
        for s in range(scales):
            chosen = ended & (inputs.scale == s)
            r2[m, s], spearman[m, s], rmse[m, s] = scores(y[chosen], predicted[chosen])
            runs[m, s] = np.sum(chosen & np.isfinite(y))
    names = tuple(metric.name for metric in table.metrics)
    return FitError(names, table.scales, folds, r2, spearman, rmse, runs)


def _held_out(inputs: _Inputs, y: np.ndarray, fit: _Fit, folds: int) -> np.ndarray:
    """Each run's term as predicted without any run on its mixture."""
    predicted = np.full(len(y), np.nan)
    for fold in range(folds):
        out = inputs.fold == fold
        again = _fit(inputs, np.where(out, np.nan, y), _AGAIN, fit.process.theta)
        x, scaled = inputs.centres[inputs.centre[out]], inputs.centres / again.length
        kernel = matern52(squared_distance(x / again.length, scaled))
        values = kernel @ again.weight + again.level
        predicted[out] = values[np.arange(len(x)), inputs.scale[out]]
    return predicted
