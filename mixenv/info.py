"""What a step's info holds: the outcome in float64, in new arrays, without NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.dynamics import Transition
from mixenv.task import Task


def describe(task: Task, done: Transition | None, points: int) -> dict[str, Any]:
    """The info of one experiment (all zeros for one that was not carried out or not asked for)."""
    d, k = len(task.surface.domains), len(task.surface.metric_set)
    if done is None:
        done = Transition(
            np.zeros(d), -1, 0, 0, 0, 0.0, False, np.zeros(0, np.int64), np.zeros((1, k))
        )
    info: dict[str, Any] = {
        "metrics": done.values[-1].copy(),
        "cost": done.cost,
        "cut_short": done.cut_short,
        "resumed": done.resumed,
        "experiment": {
            "mixture": done.mixture.copy(),
            "scale": task.scales[done.scale_index] if done.end else 0.0,
            "steps": done.end,
        },
        "provenance": task.surface.provenance,
    }
    if points:
        info |= _curve(done, points, k)
    if task.pool is not None:
        info["row"], info["row_distance"] = done.row, done.distance
    return info


def _curve(done: Transition, points: int, k: int) -> dict[str, Any]:
    """The checkpoints passed, padded with zeros to the task's number of points."""
    count = len(done.checkpoints)
    steps, values = np.zeros(points, dtype=np.int64), np.zeros((points, k))
    if count:
        steps[:count], values[:count] = done.checkpoints, done.values
    return {"curve": values, "curve_steps": steps, "curve_count": count}
