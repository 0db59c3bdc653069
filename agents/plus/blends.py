"""The mixtures that a race begins with: extreme points, midpoints of edges, equal shares."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from agents.corners import extreme_points
from agents.history import uniform
from agents.mixtures import draw
from agents.plus.settings import Settings
from mixenv.problem import Problem


def blends(
    problem: Problem, settings: Settings, count: int, rng: np.random.Generator
) -> np.ndarray:
    """At most `count` mixtures [m, d]: equal shares, extreme points, midpoints of their edges.

    Where there are too many, some drawn at random, extreme points first. Extreme points that differ
    in two shares only have an edge between them. Without `extremes` uniform ones beside the first.
    """
    if not settings.extremes:
        drawn = draw(problem, problem.target[0], rng, count - 1)
        return np.concatenate([uniform(problem)[None], drawn])
    extremes = extreme_points(problem, rng)
    extremes = extremes[rng.permutation(len(extremes))]
    known = distinct([uniform(problem), *extremes])[:count]
    pairs = combinations(extremes[: count - 1], 2)
    edges = [(a, b) for a, b in pairs if (np.abs(a - b) > 1e-9).sum() == 2]
    middles = distinct([*known, *((a + b) / 2 for a, b in edges)])[len(known) :]  # edges may cross
    chosen = rng.permutation(len(middles))[: count - len(known)]
    return np.concatenate([known, middles[chosen]])


def distinct(mixtures: Sequence[np.ndarray]) -> np.ndarray:
    """Each mixture [m, d] once, in order."""
    found = np.array(mixtures)
    _, first = np.unique(found.round(9), axis=0, return_index=True)
    return found[np.sort(first)]
