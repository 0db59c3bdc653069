"""The mixture of the least predictive mean: the best of many, refined by random moves."""

from __future__ import annotations

import numpy as np

from agents.sequence.view import View
from mixenv import simplex

_RADII = (0.06, 0.03, 0.015)
_POINTS, _TRIALS = 8, 63  # each with itself: 512 at once


def least(
    view: View, mixtures: np.ndarray, cap: float | None, rng: np.random.Generator
) -> np.ndarray:
    """Of mixtures [m, d] and moves from the best of them, the one [d] of the least mean.

    `cap` on a share; None where only these mixtures can be had.
    """
    value = view.target(mixtures)
    best = mixtures[np.argsort(value, kind="stable")[:_POINTS]]
    if cap is None:
        return best[0].copy()
    for radius in _RADII:
        moved = np.repeat(best, _TRIALS, axis=0)
        moved = simplex.project(moved + rng.normal(size=moved.shape) * radius, cap)
        tried = np.concatenate([best, moved])
        best = tried[np.argsort(view.target(tried), kind="stable")[:_POINTS]]
    return best[0].copy()
