"""Which model a fitted surface has: errors over rows held out by mixture, and the choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mixenv.runs.table import RunTable
from mixenv.surfaces.fitted_curves import Curves, common, fit_curves

MODELS = ("auto", "gp", "mlp")
Rest = Callable[[RunTable, Curves], np.ndarray]


def check_model(model: str, curves: bool) -> None:
    """Raise ValueError for a model that is not there, or not for a table without curves."""
    known = MODELS if curves else ("auto", "gp")
    if model not in known:
        why = "" if curves else " (no run logged a curve, which the network is for)"
        raise ValueError(f"model: expected one of {', '.join(known)}{why}, got {model!r}")


def held_out(table: RunTable, fold: np.ndarray, folds: int, rest: Rest) -> np.ndarray:
    """Every row [m, k] as predicted without any run of its fold; `fold` [n] is that of runs.

    `rest` takes the table with the fold's outcomes NaN, and its common curves, to what all rows
    have besides. A row is NaN where no run of its scale and metric was left.
    """
    s = np.searchsorted(np.array(table.scales), table.scale)[table.run]
    found = np.full(table.values.shape, np.nan)
    for f in range(folds):
        out = fold[table.run] == f
        kept = replace(table, values=np.where(out[:, None], np.nan, table.values))
        curves = fit_curves(kept)
        predicted = common(curves, s, table.steps) + rest(kept, curves)
        left = np.zeros((len(table.scales), predicted.shape[1]), dtype=bool)
        np.logical_or.at(left, s, np.isfinite(kept.values))
        found[out] = np.where(left[s], predicted, np.nan)[out]
    return found


def relative_error(table: RunTable, curves: Curves, predicted: np.ndarray) -> float:
    """Root mean square error over rows and metrics, in sds of what common curves leave.

    1 is what the common curves alone, fitted to all runs, would have; NaN without a pair.
    """
    s = np.searchsorted(np.array(table.scales), table.scale)[table.run]
    left = table.values - common(curves, s, table.steps)
    known = np.isfinite(left) & np.isfinite(predicted)
    size = np.maximum(known.sum(axis=0), 1)
    sd = np.sqrt((np.where(known, left, 0.0) ** 2).sum(axis=0) / size)
    wrong = np.where(known, predicted - table.values, 0.0) / np.where(sd > 0, sd, 1.0)
    return float(np.sqrt((wrong**2).sum() / known.sum())) if known.any() else np.nan


def choose(errors: dict[str, float]) -> str:
    """The model with the least error; the first where none is less."""
    return min(errors, key=lambda name: np.inf if np.isnan(errors[name]) else errors[name])
