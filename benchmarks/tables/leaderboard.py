"""The leaderboard: interquartile mean of regret over tasks and seeds."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.scores import START
from benchmarks.standings import field, leaderboard
from benchmarks.table import Table
from benchmarks.tables.text import compared, marked, warning

TITLE = "Leaderboard: interquartile mean of regret"


def leaderboard_table(results: Results, *, intervals: bool = True) -> Table:
    """Agents, best at the budget first, at every cost; intervals at the budget and any-time."""
    found = leaderboard(results)
    columns = ["agent", *(f"at {c:g}" for c in results.costs), "any-time", "tasks", "seeds"]
    rows = [
        [marked(results, s.agent), *(f"{i.value:.2f}" for i in s.regret[:-1]),
         *(i.shown() if intervals else f"{i.value:.2f}" for i in (s.regret[-1], s.any_time)),
         str(s.tasks), str(s.seeds)]
        for s in found
    ]  # fmt: skip
    notes = [
        results.caption,
        "Mean of the middle half of all runs of all tasks, regret in sd units, at a cost in target "
        f"runs; any-time: regret averaged over the logarithm of cost from {START:g} target runs to "
        "the budget. 95% bootstrap intervals, stratified by task.",
        *compared(results, field(results)),
        *warning(results),
    ]
    return Table(TITLE, columns, rows, notes)
