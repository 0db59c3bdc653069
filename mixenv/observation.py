"""What an agent on the environment sees: padded, masked float32 arrays with finite bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from mixenv.dynamics import SLACK, State, Transition
from mixenv.task import Task

OBSERVATIONS = ("history", "last")
CLIP = 20.0  # standardised metrics are clipped to [-CLIP, CLIP]


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


class Observer:
    """Keeps the rows seen so far and hands out fresh copies."""

    def __init__(self, task: Task, rows: int | None) -> None:
        self.task, self.rows = task, rows
        self.buffers = {
            name: np.zeros((rows or 1, (box.shape or (1,))[-1]), np.float32)
            for name, box in observation_space(task, rows, 1).spaces.items()
            if name not in ("count", "remaining")
        }

    def record(self, position: int, done: Transition) -> None:
        """Write one experiment into row `position` (into the only row where there is one)."""
        task, b = self.task, self.buffers
        i = position if self.rows else 0
        moments = task.moments
        b["mixture"][i] = done.mixture
        b["scale"][i] = 0.0
        b["scale"][i, done.scale_index] = 1.0
        b["log_steps"][i] = np.log(done.end)
        b["metrics"][i] = np.clip((done.values[-1] - moments.mean) / moments.sd, -CLIP, CLIP)
        b["cost"][i] = done.cost
        b["mask"][i] = 1.0

    def observe(self, state: State) -> dict[str, Any]:
        """The observation after `state`, in new arrays."""
        remaining = min(max(self.task.budget - state.spent, 0.0), self.task.budget)
        seen = {n: (b if self.rows else b[0]).copy() for n, b in self.buffers.items()}
        seen["count"] = np.array([state.count], np.float32)
        seen["remaining"] = np.array([remaining], np.float32)
        return seen
