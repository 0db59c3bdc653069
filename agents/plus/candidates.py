"""Mixtures at which the optimum at the target is sought, and its refinement."""

from __future__ import annotations

from math import comb

import numpy as np

from agents.corners import extreme_points
from agents.mixtures import recorded
from agents.plus import posterior
from agents.plus.model import Model
from agents.plus.settings import Settings
from mixenv import simplex
from mixenv.problem import Problem

_SEED = 0x616E63  # "anc"


class Candidates:
    """All recorded mixtures; or anchors over the region, and more near a good mixture."""

    def __init__(self, problem: Problem, settings: Settings) -> None:
        self._settings, self._cap = settings, problem.max_share
        self._pool = recorded(problem, problem.target[0])
        self._anchors = self._pool if self._pool is not None else _anchors(problem, settings)

    def around(self, centre: np.ndarray, told: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Anchors, then mixtures `told` [t, d], then moves from `centre` [d], then that [a, d]."""
        if self._pool is not None:
            return self._pool
        radii = np.repeat(self._settings.near_radii, self._settings.near_each)[:, None]
        moved = centre + rng.normal(size=(len(radii), len(centre))) * radii
        near = simplex.project(moved, self._cap)
        return np.concatenate([self._anchors, told, near, centre[None]])

    def refine(self, model: Model, starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The mixture [d] of the least mean objective at the target, from the best of `starts`.

        Random moves of falling size from the best few. For a largest-of-several objective the
        outputs' variances are taken from the start that a move descends from: they change slowly.
        """
        mean, variance = _moments(model, starts)
        value = model.natural(mean, variance).mean
        order = np.argsort(value, kind="stable")
        if self._pool is not None:
            return starts[order[0]].copy()
        best = order[: self._settings.refine_points]
        points, variance = starts[best], variance[:, best]
        for radius in self._settings.refine_radii:
            points, variance, value = self._round(model, points, variance, radius, rng)
        return points[0].copy()

    def _round(
        self,
        model: Model,
        points: np.ndarray,
        variance: np.ndarray,
        radius: float,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        trials = self._settings.refine_trials
        moved = np.repeat(points, trials, axis=0)
        moved = simplex.project(moved + rng.normal(size=moved.shape) * radius, self._cap)
        tried = np.concatenate([moved, points])
        spread = np.concatenate([np.repeat(variance, trials, axis=1), variance], axis=1)
        mean = posterior.mean(model.posterior, model.geometry.at_target(tried))
        value = model.natural(mean, spread).mean
        best = np.argsort(value, kind="stable")[: len(points)]
        return tried[best], spread[:, best], value[best]


def _moments(model: Model, mixtures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs' means and, where the objective depends on them, variances [M, a] at the target."""
    points = model.geometry.at_target(mixtures)
    mean = posterior.mean(model.posterior, points)
    if not model.outputs.worst:
        return mean, np.zeros_like(mean)
    white = posterior.whiten(model.posterior, points)
    return mean, posterior.variance(model.posterior, points, white)


def _anchors(problem: Problem, settings: Settings) -> np.ndarray:
    """Extreme points, a lattice as fine as its limit allows, and uniform mixtures [a, d]."""
    rng, domains = np.random.default_rng(_SEED), len(problem.domains)
    extremes = extreme_points(problem, rng)
    parts = settings.lattice_parts
    while parts > 1 and comb(parts + domains - 1, domains - 1) > settings.lattice_limit:
        parts -= 1
    lattice = simplex.lattice(domains, parts, problem.max_share)
    short = settings.least_anchors - len(extremes) - len(lattice)
    drawn = problem.region.sample(rng, max(settings.uniform, short))
    return np.concatenate([extremes, lattice, drawn])
