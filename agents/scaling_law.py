"""A joint scaling law of mixture, scale and steps, fitted to a ladder of small runs."""

from __future__ import annotations

import numpy as np

from agents.extrapolation import Extrapolation, Law, Seen
from agents.grid import nearest_steps
from agents.power_law import Where, power_law
from agents.proxy import cheapest
from mixenv.problem import Experiment, Outcome, Problem

PRICE = 0.25  # of the target's: the dearest scale of the ladder
MIDDLE = (0.35, 0.7)  # of a run's steps: where its second checkpoint may lie


class ScalingLaw(Extrapolation):
    """L(r, N, D) = c + exp(e.r) + exp(a.r) N^-alpha + exp(b.r) D^-beta, for each metric.

    The form of Hoffmann et al. (arXiv 2203.15556, eq. 2) with coefficients log-linear in the shares
    r, as in data mixing laws (arXiv 2403.16952); N parameters, D steps. Full-length runs of uniform
    mixtures at every scale whose full run costs at most a quarter of the target's, each scale
    taking an equal part of the cost, up to 512 or half the budget. Of each run the last checkpoint
    and the one nearest the middle enter one nonlinear least squares a metric. (Earlier ones lie
    where a cosine schedule is far from a power law.) Accuracies are fitted with their sign turned.
    The mixture of the least objective predicted at the target is recommended. No `predict`: on the
    surrogate mixtures are ranked well at 1B (correlation 0.7 to 0.98 on most metrics), but the
    level is off by up to 2 sd between mixtures, of which no residual at small scales warns. Without
    curves the exponent of D is left to its prior. Above 1 024 rows, two a run, the latest count.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        super().__init__(problem, seed)
        self._signs = np.array([problem.metrics[i].sign for i in self._index])

    def fidelities(self) -> list[tuple[float, int]]:
        """The full length at every scale of the ladder."""
        steps = nearest_steps(self._problem, self._problem.target[1])
        prices = {scale: self._problem.price(scale, steps) for scale in self._problem.scales}
        ladder = [(scale, steps) for scale, price in prices.items() if price <= PRICE]
        return ladder or [cheapest(self._problem)]

    def learn(self, experiment: Experiment, outcome: Outcome) -> None:
        """Keep what a run at a small scale showed last, and in the middle."""
        before, passed = len(self._rows), np.asarray(outcome.curve_steps)
        super().learn(experiment, outcome)
        if len(self._rows) == before or not len(passed):
            return
        middle = int(np.abs(passed / experiment.steps - 0.5).argmin())
        if MIDDLE[0] <= passed[middle] / experiment.steps <= MIDDLE[1]:
            self.keep(experiment, int(passed[middle]), outcome.curve[middle])

    def fit(self, seen: Seen) -> Law:
        """One joint law a metric; what it says at the target."""
        where = self._where(seen.mixture, seen.scale, seen.steps)
        laws = [power_law(where, values) for values in (seen.values * self._signs).T]
        target = self._problem.target

        def law(mixture: np.ndarray) -> np.ndarray:
            there = self._where(mixture, *target)
            return self._signs * np.stack([one(there) for one in laws], axis=1)

        return law

    def _where(
        self, mixture: np.ndarray, scale: np.ndarray | float, steps: np.ndarray | int
    ) -> Where:
        at, length = self._problem.target
        return Where(mixture, np.log(np.asarray(scale) / at), np.log(np.asarray(steps) / length))
