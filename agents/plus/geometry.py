"""Where an experiment lies: a mixture's coordinates, a fidelity's place relative to the target."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.plus.settings import Settings
from mixenv.problem import Problem

NEAR = 0.5  # of the target's steps: from there a run at its scale is near the target


class Points(NamedTuple):
    """`n` places, by the `m` distinct mixtures and `f` distinct fidelities among them."""

    coordinates: np.ndarray  # [m, d]
    shares: np.ndarray  # [m, d]
    which: np.ndarray  # [n] mixture of each
    where: np.ndarray  # [f, 2]
    at: np.ndarray  # [n] fidelity of each


class Geometry:
    """Turns mixtures, scales (parameters) and steps into a GP's inputs, for one problem."""

    def __init__(self, problem: Problem, settings: Settings) -> None:
        self.settings = settings
        self._root = settings.coordinates == "root"
        self._exponent = settings.noise_exponent
        self._target = np.array(problem.target, dtype=np.float64)
        reach = np.abs(np.log(np.array(problem.scales) / problem.target[0])).max()
        self._span = np.array([max(reach, 1e-9), np.log(settings.steps_span)])

    def ratio(self, scales: Any, steps: Any) -> np.ndarray:
        """Log scale and log steps [n, 2] relative to the target's: 0 there."""
        both = np.stack(np.broadcast_arrays(scales, steps), -1).astype(np.float64)
        return np.log(both / self._target)

    def level(self, scales: Any, steps: Any) -> np.ndarray:
        """Noise sd [n] relative to the target's."""
        return np.exp(-self._exponent * self.ratio(scales, steps).sum(-1))

    def points(self, mixtures: np.ndarray, scales: Any, steps: Any) -> Points:
        """Places of mixtures [n, d] at scales [n] and steps [n], or all at one of either."""
        places = np.broadcast_to(self.ratio(scales, steps) / self._span, (len(mixtures), 2))
        shares, which = _distinct(np.asarray(mixtures, dtype=np.float64))
        where, at = _distinct(places)
        return Points(self.coordinates(shares), shares, which, where, at)

    def near(self, where: np.ndarray) -> np.ndarray:
        """Which of fidelities [f, 2], as in `Points`, are near the target, see `NEAR`."""
        return (where[:, 0] == 0) & (where[:, 1] >= np.log(NEAR) / self._span[1] - 1e-9)

    def at_target(self, mixtures: np.ndarray) -> Points:
        """Places of mixtures [n, d] at the target, in their order and not looked through."""
        n = len(mixtures)
        zeros = np.zeros(n, dtype=np.int64)
        return Points(self.coordinates(mixtures), mixtures, np.arange(n), np.zeros((1, 2)), zeros)

    def coordinates(self, shares: np.ndarray) -> np.ndarray:
        """Square roots of shares [m, d], which spread the small ones out; or shares as they are."""
        return np.sqrt(np.maximum(shares, 0.0)) if self._root else shares


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found, which = np.unique(rows, axis=0, return_inverse=True)
    return found, which.reshape(-1)
