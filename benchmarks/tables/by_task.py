"""The leader beside every other agent on each task, on the same seeds."""

from __future__ import annotations

from benchmarks.paired import by_task
from benchmarks.results import Results
from benchmarks.standings import leaderboard
from benchmarks.statistics import Comparison
from benchmarks.table import Table
from benchmarks.tables.text import failed


def by_task_table(results: Results) -> Table:
    """Differences of regret at given costs, a row a task and agent; those shown are starred."""
    order = [s.agent for s in leaderboard(results, [results.budget])]
    leader, others = order[0] if order else "", order[1:]
    rows = [row for other in others for row in _rows(results, leader, other)]
    rows.sort(key=lambda row: results.tasks.index(row[0]))
    columns = ["task", "against", *(f"at {c:g}" for c in results.costs)]
    notes = [
        results.caption,
        f"Regret of {leader} minus the other's, mean over seeds, sd units; under 0, {leader} is "
        "better. 95% interval of this pair alone; *: shown at 5%, by random signs of the "
        "differences, corrected by Holm for the tasks, not for agents and costs.",
        *failed(results),
    ]  # fmt: skip
    return Table("The leader on each task", columns, rows, notes, words=2)


def _rows(results: Results, leader: str, other: str) -> list[list[str]]:
    """A row a task that both have played."""
    found = [by_task(results, leader, other, at=cost) for cost in results.costs]
    return [[costs[0].task, other, *map(_shown, costs)] for costs in zip(*found, strict=True)]


def _shown(found: Comparison) -> str:
    """The difference and its interval, with a star where it is told from none."""
    return f"{found.difference.shown()}{'*' if found.told_apart else ''}"
