"""Regret at a cost, and cost to a regret: a row a task and agent."""

from __future__ import annotations

import numpy as np

from benchmarks.law import THRESHOLDS
from benchmarks.results import Results
from benchmarks.scores import regret_at
from benchmarks.speedup import costs_of
from benchmarks.statistics import Costs, median
from benchmarks.table import Table
from benchmarks.tables.text import marked, plain, warning


def regret_table(results: Results, *, intervals: bool = False) -> Table:
    """Median regret at given costs (with intervals if asked), and median cost to each threshold."""
    columns = ["task", "agent", *(f"at {c:g}" for c in results.costs)]
    columns += [f"to {t:g} sd" for t in THRESHOLDS] + ["s/decision"]
    rows = [
        [
            task, marked(results, agent, task), *_regrets(results, task, agent, intervals),
            *_costs(results, task, agent), f"{results.decision_seconds(task, agent):.2g}",
        ]
        for task, agent in _played(results)
    ]  # fmt: skip
    notes = [
        results.caption,
        "at: regret of the recommendation in force at that cost, noise-free at the target, in sd "
        "units, median over seeds. to: median search cost from which regret stays there; ≥: half "
        "of the seeds or more never got there. Random search's cost is computed from the surface, "
        "beyond the budget too (≥: too few of its draws got there).",
        *warning(results),
    ]
    return Table("Regret at a cost, and cost to a regret", columns, rows, notes, words=2)


def _played(results: Results) -> list[tuple[str, str]]:
    pairs = [(task, agent) for task in results.tasks for agent in results.suite.agents]
    return [pair for pair in pairs if pair in results.groups]


def _regrets(results: Results, task: str, agent: str, intervals: bool) -> list[str]:
    values = np.array([regret_at(r, results.costs) for r in results.groups[task, agent]])
    found = [median(column) for column in values.T]
    return [i.shown() if intervals else f"{i.value:.2f}" for i in found]


def _costs(results: Results, task: str, agent: str) -> list[str]:
    shown = []
    for threshold in THRESHOLDS:
        costs = costs_of(results, task, agent, threshold, "search")
        shown.append("" if costs is None else _cost(costs))
    return shown


def _cost(costs: Costs) -> str:
    """A median cost. Random search's is computed, also beyond the budget."""
    if costs.computed:
        return f"{'≥ ' if costs.bound else ''}{plain(costs.costs[0])}"
    return f"≥ {costs.budget:g}" if costs.censored else plain(costs.median)
