"""Active learning on independent regions: which to label next, exactly.

Half of the regions belong to one family, half to another; a family has the sd of theta and the sd
of a label's noise. A region's label is theta_r + noise; what counts is the prediction of new ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.oracles.process import gaussian

FIRST = 5  # labels that are given before anybody chooses


@dataclass(frozen=True)
class Regions:
    """`count` regions; `families` are (sd of theta, sd of noise) of the first and second half.

    Raises ValueError for an odd count or an sd that is not positive.
    """

    families: tuple[tuple[float, float], tuple[float, float]]
    count: int = 50

    def __post_init__(self) -> None:
        if self.count < 2 or self.count % 2 or min(min(f) for f in self.families) <= 0:
            raise ValueError(
                "regions: expected an even count and sds above 0, got "
                f"{self.count!r} and {self.families!r}; give two halves"
            )

    @property
    def family(self) -> np.ndarray:
        """0 or 1 for each region [count]."""
        return np.repeat((0, 1), self.count // 2)

    @property
    def spread(self) -> np.ndarray:
        """Sd of theta [count]."""
        return np.array([f[0] for f in self.families])[self.family]

    @property
    def noise(self) -> np.ndarray:
        """Sd of a label's noise [count]."""
        return np.array([f[1] for f in self.families])[self.family]


TIE = Regions(((0.9, 0.1), (0.5, 0.7)))  # what is uncertain and what is noisy agree on the order
APART = Regions(((0.05, 1.55), (0.95, 0.05)))  # they do not


@dataclass(frozen=True, eq=False)
class Labels:
    """What many runs know: `count` and `total` of labels [runs, regions]."""

    regions: Regions
    count: np.ndarray
    total: np.ndarray

    def posterior(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance [runs, regions] of theta."""
        noise = self.regions.noise**2
        precision = 1 / self.regions.spread**2 + self.count / noise
        return self.total / noise / precision, 1 / precision


Score = Callable[[Labels, np.random.Generator], np.ndarray]
Loss = Callable[[Labels, np.ndarray], np.ndarray]  # (known, theta [runs, regions]) -> [runs]


def multi(labels: Labels, rng: np.random.Generator) -> np.ndarray:
    """Sd [runs, regions] of the last predictive mean of endless rollouts: of theta."""
    return np.sqrt(labels.posterior()[1]) + _untied(labels, rng)


def single(labels: Labels, rng: np.random.Generator) -> np.ndarray:
    """Sd [runs, regions] of the next label."""
    return np.sqrt(labels.posterior()[1] + labels.regions.noise**2) + _untied(labels, rng)


def random(labels: Labels, rng: np.random.Generator) -> np.ndarray:
    """No opinion."""
    return rng.random(labels.count.shape)


SCORES: dict[str, Score] = {"multi": multi, "single": single, "random": random}


def expected_loss(labels: Labels, theta: np.ndarray) -> np.ndarray:
    """Mean over regions [runs] of E[-log p(new label)], theta [runs, regions] known."""
    mean, variance = labels.posterior()
    return expected(theta, labels.regions.noise**2, mean, variance + labels.regions.noise**2)


def expected(
    theta: np.ndarray, noise: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Mean over regions of E[-log N(label; mean, variance)] for label ~ N(theta, noise)."""
    return (gaussian(theta, mean, variance) + 0.5 * noise / variance).mean(axis=-1)


def learn(
    score: Score,
    regions: Regions,
    labels: int,
    runs: int,
    rng: np.random.Generator,
    loss: Loss = expected_loss,
) -> np.ndarray:
    """Loss [runs, labels + 1] before and after each label.

    The first `FIRST` labels go to random regions, the rest to the highest score; a region is
    labelled at most once. Runs of one `rng` seed share theta, the first labels and the noise.
    """
    making, deciding = rng.spawn(2)
    theta = regions.spread * making.normal(size=(runs, regions.count))
    shown = theta + regions.noise * making.normal(size=theta.shape)
    begin = making.permuted(np.tile(np.arange(regions.count), (runs, 1)), axis=1)
    known = Labels(regions, np.zeros(theta.shape, dtype=int), np.zeros(theta.shape))
    every, losses = np.arange(runs), [loss(known, theta)]
    for i in range(labels):
        scores = np.where(known.count, -np.inf, score(known, deciding))
        chosen = begin[:, i] if i < FIRST else scores.argmax(axis=1)
        known.total[every, chosen] += shown[every, chosen]
        known.count[every, chosen] += 1
        losses.append(loss(known, theta))
    return np.stack(losses, axis=1)


def _untied(labels: Labels, rng: np.random.Generator) -> np.ndarray:
    return 1e-9 * rng.random(labels.count.shape)
