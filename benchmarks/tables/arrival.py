"""Share of seeds that have got to a threshold by a cost."""

from __future__ import annotations

import numpy as np

from benchmarks.law import THRESHOLDS
from benchmarks.results import Results
from benchmarks.standings import arrival_curves
from benchmarks.statistics import Band
from benchmarks.table import Table
from benchmarks.tables.text import warning


def arrival_table(results: Results, threshold: float = THRESHOLDS[0]) -> Table:
    """Shares by task and agent at the costs shown elsewhere; the interval at the budget."""
    rows = [
        [task, agent, *_shares(band, results.costs)]
        for task in results.tasks
        for agent, band in arrival_curves(results, task, threshold).items()
    ]
    notes = [
        results.caption,
        f"Share of seeds whose regret is, and stays to the end, at or under {threshold:g} sd by a "
        "search cost (Kaplan and Meier's estimate; who never gets there is censored at the "
        "budget); Wilson's 95% interval at the last cost. Random search's is computed elsewhere.",
        *warning(results),
    ]
    columns = ["task", "agent", *(f"by {c:g}" for c in results.costs)]
    return Table(f"Arrived at {threshold:g} sd", columns, rows, notes, words=2)


def _shares(band: Band, costs: list[float]) -> list[str]:
    index = np.searchsorted(band.at, np.array(costs) + 1e-9, side="right") - 1
    shown = [f"{band.value[i]:.2f}" for i in index[:-1]]
    return [*shown, band.point(int(index[-1])).shown()]
