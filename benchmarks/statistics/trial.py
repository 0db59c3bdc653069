"""How often an interval covers, and a comparison speaks, over many synthetic samples."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from benchmarks.statistics.comparison import compare, holm
from benchmarks.statistics.interval import Interval
from benchmarks.statistics.synthetic import SPREAD, Draw, paired


def covered(
    draw: Draw,
    truth: float,
    interval: Callable[[np.ndarray], Interval],
    *,
    draws: int,
    seeds: int,
    seed: int = 0,
) -> float:
    """Share of `draws` samples of `seeds` scores whose interval has the truth inside."""
    rng = np.random.default_rng([seed, seeds])
    found = (interval(draw(rng, seeds)) for _ in range(draws))
    return float(np.mean([i.low <= truth <= i.high for i in found]))


def flagged(
    factor: float,
    spreads: tuple[float, float] = (SPREAD, SPREAD),
    *,
    draws: int,
    seeds: int,
    tasks: int = 1,
    seed: int = 0,
) -> float:
    """Share of `draws` paired samples in which two agents' regrets are told apart.

    Lognormal regrets, of means 1 and `factor` >= 1 on every task, averaged over tasks. Where the
    second is worse, only the first's being better counts.
    """
    rng, found = np.random.default_rng([seed, seeds, 1]), 0
    said = "A is better" if factor > 1 else "is better"
    for _ in range(draws):
        one, other = paired(rng, (1.0, factor), spreads, (tasks, seeds)).mean(axis=1)
        found += said in compare(one, other).verdict
    return found / draws


def family(agents: int, *, draws: int, seeds: int, seed: int = 0) -> float:
    """Share of tables of equal agents in which Holm's correction lets any pair through."""
    rng, wrong = np.random.default_rng([seed, seeds, 2]), 0
    for _ in range(draws):
        scores = paired(rng, [1.0] * agents, [SPREAD] * agents, (1, seeds))[:, 0]
        found = holm([compare(a, b) for a, b in combinations(scores, 2)])
        wrong += any("is better" in c.verdict for c in found)
    return wrong / draws
