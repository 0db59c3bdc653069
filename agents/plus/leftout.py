"""How far off the forecasts of runs near the target are, each made from all other runs."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve

from agents.plus.geometry import Geometry, Points
from agents.plus.outputs import Moments
from agents.plus.posterior import Posterior


def ends(geometry: Geometry, points: Points, runs: np.ndarray) -> np.ndarray:
    """Positions of each run's longest row near the target, among the rows of `runs` [v]."""
    at = points.at[: len(runs)]
    near = np.flatnonzero(geometry.near(points.where)[at])
    by_steps = near[np.argsort(points.where[at[near], 1], kind="stable")]
    longest = {int(runs[row]): int(row) for row in by_steps}
    return np.array(list(longest.values()), dtype=np.int64)


def forecasts(
    posterior: Posterior, values: np.ndarray, runs: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances [M, r], noise included, of rows `ends` [r] without their runs' rows.

    Of values [v, M] and runs [v], from the posterior given all of them: leave-one-out, a run in the
    place of a row (Rasmussen & Williams 2006, section 5.4.2).
    """
    n = len(values)
    found = [
        [_without(root[:n, :n], column, np.flatnonzero(runs == runs[end]), end) for end in ends]
        for root, column in zip(posterior.roots, values.T, strict=True)
    ]
    mean, variance = np.moveaxis(np.array(found), -1, 0)
    return mean, variance


def _without(root: np.ndarray, values: np.ndarray, rows: np.ndarray, end: int) -> list[float]:
    """Mean and variance of one row given all but `rows`, which it is one of."""
    inverse = cho_solve((root, True), np.eye(len(root))[:, rows], check_finite=False)
    covariance = np.linalg.inv(inverse[rows])[rows == end][0]
    mean = values[end] - covariance @ (values @ inverse)
    return [mean, covariance[rows == end][0]]


def scale(expected: Moments, found: np.ndarray, prior: float) -> float:
    """The mean square of the errors, in sds, with `prior` more runs as far off as expected.

    The mean of a conjugate scale of the variance, as in a Student-t process (Shah, Wilson &
    Ghahramani 2014).
    """
    squares = (found - expected.mean) ** 2 / expected.variance
    return float((prior + squares.sum()) / (prior + len(found)))
