"""Scales and steps: which of them may be asked for, and where they lie in the network's input."""

from __future__ import annotations

import numpy as np

from agents.grid import fraction_steps
from agents.sequence.inputs import SHORTEST
from agents.sequence.settings import Settings
from mixenv.problem import Problem

Fidelity = tuple[float, int]


def menu(problem: Problem, settings: Settings) -> list[Fidelity]:
    """Scales and steps considered, cheapest first: few, so that the level of each gets known."""
    found = {
        (scale, fraction_steps(problem, part))
        for scale in problem.scales
        for part in (settings.fractions if scale == problem.target[0] else settings.elsewhere)
    }
    return sorted(found, key=lambda f: (problem.price(*f), f))


def place(problem: Problem, scales: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u [n] and v [n], affine in log scale and log steps, 1 at the target.

    u is -1 at the smallest scale, v at 3% of the target's steps; neither leaves [-1.5, 1.5].
    """
    largest, most = problem.target
    span = np.log(largest / problem.scales[0])
    u = 1 + 2 * np.log(np.asarray(scales) / largest) / span if span > 0 else np.ones(len(scales))
    v = 1 + 2 * np.log(np.asarray(steps) / most) / np.log(1 / SHORTEST)
    return np.clip(u, -1.5, 1.5), np.clip(v, -1.5, 1.5)
