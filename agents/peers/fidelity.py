"""Scale and steps as two coordinates in [0, 1], logarithmic, 1 at the target; and their cost."""

from __future__ import annotations

import numpy as np

from agents.grid import fraction_steps
from mixenv.problem import Problem


class Fidelities:
    """Scales up to the target's, and checkpoints from `shortest` of the target's steps up to all.

    `free` says of (scale, steps) whether there is more than one to choose from. `log_cost` [3]
    are a, b, c of log(cost) = a + b * scale + c * steps, by least squares over the grid, in target
    runs.
    """

    def __init__(self, problem: Problem, shortest: float) -> None:
        scale, target = problem.target
        least = fraction_steps(problem, shortest)
        self.scales = [s for s in problem.scales if s <= scale]
        self.steps = [t for t in problem.steps if least <= t <= target]
        self.free = (len(self.scales) > 1, len(self.steps) > 1)
        pairs = [(s, t) for s in self.scales for t in self.steps]
        price = np.array([problem.price(*pair) for pair in pairs])
        known = np.concatenate([np.ones((len(pairs), 1)), self.encode(pairs)], axis=1)
        self.log_cost = np.linalg.lstsq(known, np.log(price), rcond=None)[0]

    def encode(self, pairs: list[tuple[float, int]]) -> np.ndarray:
        """Coordinates [n, 2] of (scale, steps); outside the grid they are clipped to [0, 1]."""
        asked = np.array(pairs, dtype=np.float64)
        columns = [_unit(asked[:, 0], self.scales), _unit(asked[:, 1], self.steps)]
        return np.stack(columns, axis=1)

    def nearest(self, point: np.ndarray) -> tuple[float, int]:
        """The (scale, steps) nearest to coordinates [2]."""
        scales = _unit(np.array(self.scales), self.scales)
        steps = _unit(np.array(self.steps), self.steps)
        scale, step = np.abs(scales - point[0]).argmin(), np.abs(steps - point[1]).argmin()
        return self.scales[scale], self.steps[step]


def _unit(values: np.ndarray, levels: list[float] | list[int]) -> np.ndarray:
    if len(levels) == 1:
        return np.ones(len(values))
    low, high = np.log(levels[0]), np.log(levels[-1])
    return np.clip((np.log(values) - low) / (high - low), 0, 1)
