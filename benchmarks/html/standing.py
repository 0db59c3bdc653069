"""Who stands where over all tasks: regret by cost, performance profiles, ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.html.curves import keys
from benchmarks.html.lines import agent_look, banded, bars, line
from benchmarks.html.numbers import axis, layout, log_axis, short, word
from benchmarks.html.parts import Figure, Plot
from benchmarks.results import Results
from benchmarks.standings import (
    Standing,
    field,
    leaderboard,
    profiles,
    ranking,
)
from benchmarks.statistics import Ranks

TAUS = np.union1d([0.0, 0.5], np.geomspace(0.02, 4.0, 40))
_ROW = 22  # pixels


def standing(results: Results) -> Figure:
    """Interquartile means, profiles and ranks, side by side."""
    ranked = ranking(results)
    plots = [_means(results, leaderboard(results)), _profiles(results)]
    plots += [_ranks(results, ranked)] if ranked and not ranked.reason else []
    return Figure(
        "Over all tasks",
        plots,
        f"{results.caption} Regret: interquartile mean over the {len(field(results).tasks)} tasks "
        "that all of these agents have played, with 95% bootstrap intervals. Profile: share of "
        "all runs whose regret, when the budget is spent, is at or under a value; bands: 95%. "
        "Ranks: mean over tasks of the rank of the median regret, 1 is best; a grey bar joins "
        "agents that Nemenyi's test at 5% does not tell apart. No intervals on too few seeds.",
        keys(results),
        toggles=True,
    )


def _means(results: Results, found: list[Standing]) -> Plot:
    traces = [_mean(results, s, i, len(found)) for i, s in enumerate(found)]
    costs = list(found[0].costs) if found else [1.0]
    said = ", ".join(f"{s.agent} {s.regret[-1].value:.2f}" for s in found)
    top = max((i.high if not i.few else i.value for s in found for i in s.regret), default=1.0)
    return Plot(
        "Regret at a cost",
        f"Interquartile mean regret at {costs[-1]:g} target runs: {said}", traces,
        layout(
            xaxis=log_axis("search cost (target runs)", costs[0] * 0.85, costs[-1] * 1.18, costs),
            yaxis=axis("regret (sd)", range=[0, 1.05 * top]),
        ),
    )  # fmt: skip


def _mean(results: Results, found: Standing, index: int, count: int) -> dict[str, Any]:
    """An agent's means at all costs, moved apart a little so that intervals do not hide others."""
    apart = 1.0 + 0.012 * (index - (count - 1) / 2)
    costs = np.array(found.costs) * apart
    trace = line(results, found.agent, costs, [i.value for i in found.regret])
    return trace | {
        "mode": "lines+markers", "error_y": bars(found.regret), "hovertemplate": "%{y} sd",
        "marker": {"size": 5, "color": agent_look(results, found.agent).colour},
    }  # fmt: skip


def _profiles(results: Results) -> Plot:
    bands = profiles(results, taus=TAUS)
    hover = "%{y:.0%} of runs at or under %{x} sd"
    traces = [
        trace
        for agent, band in bands.items()
        for trace in banded(results, agent, band, shape="hv", hovertemplate=hover)
    ]
    half = int(np.searchsorted(TAUS, 0.5))
    said = ", ".join(f"{agent} {band.value[half]:.0%}" for agent, band in bands.items())
    return Plot(
        "Performance profile", f"Share of runs with a regret of at most 0.5 sd: {said}", traces,
        layout(
            xaxis=axis("regret (sd)", range=[0, 2.5]),
            yaxis=axis("share of runs", range=[0, 1.02], tickformat=".0%"),
        ),
    )  # fmt: skip


def _ranks(results: Results, found: Ranks) -> Plot:
    """Mean ranks, best on top, and grey bars over those not told apart."""
    n = len(found.agents)
    colours = [agent_look(results, agent).colour for agent in found.agents]
    traces: list[dict[str, Any]] = [
        {
            "x": short(found.means), "y": list(range(n)), "mode": "markers",
            "marker": {"color": colours, "size": 9}, "text": [word(a) for a in found.agents],
            "hovertemplate": "%{text}: %{x}<extra></extra>",
        }
    ]  # fmt: skip
    traces += [_together(found, group, i) for i, group in enumerate(found.groups)]
    said = ", ".join(f"{a} {m:.2f}" for a, m in zip(found.agents, found.means, strict=True))
    names = {
        "range": [n - 0.5, -0.5],
        "tickvals": list(range(n)),
        "automargin": True,
        "ticktext": [word(a) for a in found.agents],
        "gridcolor": "#eee",
        "zeroline": False,
    }
    right = max(found.means) + 0.3 + 0.12 * len(found.groups)
    return Plot(
        "Mean rank", f"Mean ranks, 1 is best: {said}", traces,
        layout(xaxis=axis("mean rank", range=[0.7, right]), yaxis=names),
        height=max(_ROW * n + 70, 180),
    )  # fmt: skip


def _together(found: Ranks, group: tuple[str, ...], index: int) -> dict[str, Any]:
    rows = [found.agents.index(agent) for agent in group]
    x = max(found.means) + 0.15 + 0.12 * index
    return {
        "x": [x, x], "y": [min(rows) - 0.25, max(rows) + 0.25], "mode": "lines",
        "line": {"color": "#888", "width": 4},
        "hovertemplate": f"not told apart: {word(', '.join(group))}<extra></extra>",
    }  # fmt: skip
