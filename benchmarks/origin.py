"""What a record says of its cell and of the task it was played on."""

from __future__ import annotations

from typing import Any

from benchmarks.cell import Cell
from mixenv.task import Task


def origin(cell: Cell, task: Task) -> dict[str, Any]:
    """The fields of a record that are known before anything is played."""
    return {
        "task": cell.task.label, "agent": cell.agent, "seed": cell.seed,
        "surface": task.surface.name, "provenance": task.surface.provenance,
        "fingerprint": task.surface.fingerprint, "noise": task.noise,
        "max_share": task.max_share, "budget": task.budget, "target": task.target,
        "optimum": task.optimum.value, "sd": task.sd, "domains": tuple(task.surface.domains),
        "metric_names": tuple(task.surface.metric_names),
    }  # fmt: skip
