"""Any-time regret: a row a task and agent."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.scores import START
from benchmarks.standings import any_time
from benchmarks.table import Table
from benchmarks.tables.text import warning


def any_time_table(results: Results) -> Table:
    """The median any-time regret of every agent, a column an agent."""
    found = any_time(results)
    agents = [a for a in results.suite.agents if any(agent == a for _, agent in found)]
    rows = [
        [task, *(found[task, a].shown() if (task, a) in found else "" for a in agents)]
        for task in results.tasks
    ]
    notes = [
        results.caption,
        f"Regret in sd units averaged over the logarithm of cost from {START:g} target runs to the "
        "budget, noise-free at the target; median over seeds, 95% bootstrap intervals.",
        *warning(results),
    ]
    return Table("Any-time regret", ["task", *agents], rows, notes)
