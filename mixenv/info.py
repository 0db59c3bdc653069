"""What a step's info holds: the outcome in float64, in new arrays, without NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.dynamics import Transition
from mixenv.task import Task


def describe(task: Task, done: Transition | None, points: int) -> dict[str, Any]:
    """The info of one experiment (all zeros for one that was not carried out or not asked for)."""
    d, k = len(task.surface.domains), len(task.surface.metric_set)
    info: dict[str, Any] = {
        "metrics": np.zeros(k) if done is None else done.values[-1].copy(),
        "cost": 0.0 if done is None else done.cost,
        "cut_short": done is not None and done.cut_short,
        "resumed": done is not None and done.resumed,
        "experiment": {
            "mixture": np.zeros(d) if done is None else done.mixture.copy(),
            "scale": 0.0 if done is None else task.scales[done.scale_index],
            "steps": 0 if done is None else done.end,
        },
        "provenance": task.surface.provenance,
    }
    if points:
        info |= _curve(done, points, k)
    if task.pool is not None:
        info["row"] = -1 if done is None else done.row
        info["row_distance"] = 0.0 if done is None else done.distance
    return info


def _curve(done: Transition | None, points: int, k: int) -> dict[str, Any]:
    """The checkpoints passed, padded with zeros to the task's number of points."""
    steps, values, count = np.zeros(points, dtype=np.int64), np.zeros((points, k)), 0
    if done is not None:
        count = len(done.checkpoints)
        steps[:count], values[:count] = done.checkpoints, done.values
    return {"curve": values, "curve_steps": steps, "curve_count": count}
