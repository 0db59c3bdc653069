"""A race of extreme blends: all of them shortly and cheaply, the best few longer and larger."""

from __future__ import annotations

import math
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
    without a model. Failed runs drop out. Equal shares go along to the second round: where they
    beat there what was preferred to them, cheap runs mislead, and the race is over.
    """

    def __init__(self, problem: Problem, settings: Settings, rng: np.random.Generator) -> None:
        self._rungs = rungs(problem, settings)
        self._members = blends(problem, settings, self._rungs[0].most, rng)
        self._control, self._extra = self._members[0], False
        self._values = np.full(len(self._members), np.nan)
        self.size = 1 + sum(rung.most for rung in self._rungs)  # runs in all, at most
        self.best: np.ndarray | None = None  # [d] of the last round that ended
        self.misled = False

    def waiting(self) -> list[Experiment]:
        """The runs of this round that were not told yet, in order."""
        left = self._members[np.isnan(self._values)]
        return [Experiment(mixture.copy(), *self._rungs[0][:2]) for mixture in left]

    def add(self, experiment: Experiment, value: float) -> bool:
        """Take the objective of one of this round's runs, not finite if it failed; others pass.

        Whether it was the last of the round.
        """
        left = np.flatnonzero(np.isnan(self._values))
        found = [i for i, e in zip(left, self.waiting(), strict=True) if same_run(experiment, e)]
        if not found:
            return False
        self._values[found[0]] = value if np.isfinite(value) else np.inf
        if len(left) > 1:
            return False
        self._promote()
        return True

    def _promote(self) -> None:
        order = np.argsort(self._values, kind="stable")
        ranked = self._members[order[np.isfinite(self._values[order])]]
        first = self.best is None
        if len(ranked):
            self.best = ranked[0]
            self.misled = self._extra and np.array_equal(ranked[0], self._control)
        self._rungs = self._rungs[1:]
        over = self.misled or not self._rungs
        self._members = ranked[: 0 if over else self._rungs[0].most]
        self._extra = first and len(self._members) > 0 and not self._leads(self._control)
        if self._extra:
            self._members = np.concatenate([self._members, self._control[None]])
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
    extremes = extremes[rng.permutation(len(extremes))][: count - 1]
    pairs = [(a, b) for a, b in combinations(extremes, 2) if (np.abs(a - b) > 1e-9).sum() == 2]
    chosen = rng.permutation(len(pairs))[: count - 1 - len(extremes)]
    middles = [(pairs[i][0] + pairs[i][1]) / 2 for i in chosen]
    return np.array([uniform(problem), *extremes, *middles])


def rungs(problem: Problem, settings: Settings) -> list[Rung]:
    """The rounds, ascending in price; shorter, then of fewer runs, where the budget is small."""
    most = settings.race_share * problem.budget
    nominal = sum(price * part * count for price, part, count in settings.race_rounds)
    thrift = min(1.0, most / nominal)
    found: list[Rung] = []
    for price, part, count in settings.race_rounds:
        scale, steps = fidelity(problem, price, part * thrift, settings)
        if not found or problem.price(scale, steps) > problem.price(*found[-1][:2]):
            found.append(Rung(scale, steps, count))
    spent = sum(count * problem.price(scale, steps) for scale, steps, count in found)
    keep = min(1.0, most / max(spent, 1e-300))
    return [rung._replace(most=math.ceil(keep * rung.most)) for rung in found]
