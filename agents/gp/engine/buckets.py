"""Sizes of padded data, and how many starts a fit of each has: both fixed, so each compiles once."""

from __future__ import annotations

import numpy as np

from agents.gp.data import bucket as sized
from agents.gp.engine.kernel import origin

SMALLEST, STRIDE = 64, 128
_WORK, _MOST = 256, 4
_SPREAD = 1.0  # of random starts, in logarithms


def bucket(n: int) -> int:
    """The padded size of `n` observations: 64, 128, 256, then multiples of 128 up to 1 024.

    Below 64 rows a call costs what it takes to make it. Raises ValueError above 1 024.
    """
    size = max(SMALLEST, sized(n))
    return size if size <= 256 else -(-size // STRIDE) * STRIDE


def restarts(size: int) -> int:
    """Starts of a fit: 4 with 64 rows, 2 with 128, then 1, while several optima are likely."""
    return min(_MOST, max(1, _WORK // size))


def starts(last: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Free parameters [r, p] to start from: the last ones, the origin, and around the origin."""
    begin = origin(len(last) - 3)
    around = begin + _SPREAD * rng.normal(size=(_MOST - 2, len(last)))
    return np.concatenate([last[None], begin[None], around])[: restarts(size)]
