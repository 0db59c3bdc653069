"""Lines with intervals, an agent each, in its own look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.html.numbers import short, word
from benchmarks.look import Look, look
from benchmarks.results import Results
from benchmarks.statistics import Band, Interval


def agent_look(results: Results, agent: str) -> Look:
    """The look of an agent of the suite."""
    return look(results.suite.agents.index(agent))


def line(results: Results, agent: str, x: Any, y: Any, **more: Any) -> dict[str, Any]:
    """An agent's line; `more` are plotly's own options of the trace."""
    style = agent_look(results, agent)
    shape = {"shape": more.pop("shape")} if "shape" in more else {}
    return {
        "name": word(agent), "meta": agent, "x": short(x, 4), "y": short(y), "mode": "lines",
        "line": {"color": style.colour, "dash": dashes(style), "width": 1.8, **shape}, **more,
    }  # fmt: skip


def banded(results: Results, agent: str, band: Band, **more: Any) -> list[dict[str, Any]]:
    """An agent's line over its band; no band on too few seeds."""
    curve = line(results, agent, band.at, band.value, **more)
    if band.few:
        return [curve]
    hidden = {
        **curve, "line": {**curve["line"], "width": 0}, "hoverinfo": "skip", "hovertemplate": None,
    }  # fmt: skip
    fill = {"fill": "tonexty", "fillcolor": f"{agent_look(results, agent).colour}22"}
    return [{**hidden, "y": short(band.low)}, {**hidden, "y": short(band.high), **fill}, curve]


def bars(intervals: Sequence[Interval]) -> dict[str, Any]:
    """Error bars of intervals; none on too few seeds."""
    value, low, high = np.array([(i.value, i.low, i.high) for i in intervals], dtype=float).T
    few = np.array([i.few for i in intervals])
    return {
        "type": "data", "symmetric": False, "thickness": 1.2, "width": 3,
        "array": short(np.where(few, np.nan, np.maximum(high - value, 0))),
        "arrayminus": short(np.where(few, np.nan, np.maximum(value - low, 0))),
    }  # fmt: skip


def dashes(style: Look) -> str:
    """A look's dashes as plotly takes them."""
    return ",".join(f"{1.8 * length:.3g}px" for length in style.dash) or "solid"
