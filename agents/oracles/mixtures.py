"""A bandit on candidate mixtures whose values are a draw of a known Gaussian process; minimise.

Every policy knows the kernel and the noise, so that all of them differ only in what they do with
what they know: how single-step and multi-step decisions compare when no model is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.oracles.process import Process

LOW, HIGH = 0.15, 1.5  # heteroscedastic noise on either side of a hyperplane, as in the environment
_JITTER = 1e-8


@dataclass(frozen=True)
class Candidates:
    """`count` mixtures of `domains`, drawn uniformly; their values from an RBF kernel on sqrt(w).

    `noise` is an sd in units of the signal's, or "heteroscedastic". Raises ValueError for another
    word, a negative sd, or fewer than 2 candidates.
    """

    noise: float | str
    count: int = 64
    domains: int = 5
    length: float = 0.35

    def __post_init__(self) -> None:
        word = isinstance(self.noise, str)
        if (self.noise != "heteroscedastic" if word else self.noise < 0) or self.count < 2:  # type: ignore[operator]
            raise ValueError(
                'candidates: expected 2 or more and a noise >= 0 or "heteroscedastic", got '
                f"{self.count!r} and {self.noise!r}"
            )

    def draw(self, runs: int, rng: np.random.Generator) -> tuple[np.ndarray, Belief]:
        """Values [runs, count] and what is believed of them beforehand."""
        w = rng.dirichlet(np.ones(self.domains), size=(runs, self.count))
        prior = Process(self.length).kernel(np.sqrt(w), np.sqrt(w))
        root = np.linalg.cholesky(prior + _JITTER * np.eye(self.count))
        values = (root @ rng.normal(size=(runs, self.count, 1)))[..., 0]
        return values, Belief(np.zeros(values.shape), prior, self._variance(w, rng))

    def _variance(self, w: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Variance [runs, count] of the noise at mixtures w [runs, count, d]."""
        if not isinstance(self.noise, str):
            return np.full(w.shape[:2], float(self.noise) ** 2)
        normal = rng.normal(size=(len(w), 1, self.domains))
        side = ((w - 1 / self.domains) * normal).sum(axis=-1)
        return np.where(side > 0, HIGH, LOW) ** 2


@dataclass(frozen=True, eq=False)
class Belief:
    """The posterior of many runs: mean [runs, K], covariance [runs, K, K], noise's variance."""

    mean: np.ndarray
    covariance: np.ndarray
    noise: np.ndarray

    @cached_property
    def variance(self) -> np.ndarray:
        """Variance [runs, K] of the values."""
        return np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0)

    def after(self, chosen: np.ndarray, outcome: np.ndarray) -> Belief:
        """The belief when each run [runs] has seen one outcome of the candidate it chose."""
        run = np.arange(len(chosen))
        column = self.covariance[run, :, chosen]
        gain = column / (self.variance[run, chosen] + self.noise[run, chosen])[:, None]
        mean = self.mean + gain * (outcome - self.mean[run, chosen])[:, None]
        learned = gain[:, :, None] * column[:, None, :]
        return Belief(mean, self.covariance - learned, self.noise)


Policy = Callable[[Belief, np.random.Generator], np.ndarray]


def random(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """No opinion."""
    return rng.random(belief.mean.shape)


def greedy(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """Predictive means [runs, K]; ties are broken at random."""
    return belief.mean + 1e-9 * rng.random(belief.mean.shape)


def single(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """One predictive draw [runs, K] of each candidate's outcome alone."""
    spread = np.sqrt(belief.variance + belief.noise)
    return belief.mean + spread * rng.normal(size=belief.mean.shape)


def path(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """One joint draw [runs, K] of outcomes, noise and all: the imagined path itself."""
    return belief.mean + _joint(belief.covariance + _diagonal(belief.noise), rng)


def thompson(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """One joint draw [runs, K] of the values: exact Thompson sampling."""
    return belief.mean + _joint(belief.covariance + _JITTER * np.eye(belief.mean.shape[1]), rng)


def multi(belief: Belief, rng: np.random.Generator, anchors: int = 24) -> np.ndarray:
    """Means [runs, K] that outcomes imagined at `anchors` of the candidates would leave."""
    runs, count = belief.mean.shape
    at = rng.permuted(np.tile(np.arange(count), (runs, 1)), axis=1)[:, :anchors]
    cross = np.take_along_axis(belief.covariance, at[:, None, :], axis=2)
    inside = np.take_along_axis(cross, at[:, :, None], axis=1)
    noise = np.take_along_axis(belief.noise, at, axis=1)
    root = np.linalg.cholesky(inside + _diagonal(noise + _JITTER))
    white = np.linalg.solve(root, np.swapaxes(cross, 1, 2))
    return belief.mean + (rng.normal(size=(runs, 1, anchors)) @ white)[:, 0]


POLICIES: dict[str, Policy] = {
    "random": random, "greedy": greedy, "single": single, "path": path, "thompson": thompson,
    "multi": multi,
}  # fmt: skip


def play(
    policy: Policy, candidates: Candidates, runs: int, rounds: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative regret and simple regret [runs] of choosing what `policy` scores lowest.

    Simple regret is that of the lowest posterior mean at the end. Runs of one `rng` seed share
    their candidates and values whatever the policy, so that policies may be compared in pairs.
    """
    making, deciding = rng.spawn(2)
    values, belief = candidates.draw(runs, making)
    run, best = np.arange(runs), values.min(axis=1)
    cumulative = np.zeros(runs)
    for _ in range(rounds):
        chosen = policy(belief, deciding).argmin(axis=1)
        eps = making.normal(size=runs)
        outcome = values[run, chosen] + np.sqrt(belief.noise[run, chosen]) * eps
        belief = belief.after(chosen, outcome)
        cumulative += values[run, chosen] - best
    return cumulative, values[run, belief.mean.argmin(axis=1)] - best


def _joint(covariance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    root = np.linalg.cholesky(covariance)
    return (root @ rng.normal(size=(*covariance.shape[:2], 1)))[..., 0]


def _diagonal(values: np.ndarray) -> np.ndarray:
    return values[..., None] * np.eye(values.shape[-1])
