"""Synthetic scores whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import norm, trim_mean

Draw = Callable[[np.random.Generator, int], np.ndarray]
SPREAD = 0.25  # sd of log scores that an agent has of its own; what a seed shares is as large
_SIGMA = 0.5  # of regrets on several tasks
_GRID = 20_000


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Standard normal scores [n]; mean and median 0."""
    return rng.normal(size=n)


def lognormal(sigma: float) -> Draw:
    """Scores [n] of median 1 and mean exp(sigma^2 / 2)."""
    return lambda rng, n: rng.lognormal(0.0, sigma, size=n)


def regrets(tasks: int) -> tuple[Draw, float]:
    """Lognormal scores [tasks x n], each task of another size, and their interquartile mean."""
    sizes = np.geomspace(0.5, 2.0, tasks)[:, None] if tasks > 1 else np.ones((1, 1))
    many = sizes * np.exp(_SIGMA * norm.ppf((np.arange(_GRID) + 0.5) / _GRID))
    return (
        lambda rng, n: (sizes * rng.lognormal(0.0, _SIGMA, size=(tasks, n))).ravel(),
        float(trim_mean(many.ravel(), 0.25)),
    )


def episodes(p: float) -> Draw:
    """Shares [n] of 64 predictions that hold, each episode with a rate of its own around p."""
    return lambda rng, n: rng.binomial(64, rng.beta(8 * p, 8 * (1 - p), size=n)) / 64


def paired(
    rng: np.random.Generator,
    means: Sequence[float],
    spreads: Sequence[float],
    shape: tuple[int, int],
) -> np.ndarray:
    """Lognormal scores [agents, tasks, seeds] of given means; agents share a part of a seed's.

    `shape`: tasks and seeds. `spreads`: sd of an agent's own part of the logarithm.
    """
    own = np.array(spreads)[:, None, None]
    logs = rng.normal(size=shape) * SPREAD + rng.normal(size=(len(means), *shape)) * own
    return np.array(means)[:, None, None] * np.exp(logs - (own**2 + SPREAD**2) / 2)
