"""Random search at the target: fresh full runs of random mixtures, the best of them recommended."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from agents.history import History
from agents.randomness import generator
from mixenv import simplex
from mixenv.problem import Experiment, Outcome, Problem

_LOGIT = 3.0  # half-width of the authors' box


class AtTarget(ABC):
    """One fresh run at the target after another; `draw` says of which mixture."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._next = self.draw()

    @abstractmethod
    def draw(self) -> np.ndarray:
        """A mixture [d] of the region."""

    def ask(self) -> Experiment:
        """A full run at the target."""
        return Experiment(self._next, *self._problem.target)

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome and draw the next mixture."""
        self._history.add(experiment, outcome)
        self._next = self.draw()

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best value seen at the target; uniform shares before that."""
        return self._history.best_at_target()


class Random(AtTarget):
    """Mixtures uniform over the allowed region: Dirichlet(1) under the cap, or recorded rows.

    The paper's random search (arXiv 2503.21023, section 5) where max_share is 1. Stores every
    observation; nothing changes above 1 024.
    """

    def draw(self) -> np.ndarray:
        """A mixture [d], uniform over the region."""
        return self._problem.region.sample(self._rng, 1)[0]


class RandomLogit(AtTarget):
    """Mixtures softmax(u), u uniform in [-3, 3]^d, projected (Euclidean) on the cap.

    The box to which the code that accompanies arXiv 2503.21023 limits its baselines. Stores every
    observation; nothing changes above 1 024.
    """

    def draw(self) -> np.ndarray:
        """A mixture [d]."""
        weights = np.exp(self._rng.uniform(-_LOGIT, _LOGIT, len(self._problem.domains)))
        return simplex.project(weights / weights.sum(), self._problem.max_share)
