"""The identity of mixtures, batched: shares in, whole millionths out (see simplex.millionths).

Domains come first here: sums over a leading axis are the quick ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.simplex import PARTS, UNITS, tie_bits

_SORTED = 12  # domains above which NumPy sorts sooner than it compares all pairs


def millionths(shares: Any, xp: Any = np) -> Any:
    """Whole millionths [d, ...] (uint32) that sum to a million, of shares [d, ...]."""
    units = xp.rint(xp.maximum(shares, 0.0) * UNITS)
    words, rest = _divide(units) if xp is np else _divide_narrow(units)
    missing = PARTS - words.sum(axis=0)
    d = len(words)
    shift, bits = tie_bits(d)
    later = np.arange(d, dtype=rest.dtype)[::-1].reshape(d, *(1,) * (rest.ndim - 1))
    high = rest // 2**shift if shift else rest
    order = high * 2**bits + later  # all different
    return (words + _largest(order, missing, xp)).astype(np.uint32)


def _largest(order: Any, many: Any, xp: Any) -> Any:
    """Which [d, ...] are among the `many` [...] largest of different numbers [d, ...]."""
    d = len(order)
    if xp is np and d > _SORTED and order.ndim == 2:
        ascending = np.full((order.shape[1], d + 1), np.inf)
        ascending[:, :d] = np.sort(order.T.copy(), axis=-1)
        return order >= ascending[np.arange(order.shape[1]), d - many.astype(np.int64)]
    rank = (order[0] > order).astype(np.int16)  # how many come before
    for one in order[1:]:
        rank += one > order
    return rank < many


def _divide(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Millionths of the sum, rounded down, and the remainders.

    Whole numbers below 2**53, and quotients that lie 2**-29 or more from the next one: floating
    point is exact here, and quicker than division of integers.
    """
    whole = units.sum(axis=0)
    parts = units * PARTS
    words = np.floor(parts / whole)
    return words, parts - words * whole


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
