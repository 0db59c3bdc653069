"""Cells without a record: failed or missing."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.table import Table


def failure_table(results: Results) -> Table:
    """How many cells were played, failed or are missing, by agent and task."""
    rows = []
    for agent in results.suite.agents:
        for task in results.suite.tasks:
            played = len(results.played.get((task.label, agent), []))
            here = (agent, task.label)
            failed = [text for c, text in results.failures if (c.agent, c.task.label) == here]
            expected = len(results.suite.seeds_of(agent))
            if played < expected:
                last = failed[0].strip().splitlines()[-1] if failed else ""
                counts = (played, len(failed), expected - played - len(failed))
                rows.append([agent, task.label, *map(str, counts), last])
    columns = ["agent", "task", "played", "failed", "missing", "first failure"]
    return Table("Cells without a record", columns, rows, [results.caption], words=2)
