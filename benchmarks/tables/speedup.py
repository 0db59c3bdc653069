"""Speedups by agent, baseline, accounting and threshold."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.law import THRESHOLDS
from benchmarks.results import Results
from benchmarks.scores import ACCOUNTINGS, BASELINES
from benchmarks.speedup import Speedup, speedup
from benchmarks.table import Table
from benchmarks.tables.text import ends, plain, warning

_PAPER = "mfms-gp"


def speedup_table(results: Results, tasks: Sequence[str], title: str) -> Table:
    """Speedups over some tasks, by agent, baseline, accounting and threshold."""
    columns = ["agent", "against", "counted"]
    columns += [head for t in THRESHOLDS for head in (f"to {t:g} sd", "worst")]
    rows = []
    for agent, baseline in _pairs(results):
        for accounting in ACCOUNTINGS:
            found = [speedup(results, agent, baseline, accounting, t, tasks) for t in THRESHOLDS]
            if any(found):
                rows.append([agent, baseline, accounting, *cells(found)])
    return Table(title, columns, rows, [results.caption, *_legend(results)], words=3)


def cells(speedups: Sequence[Speedup | None]) -> list[str]:
    """Two cells a speedup: itself with its interval, and the worst of its tasks."""
    pairs = [("", "") if s is None else (_show(s), plain(s.worst, 2)) for s in speedups]
    return [text for pair in pairs for text in pair]


def _pairs(results: Results) -> list[tuple[str, str]]:
    """Each agent against each baseline, one that is none also against the paper's own agent."""
    agents = [agent for agent in results.suite.agents if agent != "random"]
    rivals = (*reversed(BASELINES), _PAPER)
    return [
        (a, b) for a in agents for b in rivals if a != b and not (a in BASELINES and b == _PAPER)
    ]


def _show(found: Speedup) -> str:
    mark = "≥ " if found.at_least and not found.never else ""
    star = "*" if found.never else ""
    return f"{mark}{plain(found.interval.value, 2)}{star}{ends(found.interval)}"


def _legend(results: Results) -> list[str]:
    lines = [f"{name}: {about}." for name, about in ACCOUNTINGS.items()]
    return [
        "Speedup: median cost of the baseline over median cost of the agent; over several tasks "
        "the geometric mean, and the worst; 95% bootstrap intervals over seeds. A seed that never "
        "gets there within the budget, a final run included, counts as the budget for a baseline, "
        "as twice that for the agent; random search's computed cost counts beyond the budget too, "
        "but not against an agent that never gets there. ≥: a baseline's median never does, so the "
        "ratio is a lower bound; *: nor does the agent's, on some task.",
        *lines,
        *warning(results),
    ]
