"""Regret against cost: a panel a task, medians and interquartile bands over seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.figure import FLOOR, costs_of_curves, quartiles
from benchmarks.html.lines import banded
from benchmarks.html.numbers import layout, log_axis, ticks
from benchmarks.html.parts import Figure, Key, Plot
from benchmarks.law import THRESHOLDS
from benchmarks.look import look
from benchmarks.results import Results
from benchmarks.statistics import FEW, Band

POINTS = 150


def regret_curves(results: Results) -> Figure:
    """The panels of all tasks under one legend."""
    step = max((_step(results, task) for task in results.tasks), default=0.0)
    return Figure(
        "Regret against search cost",
        [_panel(results, task) for task in results.tasks],
        f"{results.caption} Lines: median over seeds of the noise-free regret, at the target, of "
        f"the recommendation in force; bands: interquartile range; drawn at {FLOOR:g} where lower. "
        f"Read at {POINTS} costs, so that a step shows up to {step:.0%} late. Dotted: the "
        f"thresholds {', '.join(f'{t:g}' for t in THRESHOLDS)} sd.",
        keys(results),
        toggles=True,
    )


def keys(results: Results) -> list[Key]:
    """The legend of the agents that have a record."""
    played = {agent for _, agent in results.groups}
    return [Key.line(a, look(i)) for i, a in enumerate(results.suite.agents) if a in played]


def _step(results: Results, task: str) -> float:
    costs = costs_of_curves(results, task, POINTS)
    return float(costs[1] / costs[0] - 1.0)


def _panel(results: Results, task: str) -> Plot:
    costs = costs_of_curves(results, task, POINTS)
    traces, ends, highest = [], [], 4.0
    for agent in results.suite.agents:
        if group := results.groups.get((task, agent)):
            bands = quartiles(group, costs)
            highest = max(highest, float(bands.max()))
            traces += _curve(results, agent, costs, bands)
            ends.append(f"{agent} {bands[1, -1]:.2f}")
    low, high = float(costs[0]), float(costs[-1])
    marks = [*(m for m in ticks(low, high) if m <= 0.6 * high), high]
    about = f"{task}: median regret in sd units at {high:g} target runs: {', '.join(ends)}"
    return Plot(
        task, about, traces,
        layout(
            xaxis=log_axis("search cost (target runs)", low, high, marks),
            yaxis=log_axis("regret (sd)", FLOOR * 0.93, highest * 1.1,
                           (0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16)),
            shapes=[_line(t) for t in THRESHOLDS],
        ),
        height=290,
    )  # fmt: skip


def _curve(results: Results, agent: str, costs: np.ndarray, bands: np.ndarray) -> list[Any]:
    """The median over the band between the quartiles, as steps."""
    kept = _changes(bands)
    low, middle, high = bands[:, kept]
    seeds = FEW  # quartiles describe whatever seeds there are; they are no interval
    band = Band(costs[kept], middle, low, high, seeds)
    return banded(
        results, agent, band, shape="hv", hovertemplate="%{y} sd at %{x} target runs"
    )  # fmt: skip


def _changes(bands: np.ndarray) -> np.ndarray:
    """Where any of the step curves [3, m] changes, and both ends: all that the drawing needs."""
    moved = np.any(np.diff(bands, axis=1) != 0, axis=0)
    return np.flatnonzero(np.concatenate([[True], moved[:-1], [True]]))


def _line(threshold: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": threshold, "y1": threshold,
        "layer": "below", "line": {"color": "#999", "width": 1, "dash": "dot"},
    }  # fmt: skip
