"""Brackets of successive halving over steps at the target's scale: what Hyperband repeats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil

import numpy as np

from agents.grid import ladder
from agents.history import History, same_run
from agents.randomness import generator
from mixenv.problem import Experiment, Outcome, Problem

ETA = 3
SHORTEST = 1 / 65  # of the target's steps: 300 of 19 500


class Brackets(ABC):
    """Plays one bracket after another; `after` says on which rung the next one starts.

    Rungs are 300, 900, 2 700, 8 100 and 19 500 steps where the target is 19 500: powers of eta = 3
    from 1/65 of the target, the last cut to it, snapped to the grid. A bracket that starts on rung
    b of R (from 0) draws ceil(R / (R - b) * 3^(R - 1 - b)) mixtures, uniform over the region,
    trains all to its rung, keeps the best third, resumes those, and so on.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._rungs = ladder(problem, SHORTEST, ETA)
        self._bracket = -1
        self._start_bracket()

    @abstractmethod
    def after(self, bracket: int) -> int:
        """The rung on which the bracket starts that follows one started on rung `bracket`.

        -1 stands for what precedes the first.
        """

    def ask(self) -> Experiment:
        """The next member of the current rung."""
        mixture = self._members[len(self._values)]
        return Experiment(mixture, self._problem.target[0], self._rungs[self._rung])

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; the last of a rung promotes the best third or ends the bracket."""
        asked = self.ask()
        value = self._history.add(experiment, outcome)
        if not same_run(experiment, asked):
            return
        self._values.append(value)
        if len(self._values) == len(self._members):
            self._promote()

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best value at the most steps reached at the target scale."""
        return self._history.best_at_most_steps()

    def _start_bracket(self) -> None:
        self._bracket = self._rung = self.after(self._bracket)
        left = len(self._rungs) - self._bracket
        count = ceil(len(self._rungs) / left * ETA ** (left - 1))
        drawn = self._problem.region.sample(self._rng, count)
        _, first = np.unique(drawn, axis=0, return_index=True)  # a pool draws with replacement
        self._members = drawn[np.sort(first)]
        self._values: list[float] = []

    def _promote(self) -> None:
        if self._rung == len(self._rungs) - 1:
            self._start_bracket()
            return
        kept = np.argsort(self._values, kind="stable")[: max(1, len(self._members) // ETA)]
        self._members = self._members[kept]
        self._values = []
        self._rung += 1
