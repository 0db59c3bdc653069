"""One exponential law c + s exp(t . shares) by least squares. Pure functions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.least_squares import least_fit

DEPTHS = (0.1, 1.0, 10.0)  # of the asymptote below (or above) the values, in ranges, at the starts
PRIOR = 0.03  # weight of a slope's deviation from their mean, values having sd 1: for few runs
EVALUATIONS = 60
_LARGEST = 30.0


class Exponential(NamedTuple):
    """level + spread * (c + sign * exp(mixture @ slopes))."""

    level: float
    spread: float
    sign: float
    c: float
    slopes: np.ndarray

    def __call__(self, mixture: np.ndarray) -> np.ndarray:
        """Predictions [m] at mixtures [m, d]."""
        return self.level + self.spread * (self.c + self.sign * _power(mixture, self.slopes))


def exponential(mixture: np.ndarray, values: np.ndarray) -> Exponential:
    """The law of values [n] at mixtures [n, d]: the best of six local fits, three of each sign."""
    level, spread = float(values.mean()), float(values.std())
    spread = spread if spread > 1e-12 * max(1.0, abs(level)) else 1.0
    z = (values - level) / spread
    fits = [(_descend(mixture, z, sign), sign) for sign in (1.0, -1.0)]
    best, sign = min(fits, key=lambda pair: pair[0].cost)
    return Exponential(level, spread, sign, float(best.x[0]), best.x[1:])


def _power(mixture: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(mixture @ slopes, _LARGEST))


def _descend(mixture: np.ndarray, z: np.ndarray, sign: float) -> Any:
    """The best local fit of (c, slopes) [1 + d], with one sign."""
    domains = mixture.shape[1]
    prior = np.zeros((domains, 1 + domains))
    prior[:, 1:] = PRIOR * (np.eye(domains) - 1 / domains)

    def residual(theta: np.ndarray) -> np.ndarray:
        fitted = theta[0] + sign * _power(mixture, theta[1:])
        return np.concatenate([fitted - z, prior @ theta])

    def jacobian(theta: np.ndarray) -> np.ndarray:
        rise = sign * _power(mixture, theta[1:])[:, None] * mixture
        return np.concatenate([np.insert(rise, 0, 1.0, axis=1), prior])

    starts = [_start(mixture, z, sign, depth) for depth in DEPTHS]
    return least_fit(residual, jacobian, starts, EVALUATIONS)


def _start(mixture: np.ndarray, z: np.ndarray, sign: float, depth: float) -> np.ndarray:
    """(c, slopes): c beyond all z [n] by `depth` ranges, the slopes a fit of log |z - c|."""
    turned = sign * z
    c = turned.min() - depth * max(np.ptp(z), 1e-3)
    slopes, *_ = np.linalg.lstsq(mixture, np.log(turned - c), rcond=None)
    return np.concatenate([[sign * c], slopes])
