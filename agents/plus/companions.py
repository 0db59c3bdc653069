"""Metrics measured beside a noisy objective: what they tell of it, and the rest.

An accuracy is counted on a few thousand questions. The losses of the same run have far less noise,
and most of what a mixture does to the accuracy shows in them too. So the objective is taken apart
into a weighted sum of losses and what remains, each with a Gaussian process of its own. That holds
exactly in every row whatever the weights are: poor ones help less, and bias nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.plus import kernel
from agents.plus.geometry import Geometry
from agents.plus.rows import Rows

_CLOSE = 1 / 8  # a row's weight is its compute over the target's, to this power
_RIDGES = (1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # times the number of rows
_RIDGE = 1e-3  # of the trend
_DEAR = 1.5  # what a degree of freedom counts for in the choice of a ridge


def separate(rows: Rows, weights: np.ndarray) -> Rows:
    """Rows whose values [n, 2] are the weighted companions, and the objective less that.

    Values [n, 1 + c] come in as the objective, then its companions.
    """
    objective, companions = rows.values[:, 0], rows.values[:, 1:]
    told = np.where(weights == 0, 0.0, companions) @ weights
    return replace(rows, values=np.stack([told, objective - told], axis=1))


def usable(rows: Rows, weights: np.ndarray) -> bool:
    """Whether every companion that counts is finite in every row."""
    return bool(np.isfinite(rows.values[:, 1:][:, weights != 0]).all())


def regress(rows: Rows, geometry: Geometry) -> np.ndarray:
    """Weights [c] of the companions that explain the objective; 0 for one that is not finite.

    Ridge regression beside a quadratic trend in log scale and log steps, rows near the target
    counting more; the ridge by generalised cross-validation (Golub, Heath & Wahba 1979).
    """
    known = np.atleast_1d(np.isfinite(rows.values).all(axis=0))
    weights = np.zeros(rows.values.shape[1] - 1)
    if not known[1:].any():
        return weights
    values = _less_trend(rows, rows.values[:, known], geometry)
    spread = values[:, 1:].std(axis=0) + 1e-12
    weights[known[1:]] = _ridge(values[:, 1:] / spread, values[:, 0]) / spread
    return weights


def _less_trend(rows: Rows, values: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Values [n, m], weighted by closeness, less what a weighted trend explains."""
    points = geometry.points(rows.mixtures, rows.scales, rows.steps)
    close = np.exp(_CLOSE / 2 * geometry.ratio(rows.scales, rows.steps).sum(-1))[:, None]
    terms, values = close * kernel.trend(points.where[points.at], np), close * values
    gram = terms.T @ terms + _RIDGE * np.eye(terms.shape[1])
    return values - terms @ np.linalg.solve(gram, terms.T @ values)


def _ridge(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coefficients [c] of the ridge with the least cross-validated error."""
    left, size, right = np.linalg.svd(x, full_matrices=False)
    n, turned = len(y), left.T @ y
    trend = kernel.trend(np.zeros((1, 2)), np).shape[1]

    def error(ridge: float) -> float:
        kept = size**2 / (size**2 + ridge * n)
        rest = y - left @ (kept * turned)
        return float((rest**2).sum() / max(n - _DEAR * (kept.sum() + trend), 1.0) ** 2)

    chosen = min(_RIDGES, key=error)
    return right.T @ (size / (size**2 + chosen * n) * turned)
