"""Statistics over seeds: medians with intervals, and ratios of medians under censoring.

Intervals are 95% percentile bootstraps: a median's jackknife is degenerate, which BCa needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
FEW = 10  # seeds under which an interval is not to be trusted
LEAST_COST = 0.01  # target runs: cheaper than that counts as that, so that ratios stay finite
PENALTY = 2.0  # a seed of the agent under test that never arrives counts as so many budgets


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95% interval, over `seeds` seeds."""

    value: float
    low: float
    high: float
    seeds: int


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs to one threshold, one a seed [n]; more than the budget (or inf) is never.

    `computed`: known beyond the budget too, from the surface; `bound`: the costs are lower bounds.
    """

    costs: np.ndarray
    budget: float
    bound: bool = False
    computed: bool = False

    @property
    def median(self) -> float:
        """Median cost; inf where half of the seeds or more never got there."""
        return float(np.median(self._within(np.inf)))

    @property
    def censored(self) -> bool:
        """Whether what counts for the median depends on seeds that never got there."""
        return not np.isfinite(self.median)

    def counted(self, penalty: float = 1.0) -> np.ndarray:
        """Costs with `penalty` budgets for a seed that never got there; computed ones as such."""
        known = self.costs if self.computed else self._within(penalty * self.budget)
        return np.maximum(known, LEAST_COST)

    def _within(self, otherwise: float) -> np.ndarray:
        return np.where(self.costs <= self.budget + 1e-6, self.costs, otherwise)


def median(values: np.ndarray) -> Interval:
    """Median of values [n] with its interval."""
    resampled = np.median(values[_draws(len(values), 0)], axis=-1)
    return Interval(float(np.median(values)), *_ends(resampled), len(values))


def ratio(baseline: Sequence[Costs], agent: Sequence[Costs]) -> Interval:
    """Geometric mean over tasks of (baseline's median cost) / (agent's), with its interval.

    Both have one entry a task. A censored seed counts as one budget for the baseline and as two
    for the agent. Seeds are resampled anew for each task and side.
    """
    logs = np.zeros(RESAMPLES)
    for stream, (base, test) in enumerate(zip(baseline, agent, strict=True)):
        drawn = _resampled(base.counted(), 2 * stream + 1)
        against = _resampled(test.counted(PENALTY), 2 * stream + 2)
        logs += np.log(_over(drawn, against, test.budget)) / len(agent)
    centre = np.mean([np.log(quotient(*pair)) for pair in zip(baseline, agent, strict=True)])
    seeds = min(len(test.costs) for test in agent)
    return Interval(float(np.exp(centre)), *_ends(np.exp(logs)), seeds)


def quotient(baseline: Costs, agent: Costs) -> float:
    """A baseline's median cost over an agent's, on one task."""
    base, test = np.median(baseline.counted()), np.median(agent.counted(PENALTY))
    return float(_over(np.asarray(base), np.asarray(test), agent.budget))


def _over(baseline: np.ndarray, agent: np.ndarray, budget: float) -> np.ndarray:
    """Baseline's median cost over the agent's; one who never arrives gains by no computed cost.

    A baseline's cost that is computed beyond the budget counts as the budget against it.
    """
    return np.where(agent > budget + 1e-6, np.minimum(baseline, budget), baseline) / agent


def _resampled(values: np.ndarray, stream: int) -> np.ndarray:
    return np.median(values[_draws(len(values), stream)], axis=-1)


def _draws(n: int, stream: int) -> np.ndarray:
    """Resampled indices [resamples, n], always the same for one stream."""
    return np.random.default_rng([0xB007, stream]).integers(n, size=(RESAMPLES, n))


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
