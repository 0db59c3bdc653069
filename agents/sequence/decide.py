"""Decisions from draws: which candidate, and at which fidelity. Lower is better.

D draws, C candidates, Q experiments considered. A draw is a column of predictive means at the end
of an imagined sequence (multi-step), or of one predictive distribution (single-step).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The two parts [C] of the predictive variance: of means between draws, and within draws."""

    epistemic: np.ndarray
    aleatoric: np.ndarray


def split(mean: np.ndarray, sd: np.ndarray) -> Split:
    """What more data would remove, and what it would not, from draws' means and sds [D, C]."""
    return Split(mean.var(axis=0, ddof=1), (sd**2).mean(axis=0))


def multi(mean: np.ndarray) -> int:
    """Thompson sampling by one multi-step draw: its least mean [C]."""
    return int(np.argmin(mean))


def single(mean: np.ndarray, sd: np.ndarray, rng: np.random.Generator) -> int:
    """One draw of the predictive distribution, noise and all, at each candidate: the least."""
    return int(np.argmin(mean + sd * rng.standard_normal(len(mean))))


def greedy(mean: np.ndarray) -> int:
    """The least predictive mean."""
    return int(np.argmin(mean))


def ucb(mean: np.ndarray, sd: np.ndarray, width: float) -> int:
    """The least of mean - width sd (a confidence bound; the lower one, as less is better)."""
    return int(np.argmin(mean - width * sd))


def gain(target: np.ndarray, mean: np.ndarray, aleatoric: np.ndarray) -> np.ndarray:
    """Variance of `target` [D] that an outcome of each experiment would remove [Q].

    cov^2 / (epistemic + aleatoric) of draws' means [D, Q] and the noise variance [Q].
    """
    away, each = target - target.mean(), mean - mean.mean(0)
    covariance = away @ each / (len(target) - 1)
    return covariance**2 / (each.var(axis=0, ddof=1) + aleatoric)
