"""Whether agents' forecasts keep their word: coverage against level, and over cost."""

from __future__ import annotations

from typing import Any

from benchmarks.calibration import WHERE, Calibration, calibration
from benchmarks.html.curves import keys
from benchmarks.html.lines import agent_look, bars, line
from benchmarks.html.numbers import axis, layout, log_axis
from benchmarks.html.parts import Figure, Plot
from benchmarks.results import Results
from benchmarks.statistics import LEVELS, Interval

LEVEL = 0.9  # of the intervals followed over cost


def calibrated(results: Results) -> Figure:
    """Two panels a place; no plots where nobody predicts."""
    found = calibration(results)
    agents = {row.agent for row in found}
    plots = [
        plot
        for where in WHERE
        if (rows := [row for row in found if row.where == where])
        for plot in (_levels(results, where, rows), _costs(results, where, rows))
    ]
    return Figure(
        "Calibration of forecasts",
        plots,
        f"{results.caption} Share of noise-free truths at the target inside the normal intervals "
        "that an agent's predict gives, over 64 uniform mixtures of each task, and at the agent's "
        f"own recommendation; by level at the end, and of {LEVEL:.0%} intervals by cost spent. "
        "Grey: perfect calibration; below it, agents are too sure. 95% intervals over episodes.",
        [key for key in keys(results) if key.name in agents],
        toggles=True,
    )


def _levels(results: Results, where: str, rows: list[Calibration]) -> Plot:
    last = {row.agent: row for row in rows}  # costs ascend
    traces = [
        _trace(results, agent, LEVELS, [row.coverage.levels[q] for q in LEVELS])
        for agent, row in last.items()
    ]
    said = ", ".join(f"{a} {row.coverage.levels[LEVEL].value:.0%}" for a, row in last.items())
    return Plot(
        f"At the end: {where}", f"Coverage of {LEVEL:.0%} intervals at the end, {where}: {said}",
        traces,
        layout(
            xaxis=axis("level of the intervals", range=[0.46, 1], tickvals=list(LEVELS),
                       tickformat=".0%", tickangle=0, tickfont={"size": 10}),
            yaxis=axis("share inside", range=[0, 1.02], tickformat=".0%"),
            shapes=[_grey(x0=0.46, y0=0.46, x1=1, y1=1)],
        ),
        height=260,
    )  # fmt: skip


def _costs(results: Results, where: str, rows: list[Calibration]) -> Plot:
    costs = sorted({row.cost for row in rows})
    groups = {row.agent: [r for r in rows if r.agent == row.agent] for row in rows}
    traces = [
        _trace(results, agent, [r.cost for r in group], [r.coverage.levels[LEVEL] for r in group])
        for agent, group in groups.items()
    ]
    return Plot(
        f"By cost: {where}",
        f"Coverage of {LEVEL:.0%} intervals, {where}, of {', '.join(groups)} as cost is spent",
        traces,
        layout(
            xaxis=log_axis("search cost (target runs)", costs[0] * 0.85, costs[-1] * 1.18, costs),
            yaxis=axis("share inside", range=[0, 1.02], tickformat=".0%"),
            shapes=[_grey(x0=0, x1=1, xref="paper", y0=LEVEL, y1=LEVEL)],
        ),
        height=260,
    )  # fmt: skip


def _trace(results: Results, agent: str, x: Any, found: list[Interval]) -> dict[str, Any]:
    return line(results, agent, x, [i.value for i in found]) | {
        "mode": "lines+markers", "error_y": bars(found), "hovertemplate": "%{y:.0%} at %{x}",
        "marker": {"size": 6, "color": agent_look(results, agent).colour},
    }  # fmt: skip


def _grey(**place: Any) -> dict[str, Any]:
    return {"type": "line", "layer": "below", "line": {"color": "#999", "width": 1, "dash": "dot"},
            **place}  # fmt: skip
