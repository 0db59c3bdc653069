"""Deterministic extrapolation: a law of each metric from cheap runs, and its best mixture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents import search
from agents.proxy import ENOUGH, Proxy
from mixenv.problem import Experiment, Outcome, Problem

FIRST, MOST = 8, 1024  # observations of the first fit, and of any


@dataclass(frozen=True)
class Seen:
    """`n` observations at cheap fidelities: shares [n, d], parameters, steps, metrics [n, j].

    The metrics are those of the objective, in its order.
    """

    mixture: np.ndarray
    scale: np.ndarray
    steps: np.ndarray
    values: np.ndarray

    def full(self) -> Seen:
        """Those of runs about as long as the longest."""
        kept = self.steps >= ENOUGH * self.steps.max()
        return Seen(self.mixture[kept], self.scale[kept], self.steps[kept], self.values[kept])


Law = Callable[[np.ndarray], np.ndarray]  # mixtures [m, d] -> the objective's metrics [m, j]


class Extrapolation(Proxy, ABC):
    """Fits each metric of the objective to the cheap runs, then aggregates as the objective does.

    The fit is redone when the observations have doubled, from 8 on, and when the cheap runs end;
    of more than 1 024 it sees the latest. Before the first fit the best cheap run is recommended,
    then the mixture of the least predicted objective, and from the first check on the best at the
    target (see `Proxy`). Nothing seen at the target enters the fit, unless the target's scale is
    the only one.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        super().__init__(problem, seed)
        self._index = list(problem.objective.index)
        self._rows: list[tuple[np.ndarray, float, int, np.ndarray]] = []
        self._due, self._complete = FIRST, False
        self._ranked = np.empty((0, len(problem.domains)))
        self._candidates = search.candidates(problem, self._rng)

    @abstractmethod
    def fit(self, seen: Seen) -> Law:
        """The law of the objective's metrics at the target, as far as the cheap runs tell."""

    def choose(self, predicted: search.Predicted) -> np.ndarray:
        """Mixtures [m, d] by their predicted objective, least first; the first is recommended."""
        ranked = search.ranked(self._candidates, predicted)
        best = search.refined(ranked, predicted, self._problem)
        return np.concatenate([best[None], ranked])

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; fit when due."""
        super().tell(experiment, outcome)
        self.learn(experiment, outcome)
        last = self._done() and not self._complete
        self._complete = self._complete or last
        if len(self._rows) >= self._due or (last and self._rows):
            self._refit()

    def learn(self, experiment: Experiment, outcome: Outcome) -> None:
        """Keep what a run at a cheap scale showed last."""
        if experiment.scale in {scale for scale, _ in self._fidelities}:
            self.keep(experiment, experiment.steps, outcome.metrics)

    def keep(self, experiment: Experiment, steps: int, metrics: np.ndarray) -> None:
        """Keep one checkpoint, unless a metric of the objective is not finite there."""
        values = np.asarray(metrics, dtype=np.float64)[self._index]
        if np.isfinite(values).all():
            self._rows.append((experiment.mixture, experiment.scale, steps, values))

    def ranked(self) -> np.ndarray:
        """The fit's choice [m, d]; before the first fit, the best cheap run."""
        if len(self._ranked) or not self._rows:
            return self._ranked
        values = self.objective(np.array([row[-1] for row in self._rows]))
        return self._rows[int(values.argmin())][0][None]

    def objective(self, values: np.ndarray) -> np.ndarray:
        """Objective [m] of the metrics [m, j] that enter it."""
        full = np.zeros((len(values), len(self._problem.metrics)))
        full[:, self._index] = values
        return self._problem.objective(full)

    def _refit(self) -> None:
        law = self.fit(self._seen())
        self._ranked = self.choose(lambda mixture: self.objective(law(mixture)))
        self._due = 2 * max(self._due, len(self._rows) // 2 + 1)

    def _seen(self) -> Seen:
        columns = zip(*self._rows[-MOST:], strict=True)
        return Seen(*(np.array(column) for column in columns))
