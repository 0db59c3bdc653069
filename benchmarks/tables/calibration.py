"""Calibration: how often the intervals of `predict` hold."""

from __future__ import annotations

from benchmarks.calibration import Calibration, calibration
from benchmarks.results import Results
from benchmarks.statistics import LEVELS
from benchmarks.table import Table


def calibration_table(results: Results, task: str | None = None) -> Table:
    """Coverage by agent that predicts, place and cost; over all tasks, or of one."""
    rows = [_row(found) for found in calibration(results, task)]
    notes = [
        results.caption,
        "Share of noise-free truths at the target inside the agent's normal intervals of each "
        "level, over 64 uniform mixtures of the task and at the agent's own recommendation; log "
        "density: mean, nats a prediction, in sd units. 95% intervals over episodes. A prediction "
        "that is not finite covers nothing. At the last cost: the last forecast.",
    ]
    if not rows:
        notes = [results.caption, "No agent with a record predicts."]
    columns = ["agent", "of", "at", *(f"{100 * q:g}%" for q in LEVELS), "log density", "missing"]
    title = "Calibration" if task is None else f"Calibration: {task}"
    return Table(title, columns, rows, notes, words=2)


def _row(found: Calibration) -> list[str]:
    c = found.coverage
    return [
        found.agent, found.where, f"{found.cost:g}", *(c.levels[q].shown() for q in LEVELS),
        c.log_density.shown(), f"{100 * c.missing:.0f}%",
    ]  # fmt: skip
