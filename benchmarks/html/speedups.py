"""Speedups over all tasks, with intervals, in each accounting."""

from __future__ import annotations

from math import log10
from typing import Any

from benchmarks.html.lines import bars
from benchmarks.html.numbers import GRID, layout, log_axis, short, ticks, word
from benchmarks.html.parts import Figure, Key, Plot
from benchmarks.law import THRESHOLDS
from benchmarks.results import Results
from benchmarks.scores import ACCOUNTINGS, BASELINES
from benchmarks.speedup import Speedup, speedup
from benchmarks.statistics import Interval

# By accounting; a shape each, so that colour is not all that tells them apart.
COLOURS = dict(zip(ACCOUNTINGS, ("#0072B2", "#D55E00", "#777777"), strict=True))
SHAPES = dict(zip(ACCOUNTINGS, ("circle", "diamond", "square"), strict=True))
MARKS = dict(zip(ACCOUNTINGS, ("\u25cf", "\u25c6", "\u25a0"), strict=True))
_APART = 0.24  # rows
_ROW = 46  # pixels


def speedups(results: Results) -> Figure:
    """A panel a baseline and threshold, a row an agent."""
    plots = [
        plot
        for baseline in reversed(BASELINES)
        for threshold in THRESHOLDS
        if (plot := _panel(baseline, threshold, _found(results, baseline, threshold)))
    ]
    return Figure(
        f"Speedups over {len(results.tasks)} tasks",
        plots,
        f"{results.caption} Cost of the baseline over cost of the agent to the same regret: the "
        "geometric mean over tasks of ratios of medians, with 95% bootstrap intervals over seeds "
        "(none on too few). "
        "An arrow to the right: a baseline's median never gets there, the ratio is a lower bound. "
        "Hollow with a dot: on some task half of the agent's seeds or more never get there and "
        "count as two budgets. The counting 'paper' flatters the agent under test; the table says "
        "what each counting is.",
        [Key(name, colour, mark=MARKS[name]) for name, colour in COLOURS.items()],
    )


def _found(results: Results, baseline: str, threshold: float) -> list[Speedup]:
    agents = [a for a in results.suite.agents if a not in (baseline, "random")]
    both = [
        speedup(results, agent, baseline, accounting, threshold, results.tasks)
        for agent in agents
        for accounting in ACCOUNTINGS
    ]
    return [found for found in both if found is not None]


def _panel(baseline: str, threshold: float, found: list[Speedup]) -> Plot | None:
    if not found:
        return None
    agents = list(dict.fromkeys(s.agent for s in found))
    ends = [_end(s.interval, v) for s in found for v in (s.interval.low, s.interval.high)] + [1.0]
    low, high = max(min(ends), 1e-3) / 1.3, max(ends) * 1.5
    said = ", ".join(f"{s.agent} {s.interval.value:.2g}" for s in found if s.accounting == "search")
    names = {
        "range": [len(agents) - 0.5, -0.5], "tickvals": list(range(len(agents))),
        "ticktext": [word(a) for a in agents], "automargin": True, "gridcolor": GRID,
        "zeroline": False,
    }  # fmt: skip
    return Plot(
        f"against {baseline}, to {threshold:g} sd",
        f"Speedup against {baseline} to {threshold:g} sd by search cost: {said}",
        [_trace(accounting, found, agents) for accounting in ACCOUNTINGS],
        layout(
            xaxis=log_axis("speedup", low, high, ticks(low, high)), yaxis=names,
            shapes=[{"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1,
                     "layer": "below", "line": {"color": "#555", "width": 1}}],
            annotations=[note for s in found for note in _bound(s, agents)],
        ),
        height=_ROW * len(agents) + 62,
    )  # fmt: skip


def _end(interval: Interval, end: float) -> float:
    """An end of an interval; on too few seeds, the value."""
    return interval.value if interval.few else end


def _place(found: Speedup, agents: list[str]) -> float:
    return agents.index(found.agent) + _APART * (list(ACCOUNTINGS).index(found.accounting) - 1)


def _trace(accounting: str, found: list[Speedup], agents: list[str]) -> dict[str, Any]:
    here = [s for s in found if s.accounting == accounting]
    shape = SHAPES[accounting]
    return {
        "x": short(s.interval.value for s in here),
        "y": [_place(s, agents) for s in here], "name": accounting,
        "mode": "markers",
        "marker": {"color": COLOURS[accounting], "size": 8,
                   "symbol": [f"{shape}-open-dot" if s.never else shape for s in here]},
        "error_x": bars([s.interval for s in here]),
        "text": [word(s.agent) for s in here],
        "hovertemplate": "%{text}: %{x}",
    }  # fmt: skip


def _bound(found: Speedup, agents: list[str]) -> list[dict[str, Any]]:
    """An arrow where the ratio is a lower bound. (Annotations on log axes take logarithms.)"""
    if not found.at_least or found.never:
        return []
    at = {"x": round(log10(_end(found.interval, found.interval.high)), 4), "xref": "x",
          "y": _place(found, agents), "yref": "y"}  # fmt: skip
    return [{**at, "text": "→", "showarrow": False, "xanchor": "left", "xshift": 3,
             "font": {"color": COLOURS[found.accounting], "size": 14}}]  # fmt: skip
