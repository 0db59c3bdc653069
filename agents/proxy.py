"""Cheap runs instead of target runs: what transfer and extrapolation have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from agents import mixtures
from agents.grid import nearest_steps
from agents.history import History, same_run, uniform
from agents.randomness import generator
from mixenv.problem import Experiment, Outcome, Problem

RUNS = 512  # cheap runs, as many as RegMix trains
SHARE = 0.5  # of the budget, which they may not exceed
ENOUGH = 0.9  # of the longest run's steps, which recorded runs need not reach
APART, VALIDATED = 0.1, 64  # total variation between mixtures tried at the target, and how many


class Proxy(ABC):
    """Full-length runs at a cheap scale, uniform over its mixtures; then the target checks.

    Up to 512 cheap runs, as many as half of the budget pays. Then the mixtures that `ranked` puts
    first, at least 0.1 apart in total variation, are trained at the target, up to 64, and over
    again. Recommends the first of `ranked`; once something was trained at the target, the best
    there. The first mixture checked is the one recommended until then.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._fidelities = self.fidelities()
        self._told = 0
        self._next: Experiment | None = None
        self._checks: list[np.ndarray] = []
        self._checked = 0
        self._spent = dict.fromkeys(self._fidelities, 0.0)
        self._trained = False  # whether any run reached the target

    @abstractmethod
    def ranked(self) -> np.ndarray:
        """Mixtures [m, d], the most promising first; none before there is anything to go by."""

    def first(self) -> np.ndarray | None:
        """The first [d] of `ranked`, if any."""
        ranked = self.ranked()
        return ranked[0] if len(ranked) else None

    def fidelities(self) -> list[tuple[float, int]]:
        """The (scale, steps) of the cheap runs: by default one, the cheapest scale's full length.

        Each gets an equal share of what the cheap runs cost.
        """
        return [cheapest(self._problem)]

    def ask(self) -> Experiment:
        """A cheap run of a fresh mixture, or a full run at the target."""
        if self._next is None:
            self._next = self._check() if self._done() else self._cheap()
        return self._next

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome."""
        asked, self._next = self._next, None
        self._told += 1
        value = self._history.add(experiment, outcome)
        scale, steps = self._problem.target
        if experiment.scale == scale and experiment.steps >= steps and np.isfinite(value):
            self._trained = True
        if asked is None or not same_run(experiment, asked):
            return
        where = (asked.scale, asked.steps)
        if self._checks:
            self._checked += 1
        else:
            self._spent[where] += self._problem.price(*where)

    def recommend(self) -> np.ndarray:
        """The best mixture [d] at the target; before there is one, the most promising."""
        if self._trained:
            return self._history.best_at_target()
        first = self.first()
        if first is None:
            return uniform(self._problem)
        return np.array(mixtures.fit(self._problem, first, self._problem.target[0]))

    def _done(self) -> bool:
        """Whether the cheap runs are over: their number, or their cost with the next one."""
        if self._told < 2:
            return False
        spent = sum(self._spent.values()) + self._problem.price(*self._cheap_fidelity())
        return self._told >= RUNS or spent > SHARE * self._problem.budget

    def _cheap_fidelity(self) -> tuple[float, int]:
        return min(self._spent, key=lambda f: self._spent[f] + 1e-9 * self._problem.price(*f))

    def _cheap(self) -> Experiment:
        scale, steps = self._cheap_fidelity()
        return Experiment(mixtures.draw(self._problem, scale, self._rng, 1)[0], scale, steps)

    def _check(self) -> Experiment:
        target = self._problem.target
        if not self._checks:
            ranked = self.ranked() if len(self._history) else uniform(self._problem)[None]
            fitted = mixtures.fit(self._problem, ranked, target[0])
            self._checks = apart(fitted, APART, VALIDATED)
        return Experiment(self._checks[self._checked % len(self._checks)], *target)


def cheapest(problem: Problem) -> tuple[float, int]:
    """The scale whose full-length run costs least, and that length."""
    steps = nearest_steps(problem, problem.target[1])
    return min(problem.scales, key=lambda scale: problem.price(scale, steps)), steps


def apart(ranked: np.ndarray, distance: float, most: int) -> list[np.ndarray]:
    """The first rows of `ranked` [m, d], passing over those near to one taken (total variation)."""
    taken: list[np.ndarray] = []
    left = ranked
    while len(left) and len(taken) < most:
        taken.append(left[0])
        left = left[0.5 * np.abs(left - left[0]).sum(axis=1) >= distance]
    return taken
