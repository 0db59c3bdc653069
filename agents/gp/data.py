"""Observations as padded arrays: `n` rows in a bucket of `N`, the rest masked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

LARGEST = 1024
_SMALLEST, _DOUBLING, _STRIDE = 16, 256, 64


class Data(NamedTuple):
    """Padded observations; `x`'s columns are the shares, then the scale, then the steps."""

    x: Any  # [N, d + 2] features
    y: Any  # [N] standardised values, 0 where padded
    mask: Any  # [N] 1 for an observation, 0 for padding


def bucket(n: int) -> int:
    """The padded size for `n` observations: a power of two up to 256, then multiples of 64.

    Raises ValueError above 1 024.
    """
    if n > LARGEST:
        raise ValueError(
            f"observations: expected at most {LARGEST}, got {n}; choose which to keep (agents.gp."
            "data.keep)"
        )
    size = _SMALLEST
    while size < n:
        size += size if size < _DOUBLING else _STRIDE
    return size


def pad(x: np.ndarray, y: np.ndarray, size: int | None = None) -> Data:
    """Pad features [n, d + 2] and values [n] to `size` rows, by default to their bucket."""
    n = len(y)
    extra = (bucket(n) if size is None else size) - n
    return Data(
        np.pad(x, ((0, extra), (0, 0))), np.pad(y, (0, extra)), np.pad(np.ones(n), (0, extra))
    )


def keep(values: np.ndarray, most: int = LARGEST) -> np.ndarray:
    """Positions, ascending, of the observations to keep: all of `values` [n] up to `most`.

    Above that the latest half of `most`, and of the earlier ones the best (least).
    """
    n = len(values)
    if n <= most:
        return np.arange(n)
    recent = n - most // 2
    best = np.argsort(values[:recent], kind="stable")[: most - most // 2]
    return np.concatenate([np.sort(best), np.arange(recent, n)])


def standardise(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values [n] to mean 0 and sd 1, with the mean and sd used (sd 1 where all are equal)."""
    mean, sd = float(values.mean()), float(values.std())
    sd = sd if sd > 1e-12 * max(1.0, abs(mean)) else 1.0
    return (values - mean) / sd, mean, sd
