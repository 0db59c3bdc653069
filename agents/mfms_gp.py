"""MFMS-GP: multi-fidelity, multi-scale Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from agents.gp import acquisition, kernel
from agents.gp.data import Data, keep, pad, standardise
from agents.gp.fit import fit
from agents.gp.kernel import Hyper
from agents.gp.posterior import condition, predict
from agents.gp.precision import float64
from agents.grid import fraction_steps
from agents.history import History
from agents.randomness import generator
from mixenv import simplex
from mixenv.problem import Experiment, Outcome, Problem

INITIAL, SHORT = 20, 900 / 19_500  # random configurations, and their longest, of the target's steps
FRACTIONS = (6_000 / 19_500, 12_000 / 19_500, 1.0)  # of the target's steps
STARTS = 5
DECAY = 0.99  # of the cost's exponent, an iteration
SMALL, SHRINK = 1e-4, 0.95


class MFMSGP:
    """Algorithm 1 of arXiv 2503.21023."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = generator(seed)
        self._history = History(problem)
        self._hyper = kernel.default(len(problem.domains) + 2)
        self._told = 0
        self._iteration = 0
        self._shrink = 1.0
        self._fidelities = fidelities(problem)
        self._next: Experiment | None = None

    def ask(self) -> Experiment:
        """A random short run for the first 20; then the largest EI / cost^alpha."""
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
        """The mixture [d] of the best observation at any scale and steps."""
        return self._history.best()

    def _random(self) -> Experiment:
        scale = self._problem.scales[self._rng.integers(len(self._problem.scales))]
        short = [t for t in self._problem.steps if t <= SHORT * self._problem.target[1] + 1e-9]
        steps = int(self._rng.choice(short or self._problem.steps[:1]))
        return Experiment(self._draw(scale, 1)[0], scale, steps)

    def _draw(self, scale: float, n: int) -> np.ndarray:
        pool = self._problem.pools.get(scale)
        if pool is not None:
            return pool[self._rng.integers(len(pool), size=n)]
        return self._problem.region.sample(self._rng, n)

    def _decide(self) -> Experiment:
        values = np.array(self._history.values)
        kept = keep(values)
        y, _, _ = standardise(values[kept])
        x = features(self._problem, [self._history.experiments[i] for i in kept])
        starts = np.stack([self._draw(s, STARTS) for s, _ in self._fidelities])
        where = encode(self._problem, *np.array(self._fidelities).T)
        with float64():
            hyper, mixtures, scores = jax.device_get(
                _suggest(
                    self._hyper,
                    pad(x, y),
                    self._shrink,
                    starts,
                    where,
                    y.min(),
                    self._problem.max_share,
                )
            )
        self._hyper = hyper
        alpha = DECAY**self._iteration
        price = np.array([self._problem.price(*f) for f in self._fidelities])
        self._iteration += 1
        f, c = np.unravel_index((scores - alpha * np.log(price)[:, None]).argmax(), scores.shape)
        full = self._fidelities.index(self._problem.target)
        if scores[full].max() < np.log(SMALL):
            self._shrink *= SHRINK
        mixture = simplex.project(mixtures[f, c], self._problem.max_share)
        return Experiment(mixture, *self._fidelities[f])


def fidelities(problem: Problem) -> list[tuple[float, int]]:
    steps = sorted({fraction_steps(problem, f) for f in FRACTIONS})
    return [(s, t) for s in problem.scales for t in steps]


FEATURES = "linear"


def encode(problem: Problem, scale: Any, steps: Any) -> np.ndarray:
    if FEATURES == "linear":
        return np.stack([scale / problem.scales[-1], steps / problem.target[1]], -1)
    a, b = np.log(problem.scales[0]), np.log(problem.scales[-1])
    c, d = np.log(problem.steps[0]), np.log(problem.target[1])
    return np.stack([(np.log(scale) - a) / (b - a), (np.log(steps) - c) / (d - c)], -1)


def features(problem: Problem, experiments: list[Experiment]) -> np.ndarray:
    mixtures = np.array([e.mixture for e in experiments])
    where = encode(
        problem,
        np.array([e.scale for e in experiments], dtype=float),
        np.array([e.steps for e in experiments], dtype=float),
    )
    return np.concatenate([mixtures, where], axis=1)


@jax.jit
def _suggest(hyper, data, shrink, starts, where, best, max_share):
    fitted = fit(hyper, data)
    lengths = fitted.hyper.log_lengths + jnp.log(shrink) * jnp.array([0.0, 1.0, 1.0])
    posterior = condition(fitted.hyper._replace(log_lengths=lengths), data)
    mixtures, scores = acquisition.maximise(posterior, starts, where, best, max_share)
    return fitted.hyper, mixtures, scores
