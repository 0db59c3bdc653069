"""The exact posterior of independent outputs, in NumPy: it needs no slope, so no compilation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from agents.plus import kernel
from agents.plus.geometry import Points
from agents.plus.kernel import ByFidelity, ByMixture
from agents.plus.priors import Hyper

_LEAST = 1e-12


class Posterior(NamedTuple):
    """Given rows at `points`; the last of them may be pending, without a value.

    A pending row lowers variances as its outcome will and moves no mean.
    """

    hypers: tuple[Hyper, ...]  # of each output
    points: Points  # [n]
    roots: list[np.ndarray]  # lower factors [n, n]
    weights: list[np.ndarray]  # [n], 0 for pending rows
    jitter: float  # on the diagonal, the largest that an output needed


def condition(
    hypers: tuple[Hyper, ...],
    points: Points,
    level: np.ndarray,
    run: np.ndarray,
    values: np.ndarray,
    jitter: float,
) -> Posterior:
    """The posterior given values [v, M] of the first v of the rows at `points` [n], n >= v."""
    roots, weights, most = [], [], jitter
    for hyper, column in zip(hypers, values.T, strict=True):
        noisy = covariance(hyper, points, points) + kernel.noise(hyper, level, run, np)
        root, used = factor(noisy, jitter)
        known = root[: len(column), : len(column)]
        solved = solve_triangular(known, column, lower=True, check_finite=False)
        solved = solve_triangular(known, solved, lower=True, trans=1, check_finite=False)
        roots.append(root)
        weights.append(np.pad(solved, (0, len(root) - len(column))))
        most = max(most, used)
    return Posterior(hypers, points, roots, weights, most)


def mean(posterior: Posterior, points: Points) -> np.ndarray:
    """Posterior means [M, a]."""
    known = zip(posterior.hypers, posterior.weights, strict=True)
    if len(points.where) == 1:
        means = [_mean_at_one(h, points, posterior.points, w) for h, w in known]
        return np.stack(means)[:, points.which]
    return np.stack([covariance(h, points, posterior.points) @ w for h, w in known])


def whiten(posterior: Posterior, points: Points) -> list[np.ndarray]:
    """L^-1 k [n, a] of each output: squares and products of its columns are variance explained."""
    known = zip(posterior.hypers, posterior.roots, strict=True)
    return [
        solve_triangular(
            root, covariance(hyper, posterior.points, points), lower=True, check_finite=False
        )
        for hyper, root in known
    ]


def variance(posterior: Posterior, points: Points, white: list[np.ndarray]) -> np.ndarray:
    """Posterior variances [M, a], noise-free."""
    prior = np.stack([_diagonal(hyper, points) for hyper in posterior.hypers])
    explained = np.stack([(columns**2).sum(0) for columns in white])
    return np.maximum(prior - explained, _LEAST)


def between(
    posterior: Posterior,
    a: Points,
    white_a: list[np.ndarray],
    b: Points,
    white_b: list[np.ndarray],
) -> np.ndarray:
    """Posterior covariances [M, a, b], noise-free."""
    known = zip(posterior.hypers, white_a, white_b, strict=True)
    return np.stack([covariance(hyper, a, b) - wa.T @ wb for hyper, wa, wb in known])


def covariance(hyper: Hyper, a: Points, b: Points) -> np.ndarray:
    """The prior's covariance [a, b]; each part computed on distinct mixtures or fidelities only."""
    matern, linear = _mixtures(hyper, a, b)
    of_matern, of_linear, level = kernel.factors(hyper, _fidelities(hyper, a, b))
    pair = a.which[:, None], b.which[None]
    place = _at(a)[:, None], _at(b)[None]
    found = matern[pair] * of_matern[place]
    found += linear[pair] * of_linear[place]
    found += level[place]
    return found


def _mean_at_one(hyper: Hyper, a: Points, b: Points, weights: np.ndarray) -> np.ndarray:
    """Means [m] of the mixtures of `a`, at its one fidelity: rows of one mixture added up first."""
    matern, linear = _mixtures(hyper, a, b)
    parts = kernel.factors(hyper, _fidelities(hyper, a, b))
    of_matern, of_linear, level = (part[0, b.at] * weights for part in parts)

    def total(row: np.ndarray) -> np.ndarray:
        return np.bincount(b.which, weights=row, minlength=len(b.shares))

    return matern @ total(of_matern) + linear @ total(of_linear) + level.sum()


def _mixtures(hyper: Hyper, a: Points, b: Points) -> ByMixture:
    return kernel.by_mixture(hyper, a.coordinates, b.coordinates, a.shares, b.shares, np)


def _fidelities(hyper: Hyper, a: Points, b: Points) -> ByFidelity:
    return kernel.by_fidelity(hyper, a.where, b.where, np)


def _at(points: Points) -> np.ndarray:
    """Each point's fidelity; where all have the same, one that broadcasts."""
    return points.at if len(points.where) > 1 else np.zeros(1, dtype=np.int64)


def _diagonal(hyper: Hyper, points: Points) -> np.ndarray:
    """Prior variances [a]."""
    centred = points.shares - 1 / points.shares.shape[1]
    linear = hyper.linear * (centred**2).sum(-1)
    loaded = (kernel.loadings(hyper, kernel.bent(hyper, points.where, np), np) ** 2).sum(-1)
    trend = hyper.trend * (kernel.trend(points.where, np) ** 2).sum(-1)
    mixtures = ByMixture(hyper.matern, linear[points.which])
    fidelities = ByFidelity(loaded[points.at], 1.0, trend[points.at], 1.0)
    return kernel.combine(hyper, mixtures, fidelities)


def factor(matrix: np.ndarray, jitter: float) -> tuple[np.ndarray, float]:
    """The lower Cholesky factor, and the jitter it took: ten times more until one is found.

    `matrix` is overwritten with the jitter on its diagonal. Raises LinAlgError where none helps.
    """
    diagonal = np.arange(len(matrix))
    largest = float(np.abs(matrix[diagonal, diagonal]).max(initial=1.0))
    added = 0.0
    while jitter <= largest:
        matrix[diagonal, diagonal] += jitter - added
        added = jitter
        try:
            return cholesky(matrix, lower=True, check_finite=False), jitter
        except LinAlgError:
            jitter *= 10
    raise LinAlgError(
        "covariance: expected finite numbers and no large negative eigenvalue, got "
        f"{np.isnan(matrix).sum()} NaN in {matrix.shape}; check what was told"
    )
