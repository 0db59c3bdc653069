"""How often what an agent's `predict` promises holds: coverage of its intervals, log density.

One cluster is one episode: its predictions share a model, so that episodes are what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from benchmarks.statistics.interval import Interval, mean, share

LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Coverage:
    """Share of truths inside intervals of each level, and mean log density, nats a prediction.

    `missing`: share of predictions that were not finite, or had no positive sd.
    """

    levels: dict[float, Interval]
    log_density: Interval
    missing: float


def coverage(mu: np.ndarray, sd: np.ndarray, truth: np.ndarray, seeds: int) -> Coverage:
    """Coverage by predictions [clusters, m] of truths, as normal intervals; all in sd units.

    A prediction that is missing covers nothing, and has no part in the log density.
    Raises ValueError where shapes differ.
    """
    if mu.ndim != 2 or not mu.shape == sd.shape == truth.shape or not mu.size:
        raise ValueError(
            f"predictions: expected mean, sd and truth of one shape [clusters, m], got {mu.shape}, "
            f"{sd.shape} and {truth.shape}"
        )
    there = np.isfinite(mu) & np.isfinite(sd) & (sd > 0)
    safe = np.where(there, sd, 1.0)
    z = np.where(there, (truth - np.where(there, mu, 0.0)) / safe, np.inf)
    inside = {q: (np.abs(z) <= norm.ppf((1 + q) / 2)).mean(axis=1) for q in LEVELS}
    levels = {q: share(found, seeds) for q, found in inside.items()}
    missing = float(1 - there.mean())
    return Coverage(levels, _density(z, safe, there, seeds), missing)


def _density(z: np.ndarray, sd: np.ndarray, there: np.ndarray, seeds: int) -> Interval:
    """Mean log density over clusters, of predictions that are there."""
    kept = there.any(axis=1)
    if not kept.any():
        return Interval(float("nan"), float("nan"), float("nan"), seeds)
    logs = np.where(there, norm.logpdf(np.where(there, z, 0.0)) - np.log(sd), 0.0)
    found = mean(logs[kept].sum(axis=1) / there[kept].sum(axis=1))
    return Interval(found.value, found.low, found.high, seeds)
