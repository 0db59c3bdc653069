"""Paired differences over random splits of the same runs, which are not independent."""

from __future__ import annotations

import numpy as np
from scipy.stats import t

from benchmarks.statistics import Interval


def difference(first: np.ndarray, second: np.ndarray, held: int, train: int) -> Interval:
    """Mean of second - first [splits] with its 95% interval, corrected for overlapping splits.

    Splits share runs, so their plain variance is too small: it grows by splits x held / train
    (Nadeau and Bengio, Inference for the generalization error, Machine Learning 52, 2003). Raises
    ValueError for fewer than two splits or unequal lengths.
    """
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2:
        raise ValueError(
            f"splits: expected at least two, the same for both, got {first.shape} and "
            f"{second.shape}; play more"
        )
    apart = second - first
    n, centre = len(apart), float(apart.mean())
    spread = float(apart.std(ddof=1)) * (1 / n + held / train) ** 0.5
    half = spread * float(t.ppf(0.975, n - 1))
    return Interval(centre, centre - half, centre + half, n)


def verdict(found: Interval) -> str:
    """In words, from where the interval lies."""
    if found.few:
        return "too few splits"
    if found.low > 0:
        return "smaller scales help"
    return "smaller scales hurt" if found.high < 0 else "not shown"
