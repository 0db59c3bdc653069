"""Experiments as a GP's features: the shares, then the scale and the steps on [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixenv.problem import Experiment, Problem


def features(problem: Problem, experiments: Sequence[Experiment]) -> np.ndarray:
    """Features [n, d + 2] of `n` experiments."""
    mixtures = np.array([e.mixture for e in experiments])
    where = [(e.scale, e.steps) for e in experiments]
    return np.concatenate([mixtures, encode(problem, where)], axis=1)


def encode(problem: Problem, where: Sequence[tuple[float, int]]) -> np.ndarray:
    """(scale, steps) pairs as [n, 2]: logarithms, 0 at the grid's smallest and 1 at its largest.

    Logarithms, because losses fall by like amounts for like ratios of scale and of steps.
    """
    columns = np.log(np.asarray(where, dtype=np.float64)).T
    return np.stack([_unit(problem.scales, columns[0]), _unit(problem.steps, columns[1])], axis=-1)


def _unit(grid: Sequence[float], logs: np.ndarray) -> np.ndarray:
    low, high = np.log(grid[0]), np.log(grid[-1])
    return (logs - low) / (high - low if high > low else 1.0)
