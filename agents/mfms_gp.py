"""MFMS-GP: multi-fidelity, multi-scale Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np

from agents.gp.data import Data, keep, pad, standardise
from agents.gp.inputs import encode, features
from agents.gp.kernel import DISTANCES
from agents.gp.precision import float64
from agents.gp.suggest import foresee, suggest
from agents.grid import fraction_steps
from agents.history import History
from agents.randomness import generator
from mixenv import simplex
from mixenv.problem import Experiment, Outcome, Problem

INITIAL = 20  # random configurations
SHORT = 900 / 19_500  # their longest, as a fraction of the target's steps
FRACTIONS = (6_000 / 19_500, 12_000 / 19_500, 1.0)  # of the target's steps
STARTS = 5
DECAY = 0.99  # of the cost's exponent, a decision
SMALL, SHRINK = 1e-4, 0.95


class MFMSGP:
    """Algorithm 1 of arXiv 2503.21023 (section 4), a GP over (mixture, scale, steps).

    Product of three RBF kernels, linear mean, standardised values; hyper-parameters by 50
    iterations of Adam (0.1) at each decision. After 20 random configurations of at most 900 of
    19 500 steps: at each of all scales x {6 000, 12 000, 19 500} steps the expected improvement
    over the best value seen is maximised over the mixture from 5 random starts, and the largest
    EI / cost^alpha is run, alpha = 1 falling by 1% a decision. (The unit of the cost does not
    matter: it is the same factor for all.) When the largest EI at the target is under 1e-4 (of
    the values' sd), the length-scales of scale and steps shrink by 5%, for good. Recommends the
    mixture of the best observation at any scale and steps.

    Where this fills in or departs from the paper: scale and steps enter as logarithms on [0, 1];
    each fit starts from the same hyper-parameters (both chosen by regret on whole-simplex
    StackExchange, where linear inputs and warm starts did worse); log EI is climbed by projected
    Adam, all starts at once, not by L-BFGS-B one by one, which also holds the cap; starts are
    uniform over the region; 19 700 steps are the target's; a pool's mixtures are scored one by
    one. Failed runs are ignored. Above 1 024 observations the fit keeps the latest 512 and the
    best 512 others.

    `kernel` is the paper's choice of a distance between mixtures (Appendix E): "rbf" (Euclidean),
    "tv" or "jsd", the roots of the total variation and of the Jensen-Shannon divergence, which,
    other than these themselves, give a positive definite RBF. Raises ValueError for another one.
    """

    def __init__(self, problem: Problem, seed: int, kernel: str = "rbf") -> None:
        if kernel not in DISTANCES:
            known = ", ".join(DISTANCES)
            raise ValueError(f"kernel: expected one of {known}, got {kernel!r}; choose one")
        self._apart = DISTANCES[kernel]
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._told = 0
        self._decisions = 0
        self._shrink = 1.0
        steps = sorted({fraction_steps(problem, fraction) for fraction in FRACTIONS})
        self._fidelities = [(scale, step) for scale in problem.scales for step in steps]
        self._next: Experiment | None = None

    def ask(self) -> Experiment:
        """A short random run for the first 20; then the largest EI / cost^alpha."""
        if self._next is None:
            early = self._told < INITIAL or not len(self._history)
            self._next = self._random() if early else self._decide()
        return self._next

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; the model is fitted at the next `ask`."""
        self._history.add(experiment, outcome)
        self._told += 1
        self._next = None

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best observation; uniform shares before there is one."""
        return self._history.best()

    def predict(
        self, mixture: np.ndarray, scale: float, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective of mixtures [n, d] at (scale, steps).

        Raises ValueError before the first observation.
        """
        if not len(self._history):
            raise ValueError("predict: expected at least one outcome told, got none; tell one")
        data, centre, spread = self._data()
        asked = [Experiment(row, scale, steps) for row in np.atleast_2d(mixture)]
        with float64():
            mean, sd = foresee(data, self._shrink, features(self._problem, asked), self._apart)
        return centre + spread * np.asarray(mean), spread * np.asarray(sd)

    def _data(self) -> tuple[Data, float, float]:
        values = np.array(self._history.values)
        kept = keep(values)
        y, centre, spread = standardise(values[kept])
        x = features(self._problem, [self._history.experiments[i] for i in kept])
        return pad(x, y), centre, spread

    def _random(self) -> Experiment:
        problem = self._problem
        scale = problem.scales[self._rng.integers(len(problem.scales))]
        short = [t for t in problem.steps if t <= SHORT * problem.target[1]] or problem.steps[:1]
        return Experiment(self._draw(scale, 1)[0], scale, short[self._rng.integers(len(short))])

    def _draw(self, scale: float, count: int) -> np.ndarray:
        pool = self._problem.pools.get(scale)
        if pool is None:
            return self._problem.region.sample(self._rng, count)
        return pool[self._rng.integers(len(pool), size=count)]

    def _candidates(self) -> np.ndarray:
        """Mixtures [f, c, d] to start from, or all of a pool, the smaller ones repeated to fit."""
        pools = self._problem.pools
        if not pools:
            return np.stack([self._draw(scale, STARTS) for scale, _ in self._fidelities])
        most = max(len(pool) for pool in pools.values())
        return np.stack(
            [np.resize(pools[s], (most, pools[s].shape[1])) for s, _ in self._fidelities]
        )

    def _decide(self) -> Experiment:
        problem, where = self._problem, encode(self._problem, self._fidelities)
        data, _, _ = self._data()
        with float64():
            mixtures, scores = jax.device_get(
                suggest(
                    data,
                    self._shrink,
                    self._candidates(),
                    where,
                    problem.max_share,
                    ascend=not problem.pools,
                    apart=self._apart,
                )
            )
        chosen = self._choose(scores)
        mixture = np.array(mixtures[chosen])
        if not problem.pools:
            mixture = simplex.project(mixture, problem.max_share)
        return Experiment(mixture, *self._fidelities[chosen[0]])

    def _choose(self, scores: np.ndarray) -> tuple[int, int]:
        """The (fidelity, candidate) of the largest EI / cost^alpha, from log EI [f, c]."""
        price = np.array([self._problem.price(*fidelity) for fidelity in self._fidelities])
        alpha = DECAY**self._decisions
        self._decisions += 1
        if scores[self._fidelities.index(self._problem.target)].max() < np.log(SMALL):
            self._shrink *= SHRINK
        best = np.argmax(scores - alpha * np.log(price)[:, None])
        fidelity, candidate = np.unravel_index(best, scores.shape)
        return int(fidelity), int(candidate)


# The same agent with the other distances, as the registry names them.
TotalVariation = partial(MFMSGP, kernel="tv")
JensenShannon = partial(MFMSGP, kernel="jsd")
