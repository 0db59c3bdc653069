"""The identity of mixtures, batched: shares in, whole millionths out (see simplex.millionths).

Domains come first here: sums over a leading axis are the quick ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from mixenv.simplex import PARTS, UNITS, tie_bits


def millionths(shares: Any, xp: Any = np) -> Any:
    """Whole millionths [d, ...] (uint32) that sum to a million, of shares [d, ...]."""
    units = shares.clip(0.0, 2.0)  # none is that large: NumPy is slow where one bound is missing
    units *= UNITS
    units = xp.rint(units)
    words, rest = _divide(units) if xp is np else _divide_narrow(units)
    missing = PARTS - words.sum(axis=0, dtype=np.uint32)
    shift, bits = tie_bits(len(words))
    order = (rest >> np.uint32(shift) if shift else rest) << np.uint32(bits)
    order += _backwards(len(words), rest.ndim)
    rank = _rank(order, xp)
    words += rank < missing.astype(rank.dtype)
    return words


@lru_cache(maxsize=64)
def _backwards(d: int, ndim: int) -> np.ndarray:
    """d - 1 to 0, a column: of equal remainders the first comes first."""
    return column(np.arange(d, dtype=np.uint32)[::-1], ndim)


def _rank(order: Any, xp: Any) -> Any:
    """How many [d, ...] of different numbers [d, ...] are larger."""
    larger = order[:, None] > order
    if xp is np:
        larger = larger.view(np.int8)  # added up four times sooner than booleans
    return larger.sum(axis=0, dtype=np.min_scalar_type(-len(order)))


def column(values: np.ndarray, ndim: int) -> np.ndarray:
    """Values [d] as [d, 1, ...] of `ndim` axes."""
    return values.reshape(-1, *(1,) * (ndim - 1))


def _divide(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Millionths of the sum, rounded down, and the remainders, both uint32.

    Whole numbers below 2**53, and quotients that lie 2**-29 or more from the next one: floating
    point is exact here, and quicker than division of integers.
    """
    whole = units.sum(axis=0)
    units *= PARTS
    words = units / whole
    np.floor(words, out=words)
    units -= words * whole
    # All are below 2**31: NumPy converts to signed integers twice as soon.
    return words.astype(np.int32).view(np.uint32), units.astype(np.int32).view(np.uint32)


def _divide_narrow(units: Any) -> tuple[Any, Any]:
    """The same digit by digit: JAX has no 64-bit words unless told to."""
    rest = units.astype(np.uint32)
    whole = rest.sum(axis=0, dtype=np.uint32)
    words = rest * np.uint32(0)
    for _ in range(len(str(PARTS)) - 1):
        rest = rest * np.uint32(10)
        digit = rest // whole
        rest = rest - digit * whole
        words = words * np.uint32(10) + digit
    return words, rest
