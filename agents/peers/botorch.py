"""BoTorch as an agent: multi-fidelity knowledge gradient over mixture, scale and steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.gp.data import keep
from agents.history import History
from agents.peers.box import nearest
from agents.peers.fidelity import Fidelities
from agents.peers.gradient import climb, fit, quietly
from agents.peers.library import load
from agents.peers.sticks import to_cube, to_simplex
from agents.randomness import generator
from mixenv.problem import Experiment, Outcome, Problem

INITIAL = 16  # random configurations
SHORTEST = 1 / 19.5  # of the target's steps: 1 000 of 19 500
MOST = 256  # observations that the model is fitted to


class BotorchMF:
    """`qMultiFidelityKnowledgeGradient` on a `SingleTaskMultiFidelityGP` (Balandat et al., 2020).

    Mixtures enter as sticks broken in the order of the domains, scale and steps as logarithms,
    1 at the target: the two fidelities of a linear truncated kernel (Wu et al., UAI 2019). After 16
    random configurations of 1 000 of 19 500 steps or more, at scales up to the target's: the
    largest expected gain in the model's best value at the target, by 8 fantasies from 2 starts,
    over the cost, to which 0.01 target runs are added. The choice is continuous and then goes to
    the nearest scale, checkpoint and allowed mixture (projected on the cap, or recorded). The
    hyper-parameters are fitted at each decision.

    Recommends, of the mixtures tried, the one of the best posterior mean at the target. Failed
    runs are ignored. Above 256 observations the model keeps the latest 128 and the best 128
    others. Raises ImportError without the library.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        load("botorch")
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._fidelities = Fidelities(problem, SHORTEST)
        self._told = 0
        self._fitted: Any = None
        self._next: Experiment | None = None

    def ask(self) -> Experiment:
        """A random experiment for the first 16; then the largest gain over cost."""
        if self._next is None:
            early = self._told < INITIAL or not len(self._history)
            self._next = self._random() if early else self._decide()
        return self._next

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; the model is fitted when it is next needed."""
        self._history.add(experiment, outcome)
        self._told += 1
        self._fitted = self._next = None

    def recommend(self) -> np.ndarray:
        """The mixture [d] tried of the best posterior mean at the target; uniform before any."""
        if not len(self._history):
            return self._history.best()
        mean, _ = self.predict(self._tried(), *self._problem.target)
        return self._tried()[int(mean.argmin())]

    def predict(
        self, mixture: np.ndarray, scale: float, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective of mixtures [n, d] at (scale, steps).

        Raises ValueError before the first observation.
        """
        if not len(self._history):
            raise ValueError("predict: expected at least one outcome told, got none; tell one")
        asked = np.atleast_2d(mixture)
        x = self._features(asked, [(scale, steps)] * len(asked))
        with quietly(0) as torch, torch.no_grad():
            posterior = self._model().posterior(torch.from_numpy(x))
            mean, variance = posterior.mean[:, 0].numpy(), posterior.variance[:, 0].numpy()
        return -mean, np.sqrt(variance)

    def _tried(self) -> np.ndarray:
        return np.array([experiment.mixture for experiment in self._history.experiments])

    def _features(self, mixtures: np.ndarray, pairs: list[tuple[float, int]]) -> np.ndarray:
        return np.concatenate([to_cube(mixtures), self._fidelities.encode(pairs)], axis=1)

    def _model(self) -> Any:
        """The model of minus the objective, fitted once to what was told."""
        if self._fitted is None:
            values = np.array(self._history.values)
            kept = keep(values, MOST)
            done = [self._history.experiments[i] for i in kept]
            x = self._features(self._tried()[kept], [(e.scale, e.steps) for e in done])
            with load("torch").enable_grad():
                self._fitted = fit(x, -values[kept])
        return self._fitted

    def _random(self) -> Experiment:
        scale, steps = self._fidelities.nearest(self._rng.random(2))
        mixture = self._problem.region.sample(self._rng, 1)[0]
        return Experiment(nearest(self._problem, mixture, scale), scale, steps)

    def _decide(self) -> Experiment:
        with quietly(int(self._rng.integers(2**31))):
            point = climb(self._model(), self._fidelities)
        scale, steps = self._fidelities.nearest(point[-2:])
        mixture = to_simplex(point[None, :-2])[0]
        return Experiment(nearest(self._problem, mixture, scale), scale, steps)
