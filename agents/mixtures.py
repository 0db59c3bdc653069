"""Mixtures that a problem allows at a scale: drawn, and made to fit."""

from __future__ import annotations

import numpy as np

from mixenv import simplex
from mixenv.problem import Problem


def draw(problem: Problem, scale: float, rng: np.random.Generator, count: int) -> np.ndarray:
    """`count` mixtures [count, d], uniform over those allowed at a scale."""
    pool = recorded(problem, scale)
    if pool is None:
        return problem.region.sample(rng, count)
    return pool[rng.integers(len(pool), size=count)]


def fit(problem: Problem, mixture: np.ndarray, scale: float) -> np.ndarray:
    """The allowed mixture nearest to `mixture` [..., d]: projected on the cap, or recorded.

    Of recorded mixtures the one of least total variation.
    """
    pool = recorded(problem, scale)
    if pool is None:
        return mixture if _inside(problem, mixture) else simplex.project(mixture, problem.max_share)
    apart = np.abs(np.asarray(mixture)[..., None, :] - pool).sum(axis=-1)
    return pool[apart.argmin(axis=-1)]


def recorded(problem: Problem, scale: float) -> np.ndarray | None:
    """The recorded mixtures [n, d] of a scale, at the target those that reach it; None off pools.

    Each once.
    """
    if scale not in problem.pools:
        return None
    if scale == problem.target[0]:
        return _distinct(problem.region.reference())
    return _distinct(problem.pools[scale])


def _inside(problem: Problem, mixture: np.ndarray) -> bool:
    """Whether mixtures [..., d] lie in the region as they are, rounding aside."""
    whole = np.abs(mixture.sum(axis=-1) - 1).max(initial=0) < 1e-9
    return bool(whole and mixture.min() >= 0 and mixture.max() <= problem.max_share + 1e-12)


def _distinct(rows: np.ndarray) -> np.ndarray:
    _, first = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(first)]
