"""Sizes of padded data, and what a fit and a search of each size have: fixed, to compile once."""

from __future__ import annotations

import numpy as np

from agents.gp.data import bucket as sized
from agents.gp.engine.kernel import origin

SMALLEST, STRIDE = 64, 128
_FEW = 64


def bucket(n: int) -> int:
    """The padded size of `n` observations: 64, 128, 256, then multiples of 128 up to 1 024.

    Below 64 rows a call costs what it takes to make it. Raises ValueError above 1 024.
    """
    size = max(SMALLEST, sized(n))
    return size if size <= 256 else -(-size // STRIDE) * STRIDE


def screened(size: int) -> int:
    """Points that a search scores a round: fewer where a point costs the most."""
    return 384 if size <= 256 else 192


def starts(last: np.ndarray, size: int) -> np.ndarray:
    """Free parameters [r, p] to start from: the last ones and, with 64 rows, also the origin.

    While data are few several optima are likely, and a descent costs little.
    """
    return np.stack([last, origin(len(last) - 3)] if size <= _FEW else [last])
