"""c + exp(e.r) + exp(a.r) N^-alpha + exp(b.r) D^-beta by least squares. Pure functions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.least_squares import least_fit

PRIOR = 0.03  # weight of a slope's deviation from their mean, values having sd 1: for few runs
EXPONENT, HELD = 0.3, 0.5  # what both exponents are held near, and with what weight (logarithms)
DEPTHS = (1.0, 4.0)  # of c below the values, in sds, at the starts
EVALUATIONS = 100
_LARGEST = 30.0
_HEAD = 3  # parameters before the slopes: c, log alpha, log beta


class Where(NamedTuple):
    """Mixtures [n, d], and the logarithms [n] of N and D against the target's."""

    mixture: np.ndarray
    smaller: Any
    shorter: Any


class PowerLaw(NamedTuple):
    """level + spread * law(theta), theta [3 + 3 d] = c, log alpha, log beta, e, a, b."""

    level: float
    spread: float
    theta: np.ndarray

    def __call__(self, where: Where) -> np.ndarray:
        """Predictions [n]."""
        return self.level + self.spread * _law(self.theta, where)[0]


def power_law(where: Where, values: np.ndarray) -> PowerLaw:
    """The law of values [n]: the better of two local fits."""
    level, spread = float(values.mean()), float(values.std())
    spread = spread if spread > 1e-12 * max(1.0, abs(level)) else 1.0
    z, domains = (values - level) / spread, where.mixture.shape[1]
    centre, weights = _prior(domains)

    def residual(theta: np.ndarray) -> np.ndarray:
        return np.concatenate([_law(theta, where)[0] - z, weights @ (theta - centre)])

    def jacobian(theta: np.ndarray) -> np.ndarray:
        return np.concatenate([_law(theta, where)[1], weights])

    starts = [_start(z, domains, depth) for depth in DEPTHS]
    best = least_fit(residual, jacobian, starts, EVALUATIONS)
    return PowerLaw(level, spread, best.x)


def _law(theta: np.ndarray, where: Where) -> tuple[np.ndarray, np.ndarray]:
    """The law [n] and its derivative [n, 3 + 3 d] by theta."""
    alpha, beta = np.exp(np.clip(theta[1:_HEAD], -_LARGEST, np.log(10)))
    slopes = theta[_HEAD:].reshape(3, -1)
    powers = where.mixture @ slopes.T  # [n, 3]
    powers[:, 1] -= alpha * where.smaller
    powers[:, 2] -= beta * where.shorter
    parts = np.exp(np.minimum(powers, _LARGEST))
    slope = np.empty((len(parts), len(theta)))
    slope[:, 0] = 1
    slope[:, 1] = -parts[:, 1] * where.smaller * alpha
    slope[:, 2] = -parts[:, 2] * where.shorter * beta
    slope[:, _HEAD:] = (parts[:, :, None] * where.mixture[:, None, :]).reshape(len(parts), -1)
    return theta[0] + parts.sum(axis=1), slope


def _start(z: np.ndarray, domains: int, depth: float) -> np.ndarray:
    """A law that does not depend on the mixture, of the level of z [n]."""
    theta = np.zeros(_HEAD + 3 * domains)
    theta[0], theta[1:_HEAD] = z.min() - depth, np.log(EXPONENT)
    theta[_HEAD : _HEAD + domains] = np.log(depth / 2)
    theta[_HEAD + domains :] = np.log(EXPONENT)
    return theta


def _prior(domains: int) -> tuple[np.ndarray, np.ndarray]:
    """Where theta is held, and the weights [p, p] of what deviates from there."""
    centre = np.zeros(_HEAD + 3 * domains)
    centre[1:_HEAD] = np.log(EXPONENT)
    weights = np.diag(np.full(len(centre), PRIOR * 0.1))
    weights[[1, 2], [1, 2]] = HELD
    for k in range(3):
        block = slice(_HEAD + k * domains, _HEAD + (k + 1) * domains)
        weights[block, block] = PRIOR * (np.eye(domains) - 0.9 / domains)
    return centre, weights
