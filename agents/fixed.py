"""Mixtures that need no search: equal shares, and the shares that the tokens have by nature."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from agents import mixtures
from agents.history import uniform
from mixenv import simplex
from mixenv.problem import Experiment, Outcome, Problem


class _Fixed(ABC):
    """Trains one mixture at the target, again and again, and recommends it; learns nothing."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._mixture = self.choose(problem)

    @abstractmethod
    def choose(self, problem: Problem) -> np.ndarray:
        """The mixture [d] to recommend."""

    def ask(self) -> Experiment:
        """A full run of the mixture at the target; of a pool, of the recorded one nearest to it."""
        scale, steps = self._problem.target
        return Experiment(mixtures.fit(self._problem, self._mixture, scale), scale, steps)

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:  # noqa: B027 (not abstract)
        """Nothing: no outcome changes what is recommended."""

    def recommend(self) -> np.ndarray:
        """The mixture [d]."""
        return self._mixture.copy()


class Uniform(_Fixed):
    """Equal shares of every domain: what is done when nothing is known.

    Stores nothing, so nothing changes above 1 024 observations.
    """

    def choose(self, problem: Problem) -> np.ndarray:
        """Equal shares [d]."""
        return uniform(problem)


class Proportional(_Fixed):
    """Shares in proportion to the tokens that each domain has: sampling the corpus as it is.

    Where a share exceeds the cap, the nearest allowed mixture (Euclidean projection). The shares
    are `problem.proportions`; where those are not known, equal shares, like `uniform`. Stores
    nothing, so nothing changes above 1 024 observations.
    """

    def choose(self, problem: Problem) -> np.ndarray:
        """The corpus's shares [d] under the cap."""
        if problem.proportions is None:
            return uniform(problem)
        return simplex.project(np.array(problem.proportions), problem.max_share)
