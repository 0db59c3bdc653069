"""The tables of a suite's results: regret and cost, speedups, the paper's headline, failures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from benchmarks.headline import CLAIMS, challengers, to_the_best
from benchmarks.law import THRESHOLDS
from benchmarks.results import Results
from benchmarks.scores import ACCOUNTINGS, BASELINES, regret_at
from benchmarks.speedup import Speedup, costs_of, speedup
from benchmarks.statistics import FEW, Costs, Interval, median
from benchmarks.table import Table


def regret_table(results: Results, *, intervals: bool = False) -> Table:
    """Median regret at given costs (with intervals if asked), and median cost to each threshold."""
    columns = ["task", "agent", *(f"at {c:g}" for c in results.costs)]
    columns += [f"to {t:g} sd" for t in THRESHOLDS] + ["s/decision"]
    rows = [
        [task, agent, *_regrets(results, task, agent, intervals), *_costs(results, task, agent),
         f"{results.decision_seconds(task, agent):.2g}"]
        for task, agent in _played(results)
    ]  # fmt: skip
    notes = [
        results.caption,
        "at: regret of the recommendation in force at that cost, noise-free at the target, in sd "
        "units, median over seeds. to: median search cost from which regret stays there; ≥: half "
        "of the seeds or more never got there. Random search's cost is computed from the surface, "
        "beyond the budget too (≥: too few of its draws got there).",
        *_warning(results),
    ]
    return Table("Regret at a cost, and cost to a regret", columns, rows, notes, words=2)


def speedup_table(results: Results, tasks: Sequence[str], title: str) -> Table:
    """Speedups over some tasks, by agent, baseline, accounting and threshold."""
    columns = ["agent", "against", "counted"]
    columns += [head for t in THRESHOLDS for head in (f"to {t:g} sd", "worst")]
    rows = []
    for agent, baseline in _pairs(results):
        for accounting in ACCOUNTINGS:
            found = [speedup(results, agent, baseline, accounting, t, tasks) for t in THRESHOLDS]
            if any(found):
                rows.append([agent, baseline, accounting, *_cells(found)])
    return Table(title, columns, rows, [results.caption, *_legend(results)], words=3)


def headline_table(results: Results) -> Table:
    """The speedups to a baseline's best, as the paper counts, beside what the paper claims."""
    rows = []
    for agent, baseline in product(challengers(results), BASELINES):
        whole = to_the_best(results, agent, baseline, results.tasks)
        if whole is not None:
            claim = f"{CLAIMS[baseline]:g}"
            rows.append([agent, baseline, f"all {len(whole.tasks)}", *_cells([whole]), claim])
            for task in whole.tasks:
                one = to_the_best(results, agent, baseline, [task])
                rows.append([agent, baseline, task, *_cells([one]), ""])
    notes = [
        results.caption,
        "Cost of the baseline over cost of the agent to the baseline's own best at the end of its "
        "budget, as the paper counts (benchmarks/headline.py says how); the claims are MFMS-GP's. "
        "*: half of the agent's seeds or more never got there and count as two budgets.",
    ]
    columns = ["agent", "against", "task", "speedup", "worst", "the paper's claim"]
    return Table("As the paper counts", columns, rows, notes, words=3)


def failure_table(results: Results) -> Table:
    """How many cells were played, failed or are missing, by agent and task."""
    rows = []
    for agent in results.suite.agents:
        for task in results.suite.tasks:
            played = len(results.groups.get((task.label, agent), []))
            here = (agent, task.label)
            failed = [text for c, text in results.failures if (c.agent, c.task.label) == here]
            expected = len(results.suite.seeds_of(agent))
            if played < expected:
                last = failed[0].strip().splitlines()[-1] if failed else ""
                counts = (played, len(failed), expected - played - len(failed))
                rows.append([agent, task.label, *map(str, counts), last])
    columns = ["agent", "task", "played", "failed", "missing", "first failure"]
    return Table("Cells without a record", columns, rows, [results.caption], words=2)


def _played(results: Results) -> list[tuple[str, str]]:
    pairs = [(task, agent) for task in results.tasks for agent in results.suite.agents]
    return [pair for pair in pairs if pair in results.groups]


def _pairs(results: Results) -> list[tuple[str, str]]:
    agents = [agent for agent in results.suite.agents if agent != "random"]
    return [(a, b) for a in agents for b in reversed(BASELINES) if a != b]


def _regrets(results: Results, task: str, agent: str, intervals: bool) -> list[str]:
    values = np.array([regret_at(r, results.costs) for r in results.groups[task, agent]])
    found = [median(column) for column in values.T]
    return [f"{i.value:.2f}{f' [{i.low:.2f}, {i.high:.2f}]' if intervals else ''}" for i in found]


def _costs(results: Results, task: str, agent: str) -> list[str]:
    shown = []
    for threshold in THRESHOLDS:
        costs = costs_of(results, task, agent, threshold, "search")
        shown.append("" if costs is None else _cost(costs))
    return shown


def _cost(costs: Costs) -> str:
    """A median cost. Random search's is computed, also beyond the budget."""
    if len(costs.costs) == 1:
        return f"{'≥ ' if costs.bound else ''}{_plain(costs.costs[0])}"
    return f"≥ {costs.budget:g}" if costs.censored else _plain(costs.median)


def _plain(value: float, digits: int = 3) -> str:
    """A few significant digits, without powers of ten."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:g}" if rounded < 10**digits else f"{rounded:,.0f}"


def _cells(speedups: Sequence[Speedup | None]) -> list[str]:
    pairs = [("", "") if s is None else (_show(s), _plain(s.worst, 2)) for s in speedups]
    return [text for pair in pairs for text in pair]


def _show(found: Speedup) -> str:
    mark = "≥ " if found.at_least and not found.never else ""
    star = "*" if found.never else ""
    return f"{mark}{_plain(found.interval.value, 2)}{star}{_range(found.interval)}"


def _range(interval: Interval) -> str:
    return f" [{_plain(interval.low, 2)}, {_plain(interval.high, 2)}]"


def _legend(results: Results) -> list[str]:
    lines = [f"{name}: {about}." for name, about in ACCOUNTINGS.items()]
    return [
        "Speedup: median cost of the baseline over median cost of the agent; over several tasks "
        "the geometric mean, and the worst; 95% bootstrap intervals over seeds. A seed that never "
        "gets there within the budget counts as the budget for a baseline, as twice that for the "
        "agent; random search's computed cost counts beyond the budget too, but not against an "
        "agent that never gets there. ≥: a baseline's median never does, so the ratio is a lower "
        "bound; *: nor does the agent's, on some task.",
        *lines,
        *_warning(results),
    ]


def _warning(results: Results) -> list[str]:
    least = min(map(len, results.groups.values()), default=0)
    return [f"Too few seeds (under {FEW}) for intervals to be trusted."] if least < FEW else []
