"""Costs to a threshold under censoring: medians, their ratios, and the share that has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import CensoredData, ecdf

from benchmarks.statistics.interval import Band, Interval, wilson
from benchmarks.statistics.resample import RESAMPLES, draws, ends

LEAST_COST = 0.01  # target runs: cheaper than that counts as that, so that ratios stay finite
PENALTY = 2.0  # a seed of the agent under test that never arrives counts as so many budgets


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
    def arrived(self) -> np.ndarray:
        """Whether each seed got there within the budget [n]."""
        return self.costs <= self.budget + 1e-6

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
        return np.where(self.arrived, self.costs, otherwise)


def arrivals(costs: Costs) -> Band:
    """Share of seeds that have arrived by each cost: Kaplan and Meier's estimate, a step function.

    `at` [k]: 0, the costs of arrival, the budget. A seed that never arrives is censored at the
    budget. As all are censored there, counts are binomial, and so are the ends (Wilson).
    """
    seen = np.minimum(costs.costs, costs.budget)
    curve = ecdf(CensoredData.right_censored(seen, ~costs.arrived)).cdf
    at = np.unique(np.concatenate([[0.0], seen[costs.arrived], [costs.budget]]))
    n, value = len(seen), np.asarray(curve.evaluate(at))
    return Band(at, value, *wilson(value, n), n)


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
    return Interval(float(np.exp(centre)), *ends(np.exp(logs)), seeds)


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
    return np.median(values[draws(len(values), stream)], axis=-1)
