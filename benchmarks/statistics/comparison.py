"""Two agents on the same seeds: the paired difference, its interval, a p value, a verdict.

Agents on one seed meet the same noise, so that differences vary less than the agents do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.stats import ttest_1samp

from benchmarks.statistics.interval import TOO_FEW, Interval, mean

MEASURES = {
    "regret": "difference of regrets, sd units",
    "any-time": "difference of any-time regrets, sd units",
    "cost": "ratio of costs to a threshold",
}
LEVEL = 0.05
_EXACT = 13  # differences, up to which every pattern of signs is tried
_PATTERNS = 2**13  # of more; p is never under one in so many
_MANY = 100  # differences, from which a t test is as good


@dataclass(frozen=True)
class Comparison:
    """An agent against another; `task` is its label, or "all N".

    `difference`: of regrets, mean of agent minus other, under 0 is better; of costs, geometric
    mean of agent over other, under 1 is better. `p`: of no difference; `corrected`: after Holm.
    """

    agent: str
    against: str
    task: str
    measure: str
    difference: Interval
    p: float
    corrected: float

    @property
    def neutral(self) -> float:
        """The value that says that there is no difference."""
        return 1.0 if self.measure == "cost" else 0.0

    @property
    def told_apart(self) -> bool:
        """Whether one is shown to be better, of enough seeds, after correction."""
        interval = self.difference
        return not interval.few and self.corrected < LEVEL and interval.value != self.neutral

    @property
    def verdict(self) -> str:
        """In words: who is better, "no difference shown", or "too few seeds"."""
        if self.difference.few:
            return TOO_FEW
        if not self.told_apart:
            return "no difference shown"
        names = (self.agent, self.against)
        better, worse = names if self.difference.value < self.neutral else names[::-1]
        return f"{better} is better than {worse}"

    def turned(self) -> Comparison:
        """The same, seen from the other agent."""
        ratio, i = self.measure == "cost", self.difference
        value, high, low = (1 / v if ratio else -v for v in (i.value, i.low, i.high))
        turned = Interval(value, low, high, i.seeds)
        return replace(self, agent=self.against, against=self.agent, difference=turned)


def compare(
    values: np.ndarray,
    against: np.ndarray,
    *,
    names: tuple[str, str] = ("A", "B"),
    task: str = "",
    measure: str = "regret",
) -> Comparison:
    """Two agents by values [n], one a seed, the same seeds in the same order.

    Costs come as their logarithms. Raises ValueError for an unknown measure or unequal lengths.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure: expected one of {', '.join(MEASURES)}, got {measure!r}")
    if values.shape != against.shape or values.ndim != 1 or not len(values):
        raise ValueError(
            f"values: expected one a seed of both agents, got {values.shape} and {against.shape}; "
            "keep the seeds that both have played"
        )
    found = mean(values - against)
    if measure == "cost":
        value, low, high = np.exp([found.value, found.low, found.high]).tolist()
        found = Interval(value, low, high, found.seeds)
    p = sign_flips(values - against)
    return Comparison(*names, task, measure, found, p, p)


def sign_flips(differences: np.ndarray) -> float:
    """p of a mean of 0: how often random signs make the sum of differences [n] as large.

    Exact up to 13 differences other than 0, else from 2^13 patterns, always the same ones. As
    `scipy.stats.permutation_test` of pairs, but one product for all patterns: a table of pairs
    and tasks takes thousands. From 100 differences on, Student's t.
    """
    d = differences[differences != 0]
    if not len(d):
        return 1.0
    if len(d) >= _MANY:
        return float(np.asarray(ttest_1samp(d, 0.0))[1]) if np.ptp(d) else 0.0
    sums = np.abs(_signs(len(d)) @ d)
    return float(np.mean(sums >= abs(d.sum()) * (1 - 1e-9)))


def holm(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons with p values corrected for their number (Holm 1979)."""
    p = np.array([c.p for c in comparisons])
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(stepped, 1.0)
    return [replace(c, corrected=float(q)) for c, q in zip(comparisons, corrected, strict=True)]


@lru_cache(maxsize=128)
def _signs(n: int) -> np.ndarray:
    """Patterns of signs [patterns, n]; the first changes none."""
    if n <= _EXACT:
        return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    drawn = np.random.default_rng([0x516E, n]).integers(2, size=(_PATTERNS, n)) * 2.0 - 1.0
    drawn[0] = 1.0
    return drawn
