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
_USUAL = 5  # domains for which those do; with more, the radius shrinks more slowly


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
        kinks and on the border, which projected perturbations reach.
        """
        rng = np.random.default_rng(1)
        starts = np.concatenate([self._grid(), self.sample(rng, REFERENCE_DRAWS // 4)])
        best = starts[np.argsort(function(starts), kind="stable")[:_STARTS]]
        radius, slower = 0.1, max(1, round(self.domains / _USUAL))
        for _ in range(_ROUNDS * slower):
            moves = rng.normal(scale=radius, size=(len(best), _TRIALS, self.domains))
            trials = simplex.project(best[:, None] + moves, self.max_share)
            trials = np.concatenate([best[:, None], trials], axis=1)
            values = function(trials.reshape(-1, self.domains)).reshape(len(best), -1)
            best = trials[np.arange(len(best)), values.argmin(axis=1)]
            radius *= _SHRINK ** (1 / slower)
        return best[function(best).argmin()]

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
