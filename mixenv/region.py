"""The mixtures a task allows: a capped simplex, or the recorded rows of a pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Protocol

import numpy as np

from mixenv import simplex

Batched = Callable[[np.ndarray], np.ndarray]  # mixtures [n, d] -> objective [n], lower is better

REFERENCE_DRAWS = 2**16
_LATTICE_LIMIT = 20_000
_STARTS, _TRIALS, _ROUNDS, _SHRINK = 32, 128, 48, 0.78
_USUAL = 5  # domains up to which random trials alone find the least
# With more: (points kept, rounds, radius shrunk to, random trials a point) of three stages.
_STAGES = ((16, 24, 3e-2, 48), (6, 40, 1e-3, 64), (2, 72, 1e-8, 96))
_NUDGE = 1e-4  # towards a domain alone, for slopes
_LENGTHS = 2.0 ** np.arange(3, -9, -1)  # of steps down the slope, in radii


class Region(Protocol):
    """Allowed mixtures: how to draw from them, and where a function is least over them."""

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """`n` mixtures [n, d], uniform over the region."""
        ...

    def reference(self) -> np.ndarray:
        """The fixed uniform mixtures [m, d] over which means and sds are taken."""
        ...

    def minimise(self, function: Batched) -> np.ndarray:
        """The mixture [d] at which `function` is least."""
        ...


@dataclass(frozen=True)
class CappedSimplex:
    """All mixtures of `domains` sources with no share above `max_share`."""

    domains: int
    max_share: float = 1.0

    def __post_init__(self) -> None:
        simplex.check_cap(self.domains, self.max_share)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """`n` mixtures [n, d], uniform over the region."""
        return simplex.sample(rng, n, self.domains, self.max_share)

    def reference(self) -> np.ndarray:
        """65 536 uniform mixtures, always the same."""
        return self.sample(np.random.default_rng(0), REFERENCE_DRAWS)

    def minimise(self, function: Batched) -> np.ndarray:
        """Lattice, extreme points and uniform draws; then shrinking random local refinement.

        The refinement keeps no derivative: network surfaces are piecewise linear, with optima at
        kinks and on the border, which projected perturbations reach. With more than five domains
        random steps seldom lead down: there slopes, from differences, are tried beside them, and
        fewer points are kept from stage to stage.
        """
        rng = np.random.default_rng(1)
        starts = np.concatenate([self._grid(), self.sample(rng, REFERENCE_DRAWS // 4)])
        order = np.argsort(function(starts), kind="stable")
        if self.domains > _USUAL:
            return self._descend(function, starts[order], rng)
        best, radius = starts[order[:_STARTS]], 0.1
        for _ in range(_ROUNDS):
            moves = rng.normal(scale=radius, size=(len(best), _TRIALS, self.domains))
            trials = simplex.project(best[:, None] + moves, self.max_share)
            trials = np.concatenate([best[:, None], trials], axis=1)
            values = function(trials.reshape(-1, self.domains)).reshape(len(best), -1)
            best = trials[np.arange(len(best)), values.argmin(axis=1)]
            radius *= _SHRINK
        return best[function(best).argmin()]

    def _descend(
        self, function: Batched, points: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """The least [d] found from the first of points [n, d], the best first."""
        radius, values = 0.1, function(points[: _STAGES[0][0]])
        for kept, rounds, end, trials in _STAGES:
            points = points[np.argsort(values[: len(points)], kind="stable")[:kept]]
            values, shrink = function(points), (end / radius) ** (1 / rounds)
            for _ in range(rounds):
                moves = rng.normal(size=(len(points), trials, self.domains))
                moves[:, ::2] *= rng.random((len(points), trials, self.domains))[:, ::2] < 0.3
                down = self._down(function, points, values) * _LENGTHS[:, None]
                moves = radius * np.concatenate([moves, down], axis=1)
                tried = simplex.project(points[:, None] + moves, self.max_share)
                found = function(tried.reshape(-1, self.domains)).reshape(len(points), -1)
                best, rows = found.argmin(axis=1), np.arange(len(points))
                better = found[rows, best] < values
                points = np.where(better[:, None], tried[rows, best], points)
                values = np.where(better, found[rows, best], values)
                radius *= shrink
        return points[values.argmin()]

    def _down(self, function: Batched, points: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The direction [n, 1, d] of steepest descent at points [n, d], of length 1."""
        nudged = points[:, None] + _NUDGE * (np.eye(self.domains) - points[:, None])
        found = function(nudged.reshape(-1, self.domains)).reshape(points.shape)
        slope = found - values[:, None]
        slope = slope - slope.mean(axis=1, keepdims=True)
        return -(slope / (np.linalg.norm(slope, axis=1, keepdims=True) + 1e-300))[:, None]

    def _grid(self) -> np.ndarray:
        parts, full = 1, int(1 / self.max_share + 1e-9)
        while comb(parts + self.domains, self.domains - 1) <= _LATTICE_LIMIT:
            parts += 1
        grid = [np.full((1, self.domains), 1 / self.domains)]
        if comb(parts + self.domains - 1, self.domains - 1) <= _LATTICE_LIMIT:
            grid.append(simplex.lattice(self.domains, parts, self.max_share))
        if comb(self.domains, full) * self.domains <= _LATTICE_LIMIT:
            grid.append(simplex.extremes(self.domains, self.max_share))
        return np.concatenate(grid)


@dataclass(frozen=True, eq=False)
class RecordedMixtures:
    """The recorded mixtures [n, d] of a pool at its target."""

    mixtures: np.ndarray

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """`n` recorded mixtures [n, d], each equally likely, with replacement."""
        return self.mixtures[rng.integers(len(self.mixtures), size=n)]

    def reference(self) -> np.ndarray:
        """Every recorded mixture, once."""
        return self.mixtures

    def minimise(self, function: Batched) -> np.ndarray:
        """The best recorded mixture."""
        return self.mixtures[function(self.mixtures).argmin()]
