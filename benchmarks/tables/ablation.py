"""What each idea of an agent brings: the agent without it against the whole, on the same seeds."""

from __future__ import annotations

from benchmarks.law import THRESHOLDS
from benchmarks.paired import ablated
from benchmarks.results import Results
from benchmarks.standings import field
from benchmarks.table import Table
from benchmarks.tables.text import compared, failed, rate

_THRESHOLD = THRESHOLDS[1]
_MEASURES = {
    "any-time": "any-time (sd)",
    "regret": "at the end (sd)",
    "cost": f"cost to {_THRESHOLD:g} sd (ratio)",
}


def ablation_table(results: Results) -> Table:
    """By how much any-time regret, regret at the budget and the cost to 0.25 sd grow without each.

    One row for each agent "X[label]" where "X" has played too; each column corrected for their
    number by Holm. Those that cost most come first.
    """
    at = {"cost": _THRESHOLD}
    found = [ablated(results, measure, at.get(measure)) for measure in _MEASURES]
    order = sorted(zip(*found, strict=True), key=lambda row: -row[-1].difference.value)
    rows = [
        [row[0].agent, *(x for c in row for x in (c.difference.shown(), rate(c.corrected)))]
        for row in order
    ]
    columns = ["agent", *(x for head in _MEASURES.values() for x in (head, "p, corrected"))]
    notes = [results.caption, _about(results, len(rows)), *compared(results, field(results))]
    return Table("What each idea brings", columns, rows, [*notes, *failed(results)], words=1)


def _about(results: Results, ideas: int) -> str:
    return (
        "Without the idea against with it, over seeds and tasks: differences of mean regrets, "
        f"any-time and at {results.budget:g} target runs, over 0 where the idea helps; geometric "
        "means of costs, over 1 where it helps, a seed that never gets there counting as the "
        "budget. 95% intervals of each pair alone; p by random signs of the differences, "
        f"corrected by Holm for {ideas} ideas."
    )
