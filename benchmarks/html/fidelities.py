"""Which fidelities an agent bought, and when: every experiment by cost spent, scale and steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.html.numbers import axis, layout, log_axis, short, ticks, word
from benchmarks.html.parts import Figure, Plot
from benchmarks.record import Record
from benchmarks.results import Results
from mixenv.scale import scale_label

MOST = 120  # experiments drawn, an agent and task
_LANE, _GAP, _FOOT = 17, 34, 96  # pixels


def fidelities(results: Results, task: str) -> Figure:
    """One strip an agent, a lane a scale; within a lane, longer runs higher and darker."""
    groups = [(a, results.played[task, a]) for a in results.suite.agents
              if sum(len(r.cost) for r in results.played.get((task, a), []))]  # fmt: skip
    return Figure(
        "",
        [_plot(task, groups)] if groups else [],
        f"{results.caption} A point is an experiment, at the cost spent once it was done. Lanes: "
        "scales; within a lane and by colour: steps, on a logarithm from the fewest to the most. "
        f"All seeds together; above {MOST} experiments an agent, as many evenly thinned.",
    )


def _plot(task: str, groups: list[tuple[str, list[Record]]]) -> Plot:
    records = [record for _, group in groups for record in group]
    scales = np.unique(np.concatenate([r.scale for r in records]))
    steps = np.concatenate([r.steps for r in records])
    least, most = float(steps.min()), float(steps.max())
    first = min(float(r.spent[1]) for r in records if len(r.cost))
    budget = max(r.budget for r in records)
    strip = _LANE * len(scales)
    height = len(groups) * (strip + _GAP) + _FOOT
    plain: dict[str, Any] = {
        "xaxis": log_axis("search cost (target runs)", first * 0.9, max(budget, first) * 1.1,
                          ticks(first, budget)),
        "coloraxis": _colours(least, most),
    }  # fmt: skip
    traces, notes = [], []
    drawn = height - _FOOT
    for i, (agent, group) in enumerate(groups):
        top = 1 - (i * (strip + _GAP) + _GAP) / drawn
        plain[f"yaxis{i + 1 if i else ''}"] = _lanes(scales, top - strip / drawn, top)
        notes.append(_name(agent, top))
        traces.append(_points(group, scales, least, most, i))
    plain["xaxis"] |= {"anchor": f"y{len(groups)}" if len(groups) > 1 else "y"}
    margin = {"l": 52, "r": 12, "t": 0, "b": _FOOT}
    about = f"{task}: experiments of {', '.join(a for a, _ in groups)}, by scale, steps and cost"
    return Plot("", about, traces, layout(**plain, annotations=notes, margin=margin), height)


def _points(
    group: list[Record], scales: np.ndarray, least: float, most: float, index: int
) -> dict[str, Any]:
    """One agent's experiments in its strip."""
    when = np.concatenate([r.spent[1:] for r in group])
    lane = np.searchsorted(scales, np.concatenate([r.scale for r in group]))
    steps = np.concatenate([r.steps for r in group])
    order = np.argsort(when, kind="stable")
    kept = order[np.linspace(0, len(order) - 1, min(MOST, len(order))).astype(int)]
    rise = (np.log(steps[kept]) - np.log(least)) / max(np.log(most) - np.log(least), 1e-9)
    return {
        "x": short(when[kept]), "y": short(lane[kept] + 0.14 + 0.72 * rise), "mode": "markers",
        "yaxis": f"y{index + 1}" if index else "y",
        "marker": {"size": 5, "opacity": 0.8, "color": short(np.log10(steps[kept])),
                   "coloraxis": "coloraxis"},
        "text": [f"{scale_label(float(scales[i]))}, {s:,} steps" for i, s in
                 zip(lane[kept], steps[kept], strict=True)],
        "hovertemplate": "%{text}, at %{x} target runs<extra></extra>",
    }  # fmt: skip


def _lanes(scales: np.ndarray, bottom: float, top: float) -> dict[str, Any]:
    n = len(scales)
    return axis(
        "", domain=[max(round(bottom, 4), 0), round(top, 4)], range=[0, n],
        tickvals=[i + 0.5 for i in range(n)], ticktext=[scale_label(s) for s in scales],
        showgrid=False, minor={"tickvals": list(range(n + 1)), "showgrid": True, "ticks": "",
                               "gridcolor": "#ddd"},
    )  # fmt: skip


def _name(agent: str, top: float) -> dict[str, Any]:
    return {
        "text": f"<b>{word(agent)}</b>", "xref": "paper", "yref": "paper", "x": 0,
        "y": round(top, 4), "xanchor": "left", "yanchor": "bottom", "showarrow": False,
    }  # fmt: skip


def _colours(least: float, most: float) -> dict[str, Any]:
    """Steps by colour, light to dark, with a bar below."""
    marks = sorted({least, most, *(m for m in ticks(least, most) if least * 2 < m < most / 2)})
    return {
        "colorscale": "Viridis", "reversescale": True,
        "cmin": float(np.log10(least)), "cmax": float(np.log10(most)) + 1e-6 * (least == most),
        "colorbar": {
            "orientation": "h", "thickness": 10, "len": 0.9, "y": 0, "yanchor": "top", "ypad": 52,
            "yref": "paper", "outlinewidth": 0, "title": {"text": "steps", "side": "right"},
            "tickvals": [float(np.log10(m)) for m in marks],
            "ticktext": [f"{m:,.0f}" for m in marks],
        },
    }  # fmt: skip
