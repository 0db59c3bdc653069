"""What the budget went to, by scale; and how long agents think."""

from __future__ import annotations

import numpy as np

from benchmarks.html.numbers import axis, layout, log_axis, short, ticks, word
from benchmarks.html.parts import Figure, Key, Plot
from benchmarks.look import look
from benchmarks.record import Record
from benchmarks.results import Results
from mixenv.scale import scale_label

_ROW = 24  # pixels


def breakdown(results: Results) -> Figure:
    """A panel a task: the mean cost spent at each scale, agent by agent."""
    scales = np.unique(np.concatenate([r.scale for r in results.records]))
    tasks = dict.fromkeys(task for task, _ in results.played)
    return Figure(
        "Cost by scale",
        [_panel(results, task, scales) for task in tasks if len(scales)],
        f"{results.caption} Mean over seeds of the cost of all experiments at a scale.",
        [Key(scale_label(s), colour) for s, colour in zip(scales, _colours(scales), strict=True)],
    )


def decisions(results: Results) -> Figure:
    """Seconds a decision: a dot a task, agent by agent."""
    agents = [a for a in results.suite.agents if any(a == b for _, b in results.played)]
    found = {
        a: {t: results.decision_seconds(t, a) for t in results.tasks if (t, a) in results.played}
        for a in agents
    }
    # Less than a microsecond is the clock's, not the agent's.
    points = {a: np.maximum(list(seconds.values()), 1e-6) for a, seconds in found.items()}
    low = min(float(p.min()) for p in points.values()) / 1.5
    high = max(float(p.max()) for p in points.values()) * 1.5
    traces = [
        {
            "x": short(points[a]), "y": [word(a)] * len(points[a]), "mode": "markers",
            "text": [word(task) for task in found[a]],
            "marker": {"color": look(results.suite.agents.index(a)).colour, "size": 9,
                       "symbol": "line-ns-open", "line": {"width": 2}},
            "hovertemplate": "%{x} s: %{text}<extra></extra>",
        }
        for a in agents
    ]  # fmt: skip
    medians = ", ".join(f"{a} {np.median(points[a]):.2g}" for a in agents)
    plot = Plot(
        "", f"Median seconds a decision: {medians}", traces,
        layout(
            xaxis=log_axis("seconds a decision", low, high, ticks(low, high)),
            yaxis=_names(agents),
        ),
        height=_ROW * len(agents) + 64,
    )  # fmt: skip
    caption = (
        f"{results.caption} A tick is a task: the median over seeds of an agent's mean seconds a "
        "decision (ask, tell and recommend)."
    )
    return Figure("Seconds a decision", [plot], caption)


def _panel(results: Results, task: str, scales: np.ndarray) -> Plot:
    agents = [a for a in results.suite.agents if (task, a) in results.played]
    spent = np.array([_spent(results.played[task, a], scales) for a in agents])  # [agents, scales]
    traces = [
        {
            "type": "bar", "orientation": "h", "name": scale_label(scale), "x": short(column),
            "y": [word(a) for a in agents], "marker": {"color": colour, "line": {"width": 0}},
            "hovertemplate": "%{y}: %{x} target runs",
        }
        for scale, column, colour in zip(scales, spent.T, _colours(scales), strict=True)
    ]  # fmt: skip
    shares = ", ".join(
        f"{a} {row[-1] / max(row.sum(), 1e-9):.0%}" for a, row in zip(agents, spent, strict=True)
    )
    return Plot(
        task, f"{task}: share of the cost at {scale_label(scales[-1])}: {shares}", traces,
        layout(barmode="stack", bargap=0.3, xaxis=axis("target runs"), yaxis=_names(agents)),
        height=_ROW * len(agents) + 60,
    )  # fmt: skip


def _spent(group: list[Record], scales: np.ndarray) -> list[float]:
    return [float(np.mean([r.cost[r.scale == scale].sum() for r in group])) for scale in scales]


def _colours(scales: np.ndarray) -> list[str]:
    """Small to large, light to dark."""
    from plotly.colors import sample_colorscale

    places = np.linspace(0.93, 0.1, len(scales)).tolist()
    return [str(colour) for colour in sample_colorscale("Magma", places)]


def _names(agents: list[str]) -> dict[str, object]:
    """An axis of agents, the first on top."""
    return {
        "categoryorder": "array", "categoryarray": [word(a) for a in agents][::-1],
        "type": "category", "automargin": True, "showgrid": True, "gridcolor": "#eee",
    }  # fmt: skip
