"""Mixtures in the order of a predicted objective: many candidates, the best of them refined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from agents import mixtures
from agents.corners import extreme_points
from agents.history import uniform
from mixenv import simplex
from mixenv.problem import Problem

Predicted = Callable[[np.ndarray], np.ndarray]  # mixtures [m, d] -> objective [m]

PRECISE = 40  # bisections of a projection: 1e-12
DRAWN, STARTS, TRIALS, ROUNDS, RADIUS, SHRINK = 4096, 12, 24, 16, 0.1, 0.75


def candidates(problem: Problem, rng: np.random.Generator) -> np.ndarray:
    """Mixtures [m, d] to choose from: draws, extreme points and equal shares; of a pool, all."""
    pool = mixtures.recorded(problem, problem.target[0])
    if pool is not None:
        return pool
    drawn = problem.region.sample(rng, DRAWN)
    return np.concatenate([uniform(problem)[None], extreme_points(problem, rng), drawn])


def ranked(chosen: np.ndarray, predicted: Predicted) -> np.ndarray:
    """The candidates [m, d], the least predicted first."""
    return chosen[np.argsort(predicted(chosen), kind="stable")]


def refined(best: np.ndarray, predicted: Predicted, problem: Problem) -> np.ndarray:
    """The mixture [d] at which `predicted` is least, searched for around the first of `best`.

    Shrinking random moves, projected on the cap: no derivative, so kinks and borders do no harm.
    A pool has nothing between its rows: the first of `best`.
    """
    if problem.pools:
        return best[0]
    rng, radius, best = np.random.default_rng(2), RADIUS, best[:STARTS]
    for _ in range(ROUNDS):
        moves = rng.normal(scale=radius, size=(TRIALS, *best.shape))
        moved = simplex.project(best + moves, problem.max_share, PRECISE)
        trials = np.concatenate([best[None], moved])
        values = predicted(trials.reshape(-1, best.shape[1])).reshape(trials.shape[:2])
        best = trials[values.argmin(axis=0), np.arange(len(best))]
        radius *= SHRINK
    return best[predicted(best).argmin()]
