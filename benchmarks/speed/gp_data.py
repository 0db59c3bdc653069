"""What the GP engines are given: a synthetic surface's noisy losses at random mixtures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import mixenv

SURFACE, DOMAINS, SCALES, LEVELS = "synthetic:easy:5:0", 5, 7, 10
ORIGIN = f"{SURFACE} (synthetic)"  # and the provenance of its numbers
NOISE = 0.02  # of the losses' sd
HELD_OUT = 400


@dataclass(frozen=True)
class Data:
    """Observations, and as many others held out; features are shares, then the place in [0, 1]^2.

    `index` [n, 2] are the rows of scale and of steps. Losses have an sd of about 1.
    """

    shares: np.ndarray
    index: np.ndarray
    losses: np.ndarray

    @property
    def features(self) -> np.ndarray:
        """Features [n, 7]."""
        return np.concatenate([self.shares, self.index / (SCALES - 1, LEVELS - 1)], axis=1)


def grid() -> np.ndarray:
    """The places [70, 2] as features."""
    return np.stack(np.meshgrid(*map(_levels, (SCALES, LEVELS)), indexing="ij"), -1).reshape(-1, 2)


def draw(n: int, seed: int) -> Data:
    """`n` noisy losses (the mean of three) at uniform mixtures, scales and step levels."""
    rng, task = np.random.default_rng(seed), mixenv.make_task(SURFACE)
    steps = np.geomspace(task.steps[0], task.steps[-1], LEVELS)
    shares = rng.dirichlet(np.ones(DOMAINS), n)
    index = np.stack([rng.integers(SCALES, size=n), rng.integers(LEVELS, size=n)], axis=1)
    scales = np.asarray(task.scales)[index[:, 0]]
    losses = task.surface.metrics(shares, scales, steps[index[:, 1]]).mean(axis=1)
    return Data(shares, index, losses / _sd() + NOISE * rng.normal(size=n))


def held_out() -> Data:
    """Others, always the same."""
    return draw(HELD_OUT, seed=10_007)


def log_density(mean: np.ndarray, sd: np.ndarray, values: np.ndarray) -> float:
    """The mean log density of values under Gaussians of these means and sds, noise included."""
    far = (values - mean) / sd
    return float(np.mean(-0.5 * np.log(2 * np.pi) - np.log(sd) - 0.5 * far**2))


def _levels(count: int) -> np.ndarray:
    return np.linspace(0, 1, count)


def _sd() -> float:
    """The losses' sd over mixtures and the grid."""
    task = mixenv.make_task(SURFACE)
    rng, steps = np.random.default_rng(0), np.geomspace(task.steps[0], task.steps[-1], LEVELS)
    asked = rng.dirichlet(np.ones(DOMAINS), 4096), rng.choice(task.scales, 4096)
    return float(task.surface.metrics(*asked, rng.choice(steps, 4096)).mean(axis=1).std())
