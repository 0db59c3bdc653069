"""Pairs of agents on the same seeds, with a verdict."""

from __future__ import annotations

from benchmarks.law import THRESHOLDS
from benchmarks.paired import comparisons
from benchmarks.results import Results
from benchmarks.standings import field, leaderboard
from benchmarks.statistics import Comparison
from benchmarks.table import Table
from benchmarks.tables.text import compared, failed, rate

MOST = 28  # rows: all pairs of eight agents; of more agents, the pairs with the leader


def paired_table(results: Results, measure: str = "regret", at: float | None = None) -> Table:
    """Pairs pooled over tasks, by regret at a cost (the budget) or cost to a threshold (0.5 sd).

    All pairs of up to eight agents, else those with the leader; corrected for all pairs.
    """
    found = comparisons(results, measure, at)
    order = [s.agent for s in leaderboard(results, [results.budget])] if found else []
    shown = found if len(found) <= MOST else [c for c in found if order[0] in (c.agent, c.against)]
    turned = sorted((_turned(c, order) for c in shown), key=lambda c: _places(c, order))
    rows = [
        [c.agent, c.against, c.verdict, c.difference.shown(), rate(c.p), rate(c.corrected)]
        for c in turned
    ]
    columns = ["agent", "against", "verdict", _HEADS[measure], "p", "p, corrected"]
    notes = [
        results.caption, _about(measure, at, results, len(found)),
        *compared(results, field(results)), *failed(results),
    ]  # fmt: skip
    return Table(f"Pairs on the same seeds: {measure}", columns, rows, notes, words=3)


_HEADS = {"regret": "difference (sd)", "cost": "ratio of costs"}


def _turned(found: Comparison, order: list[str]) -> Comparison:
    """The same pair, the agent that stands higher first."""
    first, second = _places(found, order)
    return found if first < second else found.turned()


def _places(found: Comparison, order: list[str]) -> tuple[int, int]:
    return order.index(found.agent), order.index(found.against)


def _about(measure: str, at: float | None, results: Results, count: int) -> str:
    what = {
        "regret": f"Regret at {results.budget if at is None else at:g} target runs, mean of agent "
        "minus other over seeds and tasks; under 0, the agent is better.",
        "cost": f"Cost to {THRESHOLDS[0] if at is None else at:g} sd, geometric mean of agent over "
        "other; under 1, the agent is better. A seed that never gets there counts as the budget "
        "for both. Random search's cost is computed from the surface and is not paired.",
    }[measure]
    return (
        f"{what} 95% interval of this pair alone; p by random signs of the differences, corrected "
        f"by Holm for {count} pairs; the verdict is at 5% after correction."
    )
