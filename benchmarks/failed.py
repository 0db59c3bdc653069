"""What counts for a cell that failed: an agent that crashes must not look better for it.

Where it failed, the agent has shown nothing, so it is taken to recommend what anybody does who
knows nothing: the uniform mixture, at every cost. It never gets to a threshold.
"""

from __future__ import annotations

import numpy as np

from benchmarks.cell import Cell
from benchmarks.forecast import Forecasts
from benchmarks.origin import origin
from benchmarks.record import Record
from benchmarks.tasks import task_of


def stand_in(cell: Cell) -> Record:
    """What counts for a cell that failed: no experiment, the uniform mixture's regret."""
    task = task_of(cell.task)
    known, none = origin(cell, task), np.empty(0)
    d, k = len(known["domains"]), len(known["metric_names"])
    uniform = np.full(d, 1 / d)
    return Record(
        **known, mixture=np.empty((0, d)), scale=none, steps=none.astype(int), cost=none,
        cut_short=none.astype(bool), resumed=none.astype(bool),
        metrics=np.empty((0, k), dtype=np.float32), value=none, truth=none,
        recommended=uniform[None], regret=np.array([task.regret(uniform) / task.sd]),
        in_force=np.zeros(1, dtype=int), **Forecasts(task, None).arrays(), seconds=none,
        start_seconds=0.0, cpu_seconds=0.0, failed=True,
    )  # fmt: skip
