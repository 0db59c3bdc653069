"""Performance profiles, and the probability that one agent's run beats another's."""

from __future__ import annotations

import numpy as np

from benchmarks.results import Results
from benchmarks.standings import TAUS, field, improvements, profiles
from benchmarks.table import Table
from benchmarks.tables.text import compared, warning


def profile_table(results: Results, cost: float | None = None) -> Table:
    """Share of runs with a regret at or under each tau at a cost (the budget)."""
    found = profiles(results, cost)
    rows = [
        [agent, *(band.point(i).shown() for i in range(len(band.at)))]
        for agent, band in sorted(found.items(), key=lambda pair: -float(np.sum(pair[1].value)))
    ]
    notes = [
        results.caption,
        f"Share of the runs of all tasks with a regret at or under so many sd units at "
        f"{results.budget if cost is None else cost:g} target runs; 95% intervals (Wilson's, "
        "combined over tasks).",
        *compared(results, field(results)),
        *warning(results),
    ]
    return Table("Performance profiles", ["agent", *(f"≤ {t:g} sd" for t in TAUS)], rows, notes)


def improvement_table(results: Results, cost: float | None = None) -> Table:
    """Probability that a run of the row's agent has less regret than one of the column's."""
    found = improvements(results, cost)
    agents = field(results).agents
    rows = [[a, *(found[a, b].shown() if (a, b) in found else "" for b in agents)] for a in agents]
    notes = [
        results.caption,
        "Probability that a run of the row's agent has less regret than one of the column's at "
        f"{results.budget if cost is None else cost:g} target runs, mean over tasks, ties count "
        "half; 95% bootstrap intervals, stratified by task.",
        *compared(results, field(results)),
        *warning(results),
    ]
    return Table("Probability of improvement", ["agent", *agents], rows, notes)
