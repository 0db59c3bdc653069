"""What many tasks' runs say together: interquartile mean, performance profile, improvement.

Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice (arXiv
2108.13264), their bootstrap stratified by task. One array of values a task; lower is better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import trim_mean

from benchmarks.statistics.interval import Band, Interval, wilson
from benchmarks.statistics.resample import RESAMPLES, draws, ends, weights

_BATCH = 100  # resamples at once, so that a thousand seeds a task fit into memory


def interquartile_mean(groups: Sequence[np.ndarray]) -> Interval:
    """Mean of the middle half of all runs of all tasks. Raises ValueError for an empty group."""
    _check(groups)
    picks = [draws(len(values), stream) for stream, values in enumerate(groups)]
    resampled = [
        trim_mean(_joined(groups, [p[i : i + _BATCH] for p in picks]), 0.25, axis=-1)
        for i in range(0, RESAMPLES, _BATCH)
    ]
    value = float(trim_mean(np.concatenate(groups), 0.25))
    return Interval(value, *ends(np.concatenate(resampled)), _seeds(groups))


def profile(groups: Sequence[np.ndarray], taus: np.ndarray) -> Band:
    """Share of runs with a value at or under each of `taus` [k]; pointwise intervals.

    Wilson's ends of each task's share, their distances added in squares over tasks (Zou and
    Donner 2008): a bootstrap of a share of 0 or 1 is a point.
    """
    _check(groups)
    value, below, above = np.zeros((3, len(taus)))
    for values in groups:
        weight = len(values) / sum(map(len, groups))
        p = np.mean(values[:, None] <= taus, axis=0)
        low, high = wilson(p, len(values))
        value += weight * p
        below += (weight * (p - low)) ** 2
        above += (weight * (high - p)) ** 2
    low, high = value - np.sqrt(below), value + np.sqrt(above)
    return Band(np.asarray(taus, dtype=float), value, low, high, _seeds(groups))


def improvement(groups: Sequence[np.ndarray], against: Sequence[np.ndarray]) -> Interval:
    """Probability that a run is better than one of another agent; mean over tasks, ties half.

    Mann and Whitney's U over the number of pairs. The two agents are resampled independently.
    """
    _check([*groups, *against])
    value, resampled = 0.0, np.zeros(RESAMPLES)
    for i, (mine, theirs) in enumerate(zip(groups, against, strict=True)):
        wins = (mine[:, None] < theirs) + 0.5 * (mine[:, None] == theirs)
        value += float(wins.mean()) / len(groups)
        left, right = weights(len(mine), 2 * i), weights(len(theirs), 2 * i + 1)
        resampled += np.sum(left @ wins * right, axis=1) / len(groups)
    return Interval(value, *ends(resampled), _seeds([*groups, *against]))


def _joined(groups: Sequence[np.ndarray], picks: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([v[p] for v, p in zip(groups, picks, strict=True)], axis=-1)


def _seeds(groups: Sequence[np.ndarray]) -> int:
    return min(map(len, groups))


def _check(groups: Sequence[np.ndarray]) -> None:
    sizes = [len(values) for values in groups]
    if not sizes or not min(sizes):
        raise ValueError(
            f"groups: expected at least one task, each with at least one run, got runs {sizes}; "
            "leave out tasks without records"
        )
