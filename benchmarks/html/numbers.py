"""Numbers and words as plotly takes them: few digits, nothing that it would read as markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import isfinite, log10
from typing import Any

import numpy as np

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
GRID = "#e4e4e4"


def short(values: Iterable[float], digits: int = 3) -> list[float | None]:
    """Values with a few significant digits; None where they are not finite."""
    return [_short(float(v), digits) for v in values]


def _short(value: float, digits: int) -> float | None:
    if not isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded


def word(text: str) -> str:
    """A name as plotly shows it: it reads <b> and the like in every label."""
    return escape(text)


def layout(**more: Any) -> dict[str, Any]:
    """The layout that all plots share, and more."""
    return {
        "margin": {"l": 60, "r": 12, "t": 8, "b": 44},
        "font": {"family": FONT, "size": 12, "color": "#222"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis on numbers."""
    return {
        "title": {"text": title, "standoff": 6}, "gridcolor": GRID, "zeroline": False,
        "linecolor": "#888", "ticks": "outside", "tickcolor": "#888", "ticklen": 4, **more,
    }  # fmt: skip


def log_axis(title: str, low: float, high: float, marks: Iterable[float]) -> dict[str, Any]:
    """A logarithmic axis that bears numbers as people write them, not powers of ten."""
    inside = [m for m in marks if low * 0.999 <= m <= high * 1.001]
    return axis(
        title, type="log", range=[log10(low), log10(high)],
        tickvals=inside, ticktext=[f"{m:,.6g}" for m in inside],
    )  # fmt: skip


def ticks(low: float, high: float) -> list[float]:
    """1, 2, 5 a decade where that makes few, else powers of ten."""
    decades = range(int(np.floor(log10(low))), int(np.ceil(log10(high))) + 1)
    digits = (1, 2, 5) if len(decades) <= 3 else (1, 3) if len(decades) <= 4 else (1,)
    return [float(f"{d}e{n}") for n in decades for d in digits]
