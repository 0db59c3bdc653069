"""Mean ranks over tasks, and which of them can be told apart."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.standings import field, ranking
from benchmarks.statistics import Ranks
from benchmarks.table import Table
from benchmarks.tables.text import compared, failed, marked, rate


def rank_table(results: Results, cost: float | None = None) -> Table:
    """Agents by mean rank of their median regret at a cost (the budget), with their groups."""
    found = ranking(results, cost)
    columns = ["agent", "mean rank", "not told apart"]
    rows = [] if found is None else [
        [marked(results, agent), f"{mean:.2f}", _letters(found, agent)]
        for agent, mean in zip(found.agents, found.means, strict=True)
    ]  # fmt: skip
    notes = [
        results.caption, *([] if found is None else _about(found)),
        *compared(results, field(results)), *failed(results),
    ]  # fmt: skip
    return Table("Ranks", columns, rows, notes)


def _letters(found: Ranks, agent: str) -> str:
    """Agents that share a letter are not told apart."""
    return " ".join(chr(ord("a") + i) for i, group in enumerate(found.groups) if agent in group)


def _about(found: Ranks) -> list[str]:
    ranked = f"Mean over {found.tasks} tasks of the rank of the median regret, 1 is best"
    if found.reason:
        return [f"{ranked}; {found.reason}."]
    return [
        f"{ranked}; Friedman p {rate(found.p)}, Nemenyi critical difference at 5% "
        f"{found.difference:.2f}. Agents that share a letter are not told apart"
        + (" (Friedman's test finds no difference at all)." if found.p >= 0.05 else "."),
    ]
