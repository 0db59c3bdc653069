"""What an agent on the environment sees: padded, masked float32 arrays with finite bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from gymnasium import spaces

from mixenv.dynamics import SLACK, State, Transition
from mixenv.task import Task
from mixenv.truth import Moments

OBSERVATIONS = ("history", "last")
CLIP = 20.0  # standardised metrics are clipped to [-CLIP, CLIP]
# NumPy is slow to convert a Python float; JAX keeps an array's precision when that changes.
_BOUNDS = np.array(-CLIP), np.array(CLIP)


def observation_space(task: Task, rows: int | None, most: int) -> spaces.Dict:
    """The space of observations: `rows` experiments, or None for the last one; `most` in all."""
    lead = () if rows is None else (rows,)

    def box(low: float, high: float, *shape: int) -> spaces.Box:
        return spaces.Box(low, high, (*lead, *shape), np.float32)

    d, k, s = len(task.surface.domains), len(task.surface.metric_set), len(task.scales)
    budget = float(np.nextafter(np.float32(task.budget + SLACK), np.float32(np.inf)))
    return spaces.Dict(
        {
            "mixture": box(0.0, 1.0, d),
            "scale": box(0.0, 1.0, s),
            "log_steps": box(0.0, float(np.log(task.steps[-1])) + 1e-3, 1),
            "metrics": box(-CLIP, CLIP, k),
            "cost": box(0.0, budget, 1),
            "mask": box(0.0, 1.0, 1),
            "count": spaces.Box(0.0, most, (1,), np.float32),
            "remaining": spaces.Box(0.0, budget, (1,), np.float32),
        }
    )


def standardised(moments: Moments, metrics: Any, xp: Any = np) -> Any:
    """Metrics [..., k] as an agent sees them: in sds from the mean, clipped, float32."""
    standard = metrics - moments.mean
    standard /= moments.sd
    least, most = _BOUNDS if xp is np else (-CLIP, CLIP)
    return xp.minimum(xp.maximum(standard, least), most).astype(np.float32)


class Observer:
    """Keeps the experiments of an episode and shows them in fresh arrays."""

    def __init__(self, task: Task, rows: int | None) -> None:
        self.task, self.rows = task, rows
        self._one_hot = np.eye(len(task.scales), dtype=np.float32)
        self.restart()

    def restart(self) -> None:
        """Forget what was seen."""
        self._last: Transition | None = None
        self._history = None if self.rows is None else self._empty((self.rows,))

    def _empty(self, lead: tuple[int, ...]) -> dict[str, np.ndarray]:
        """No experiment, as float32 arrays."""
        surface = self.task.surface
        d, s, k = len(surface.domains), len(self.task.scales), len(surface.metric_set)
        widths = {"mixture": d, "scale": s, "log_steps": 1, "metrics": k, "cost": 1, "mask": 1}
        return {name: np.zeros((*lead, width), np.float32) for name, width in widths.items()}

    def record(self, position: int, done: Transition) -> None:
        """Take one experiment, the `position`-th of its episode."""
        self._last = done
        if self._history is not None:
            for name, value in self._row(done).items():
                self._history[name][position] = value

    def _row(self, done: Transition) -> dict[str, np.ndarray]:
        """One experiment as float32 arrays, metrics standardised and clipped."""
        numbers = np.array([math.log(done.end), done.cost, 1.0], np.float32)
        return {
            "mixture": done.mixture.astype(np.float32),
            "scale": self._one_hot[done.scale_index].copy(),
            "log_steps": numbers[:1],
            "metrics": standardised(self.task.moments, done.values[-1]),
            "cost": numbers[1:2],
            "mask": numbers[2:],
        }

    def observe(self, state: State) -> dict[str, Any]:
        """The observation after `state`, in new arrays."""
        if self._history is not None:
            seen = {name: value.copy() for name, value in self._history.items()}
        else:
            seen = self._empty(()) if self._last is None else self._row(self._last)
        remaining = min(max(self.task.budget - state.spent, 0.0), self.task.budget)
        numbers = np.array([state.count, remaining], np.float32)
        seen["count"], seen["remaining"] = numbers[:1], numbers[1:]
        return seen
