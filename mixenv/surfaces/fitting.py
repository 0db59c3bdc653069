"""`fit_surface`: a run table in, a fitted surface with its cross-validated error out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mixenv.runs.table import RunTable
from mixenv.surfaces.fitted import FittedSurface
from mixenv.surfaces.fitted_choice import Rest, check_model, choose, held_out, relative_error
from mixenv.surfaces.fitted_curves import Curves, early, fit_curves
from mixenv.surfaces.fitted_error import FitError, scores
from mixenv.surfaces.fitted_gp import (
    Process,
    Runs,
    fit_process,
    matern52,
    squared_distance,
    weights,
)
from mixenv.surfaces.mlp import Mlp
from mixenv.surfaces.mlp_rows import fit_rows, table_inputs

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


_Fits = list[list[_Fit]]  # metrics, terms


def fit_surface(
    table: RunTable,
    *,
    metrics: Sequence[str] | None = None,
    folds: int = 5,
    iterations: int = 60,
    model: str = "auto",
) -> FittedSurface:
    """Fit a Gaussian process a metric, or a network, to the runs of a table, all scales together.

    The process's kernel is Matern-5/2 with a lengthscale a domain on square roots of shares;
    effects of a mixture grow or shrink from scale to scale by a slope of each metric's own
    (`fitted_gp`). Where runs logged curves, two numbers a run are fitted (`fitted_curves`) and any
    steps can be asked for; there a network on (square roots of shares, log scale, log steps) can
    take the process's place (`mlp_rows`). Where every run of a scale is as long, an experiment is
    one whole run: `steps` has one value, the longest, and a scale's run costs its price whatever
    its own number of steps.

    `model` is "gp", "mlp" (only where there are curves) or "auto": of both the one with the least
    cross-validated error along curves, the process without curves or folds. `error` says which and
    why. `metrics` chooses some of the table's; `folds` is of the cross-validation, which leaves out
    mixtures (at every scale) and searches the process's parameters again, 0 for none; `iterations`
    bounds the search. Deterministic. Raises ValueError for a metric that is not there, that fewer
    than four runs have, for fewer than two folds or more than distinct mixtures, and for a model
    that is not there.
    """
    table = _usable(_chosen(table, metrics))
    inputs = _inputs(table, folds)
    curves = fit_curves(table)
    timed = bool(np.any(np.diff(curves.knots, axis=1) > 0))
    check_model(model, timed)
    models, reason = _candidates(model, timed, folds)
    fits = _processes(inputs, curves, iterations) if "gp" in models else []
    rests = {"gp": _again(inputs, fits), "mlp": _network}
    rows = {name: held_out(table, inputs.fold, folds, rests[name]) for name in models}
    error = _error(table, inputs, curves, rows, reason, folds)
    network = fit_rows(table, curves) if error.model == "mlp" else None
    return _surface(table, inputs, curves, fits if network is None else [], network, error)


def _candidates(model: str, timed: bool, folds: int) -> tuple[tuple[str, ...], str]:
    """The models to fit, the first of them unless another errs less, and why."""
    if model != "auto":
        return (model,), "asked for"
    if timed and folds:
        return ("gp", "mlp"), "the least error of both"
    return ("gp",), "no folds to compare it by" if timed else "there are no curves"


def _surface(
    table: RunTable, inputs: _Inputs, curves: Curves, fits: _Fits, network: Mlp | None,
    error: FitError,
) -> FittedSurface:  # fmt: skip
    """The surface of what was fitted: processes, or a network."""
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
        **_stacked(fits, inputs, len(table.metrics)),
        full=curves.full,
        trend=curves.trend,
        knots=curves.knots,
        bend=curves.bend,
        step_costs=cost,
        error=error,
        network=network,
    )


def _stacked(fits: _Fits, inputs: _Inputs, k: int) -> dict[str, np.ndarray]:
    """Arrays of all processes; none of no process."""
    if not fits:
        (n, d), scales = inputs.centres.shape, inputs.scales
        shapes = {"length": (k, 0, d), "weight": (k, 0, n, scales), "level": (k, 0, scales)}
        return {field: np.zeros(shape) for field, shape in shapes.items()}
    fields = ("length", "weight", "level")
    return {f: np.array([[getattr(fit, f) for fit in row] for row in fits]) for f in fields}


def _processes(inputs: _Inputs, curves: Curves, iterations: int) -> _Fits:
    """Every term of every metric."""
    k, q = curves.scores.shape[1:]
    return [[_fit(inputs, curves.scores[:, m, b], iterations) for b in range(q)] for m in range(k)]


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
    table: RunTable, inputs: _Inputs, curves: Curves, rows: dict[str, np.ndarray], reason: str,
    folds: int,
) -> FitError:  # fmt: skip
    """Cross-validated error at each scale's full length of the model chosen, and the choice."""
    compared = {name: relative_error(table, curves, found) for name, found in rows.items()}
    chosen = choose(compared)
    last = np.flatnonzero(np.append(np.diff(table.run), 1))
    ended = table.steps[last] >= _END * curves.full[inputs.scale[table.run[last]]]
    k, scales = len(table.metrics), inputs.scales
    r2, spearman, rmse = (np.full((k, scales), np.nan) for _ in range(3))
    runs = np.zeros((k, scales), dtype=np.int64)
    for m, s in np.ndindex(k, scales):
        at = last[ended & (inputs.scale[table.run[last]] == s)]
        y = table.values[at, m]
        r2[m, s], spearman[m, s], rmse[m, s] = scores(y, rows[chosen][at, m])
        runs[m, s] = np.isfinite(y).sum()
    names = tuple(metric.name for metric in table.metrics)
    known = {name: error for name, error in compared.items() if np.isfinite(error)}
    return FitError(
        names, table.scales, folds, r2, spearman, rmse, runs, chosen, reason, known
    )  # fmt: skip


def _again(inputs: _Inputs, fits: _Fits) -> Rest:
    """What processes predict, their parameters searched anew from where they are."""

    def rest(table: RunTable, curves: Curves) -> np.ndarray:
        q = curves.scores.shape[2]
        terms = np.zeros((len(fits), q, len(table.scale)))
        for m, b in np.ndindex(len(fits), q):
            fit = _fit(inputs, curves.scores[:, m, b], _AGAIN, fits[m][b].process.theta)
            terms[m, b] = _predict(inputs, fit)
        before = early(table.steps, curves.full[inputs.scale[table.run]])
        basis = np.stack([np.ones_like(before), before])[:q]
        return np.einsum("kqm,qm->mk", terms[..., table.run], basis)

    return rest


def _predict(inputs: _Inputs, fit: _Fit) -> np.ndarray:
    """The term [n] of every run."""
    scaled = inputs.centres / fit.length
    values = matern52(squared_distance(scaled, scaled)) @ fit.weight + fit.level
    return values[inputs.centre, inputs.scale]


def _network(table: RunTable, curves: Curves) -> np.ndarray:
    """What a network predicts."""
    return fit_rows(table, curves).predict(table_inputs(table))
