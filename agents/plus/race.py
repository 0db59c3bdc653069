"""A race of extreme blends: all of them shortly and cheaply, the best few longer and larger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from agents.corners import extreme_points
from agents.history import same_run, uniform
from agents.mixtures import draw
from agents.plus.design import fidelity
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem


class Rung(NamedTuple):
    """Where a round is run, and how many go on to it at most."""

    scale: float
    steps: int
    most: int


class Race:
    """Rounds of one run a mixture; the best of a round go on to the next, dearer one.

    Successive halving (Jamieson & Talwalkar 2016) over scales as well as steps, of the points of a
    classical mixture design (extreme vertices and centroids, McLean & Anderson 1966). Where a
    surface is too rough to be interpolated from few runs, runs at one fidelity are still compared
    without a model. Failed runs drop out. Equal shares go along to the first round at the target's
    scale: where they beat there what was preferred to all others, cheap runs mislead, and the race
    begins again at a larger scale.
    """

    def __init__(self, problem: Problem, settings: Settings, rng: np.random.Generator) -> None:
        self._rungs = rungs(problem, settings, settings.race_rounds)
        self._again = rungs(problem, settings, settings.race_again)
        self._target = problem.target[0]
        self._all = blends(problem, settings, self._rungs[0].most, rng)
        self._members, self._control = self._all, self._all[0]  # the preferred first
        self._extra = False  # whether the second of the members is the control
        self._values = np.full(len(self._members), np.nan)
        self._leader: np.ndarray | None = None  # [d] of the last round that ended
        self.size = 1 + sum(rung.most for rung in self._rungs)  # runs in all, unless it misled
        self.misled = False

    @property
    def best(self) -> np.ndarray | None:
        """The best [d] of this round once its first is told, of the last one before."""
        known = np.isfinite(self._values)
        if self._leader is None or not known.any() or np.isnan(self._values[0]):
            return self._leader
        return self._members[np.where(known, self._values, np.inf).argmin()]

    def waiting(self) -> list[Experiment]:
        """The runs of this round that were not told yet, in order."""
        left = self._members[np.isnan(self._values)]
        return [Experiment(mixture.copy(), *self._rungs[0][:2]) for mixture in left]

    def add(self, experiment: Experiment, value: float) -> bool:
        """Take the objective of one of this round's runs, not finite if it failed; others pass.

        Whether it ended the round.
        """
        left = np.flatnonzero(np.isnan(self._values))
        found = [i for i, e in zip(left, self.waiting(), strict=True) if same_run(experiment, e)]
        if not found:
            return False
        self._values[found[0]] = value if np.isfinite(value) else np.inf
        if len(left) > 1 and not self._beaten:
            return False
        self._promote()
        return True

    @property
    def _beaten(self) -> bool:
        """Whether equal shares are ahead of the first of those preferred to them."""
        if not self._extra:
            return False
        others = np.delete(self._values, 1)
        return bool((self._values[1] < others[~np.isinf(others)][:1]).any())

    def _promote(self) -> None:
        order = np.argsort(self._values, kind="stable")  # what was not told last
        ranked = self._members[order[np.isfinite(self._values[order])]]
        self._leader = ranked[0] if len(ranked) else self._leader
        before = self._rungs[0]
        if self._beaten:
            self.misled, self._rungs, ranked = True, self._again, self._all
        else:
            self._rungs = self._rungs[1:]
        self._members = ranked[: self._rungs[0].most if self._rungs else 0]
        arrives = bool(self._rungs) and before.scale != self._rungs[0].scale == self._target
        alone = len(ranked) == 0 or self._leads(self._control)
        self._extra = arrives and not self.misled and not alone
        if self._extra:
            self._members = np.insert(self._members, 1, self._control, axis=0)
        self._values = np.full(len(self._members), np.nan)

    def _leads(self, mixture: np.ndarray) -> bool:
        return bool((self._members == mixture).all(axis=1).any())


def blends(
    problem: Problem, settings: Settings, count: int, rng: np.random.Generator
) -> np.ndarray:
    """At most `count` mixtures [m, d]: equal shares, extreme points, midpoints of their edges.

    Where there are too many, some drawn at random, extreme points first. Extreme points that differ
    in two shares only have an edge between them. Without `extremes` uniform ones beside the first.
    """
    if not settings.extremes:
        drawn = draw(problem, problem.target[0], rng, count - 1)
        return np.concatenate([uniform(problem)[None], drawn])
    extremes = extreme_points(problem, rng)
    extremes = extremes[rng.permutation(len(extremes))]
    known = _distinct([uniform(problem), *extremes])[:count]
    pairs = combinations(extremes[: count - 1], 2)
    edges = [(a, b) for a, b in pairs if (np.abs(a - b) > 1e-9).sum() == 2]
    middles = _distinct([*known, *((a + b) / 2 for a, b in edges)])[len(known) :]  # edges may cross
    chosen = rng.permutation(len(middles))[: count - len(known)]
    return np.concatenate([known, middles[chosen]])


def _distinct(mixtures: Sequence[np.ndarray]) -> np.ndarray:
    """Each mixture [m, d] once, in order."""
    found = np.array(mixtures)
    _, first = np.unique(found.round(9), axis=0, return_index=True)
    return found[np.sort(first)]


def rungs(
    problem: Problem, settings: Settings, rounds: tuple[tuple[float, float, int], ...]
) -> list[Rung]:
    """The rounds, ascending in price; shorter, then of fewer runs, where the budget is small."""
    most = settings.race_share * problem.budget
    nominal = _sum([(price, price * part, count) for price, part, count in rounds])
    thrift = min(1.0, most / nominal)
    found: list[Rung] = []
    for price, part, count in rounds:
        scale, steps = fidelity(problem, price, part * thrift, settings)
        if not found or problem.price(scale, steps) > problem.price(*found[-1][:2]):
            found.append(Rung(scale, steps, count))
    spent = _sum([(scale, problem.price(scale, steps), count) for scale, steps, count in found])
    keep = min(1.0, most / max(spent, 1e-300))
    return [rung._replace(most=math.ceil(keep * rung.most)) for rung in found]


def _sum(rounds: list[tuple[float, float, int]]) -> float:
    """What rounds (scale, price of a fresh run, runs) cost if those at one scale go on."""
    fresh = dict[float, float]()
    total = 0.0
    for scale, price, count in rounds:
        total += count * (price - fresh.get(scale, 0.0))
        fresh[scale] = price
    return total
