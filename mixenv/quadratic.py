"""What is known exactly where metrics are quadratic in the mixture: moments, optimum and sd."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from mixenv.objective import Objective
from mixenv.region import CappedSimplex, Region
from mixenv.simplex import project
from mixenv.surfaces.protocol import Surface
from mixenv.truth import Moments, Optimum


class Quadratic(NamedTuple):
    """k functions of a mixture w [d]: constant [k] + linear [k, d] . w + bend [k] |w|^2 / 2."""

    constant: np.ndarray
    linear: np.ndarray
    bend: np.ndarray


@runtime_checkable
class QuadraticSurface(Surface, Protocol):
    """A surface whose metrics at any one scale and length are a `Quadratic`."""

    def quadratic(self, scale: float, steps: int) -> Quadratic:
        """The metrics at `scale` parameters and `steps`."""
        ...


@dataclass(frozen=True, eq=False)
class Known:
    """The truth of a task with a quadratic surface over a capped simplex; nothing is searched."""

    form: Quadratic
    region: CappedSimplex

    @cached_property
    def moments(self) -> Moments:
        """Mean and sd [k] of each metric over the region's reference mixtures, without a pass."""
        mean, covariance = _features(self.region)
        weights = np.column_stack([self.form.linear, self.form.bend])
        sd = np.sqrt(np.sum((weights @ covariance) * weights, axis=1))
        return Moments(self.form.constant + weights @ mean, np.where(sd > 0, sd, 1.0))

    def sd(self, objective: Objective) -> float | None:
        """The objective's sd over those mixtures (1 if it never varies); None for a maximum."""
        if objective.worst:
            return None
        _, linear, bend = self._sum(objective)
        weights = np.append(linear, bend)
        sd = float(np.sqrt(weights @ _features(self.region)[1] @ weights))
        return sd if sd > 0 else 1.0

    def optimum(self, objective: Objective) -> Optimum | None:
        """The objective's optimum; None for the maximum of several metrics."""
        sd = self.sd(objective)
        if sd is None:
            return None
        constant, linear, bend = self._sum(objective)
        best = minimise(linear, bend, self.region.max_share)
        return Optimum(best, constant + float(linear @ best + bend * best @ best / 2), sd)

    def _sum(self, objective: Objective) -> tuple[float, np.ndarray, float]:
        """Constant, linear [d] and bend of the weighted sum that the objective is."""
        index, gain = list(objective.index), np.array(objective.gain)
        constant = gain @ (self.form.constant[index] - np.array(objective.shift))
        return float(constant), gain @ self.form.linear[index], float(gain @ self.form.bend[index])


def known(surface: Surface, region: Region, target: tuple[float, int]) -> Known | None:
    """What is known exactly of a surface at its target; None where it must be searched."""
    if isinstance(surface, QuadraticSurface) and isinstance(region, CappedSimplex):
        return Known(surface.quadratic(*target), region)
    return None


def minimise(linear: np.ndarray, bend: float, max_share: float) -> np.ndarray:
    """The mixture [d] at which linear . w + bend |w|^2 / 2 is least over the capped simplex.

    A convex one is least at the projection of its centre -linear / bend. Any other is least at an
    extreme point; |w|^2 is the same at all of them, so the least coefficients are filled up first.
    """
    if bend > 0:
        return project(-linear / bend, max_share)
    before = np.arange(len(linear)) * max_share
    best = np.zeros(len(linear))
    best[np.argsort(linear, kind="stable")] = np.clip(1 - before, 0, max_share)
    return best


@lru_cache(maxsize=32)
def _features(region: CappedSimplex) -> tuple[np.ndarray, np.ndarray]:
    """Mean [d + 1] and covariance of (w, |w|^2 / 2) over the region's reference mixtures."""
    w = region.reference()
    features = np.column_stack([w, 0.5 * (w * w).sum(axis=1)])
    return features.mean(axis=0), np.cov(features, rowvar=False, bias=True)
