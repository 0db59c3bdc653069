"""Mixtures as softmax of a box: the search space that the paper's authors gave their baselines."""

from __future__ import annotations

import numpy as np

from mixenv import simplex
from mixenv.problem import Problem

HALF_WIDTH = 3.0  # of the box [-3, 3]^d


def mixture_of(problem: Problem, logits: np.ndarray) -> np.ndarray:
    """The mixture [d] softmax(logits [d]), projected (Euclidean) on the cap.

    Of a pool: the recorded mixture at the target's scale that is nearest in total variation.
    """
    weights = np.exp(np.asarray(logits, dtype=np.float64) - np.max(logits))
    return nearest(problem, weights / weights.sum(), problem.target[0])


def nearest(problem: Problem, mixture: np.ndarray, scale: float) -> np.ndarray:
    """The allowed mixture [d] nearest to one: recorded at `scale`, or under the cap."""
    pool = problem.pools.get(scale)
    if pool is None:
        return simplex.project(mixture, problem.max_share)
    return np.array(pool[np.abs(pool - mixture).sum(axis=1).argmin()])
