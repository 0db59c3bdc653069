"""What is modelled, and how the objective follows from it: parts, or the objective itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.plus.settings import Settings
from mixenv.objective import Objective


class Moments(NamedTuple):
    """The objective's mean [a] and variance [a], and each output's weight [M, a] in it."""

    mean: np.ndarray
    variance: np.ndarray
    weights: np.ndarray


class Outputs:
    """The metrics in an objective, M of them; or, with `parts` off, the objective as only one.

    A sum has exact moments. The largest of several is integrated over fixed normal draws, outputs
    taken as independent; there an output's weight is its gain times the probability that it is
    the largest.
    """

    def __init__(self, objective: Objective, settings: Settings) -> None:
        self._whole = None if settings.parts else objective
        self._index = list(objective.index)
        gain = objective.gain if settings.parts else (1.0,)
        self.gain = np.array(gain)[:, None]
        self.shift = np.array(objective.shift if settings.parts else (0.0,))[:, None]
        self.worst = objective.worst and settings.parts
        self.count = len(gain)
        rng = np.random.default_rng(0)
        self._draws = rng.standard_normal((settings.worst_draws, self.count, 1))

    def of(self, metrics: np.ndarray) -> np.ndarray:
        """Outputs [..., M] of metrics [..., k]."""
        if self._whole is not None:
            return np.asarray(self._whole(metrics))[..., None]
        return metrics[..., self._index]

    def value(self, outputs: np.ndarray) -> np.ndarray:
        """The objective [...] of outputs [..., M]."""
        terms = (outputs - self.shift[:, 0]) * self.gain[:, 0]
        return terms.max(-1) if self.worst else terms.sum(-1)

    def moments(self, mean: np.ndarray, variance: np.ndarray) -> Moments:
        """The objective's moments from independent outputs' means and variances [M, a]."""
        mean, variance = (mean - self.shift) * self.gain, variance * self.gain**2
        if not self.worst:
            weights = np.broadcast_to(self.gain, mean.shape)
            return Moments(mean.sum(0), variance.sum(0), weights)
        drawn = mean + np.sqrt(variance) * self._draws
        largest = drawn.max(1)
        likely = (drawn == largest[:, None]).mean(0)
        return Moments(largest.mean(0), largest.var(0), self.gain * likely)
