"""The figure: regret against cost, a panel a task, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from benchmarks.law import THRESHOLDS
from benchmarks.look import look
from benchmarks.record import Record
from benchmarks.results import Results
from benchmarks.scores import regret_at

FLOOR = 0.02  # sd units: regret under it is drawn there
_POINTS = 400
_STYLE: dict[Any, Any] = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "mixenv",
    "axes.titlesize": 10, "axes.titleweight": "bold", "legend.frameon": False,
}  # fmt: skip


def draw(results: Results, stem: Path) -> list[Path]:
    """Write STEM.png and STEM.svg; return their paths."""
    with _figure(results) as figure:
        paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
        figure.savefig(paths[0], dpi=160, bbox_inches="tight")
        figure.savefig(paths[1], bbox_inches="tight", metadata={"Date": None})
    return paths


@contextmanager
def _figure(results: Results) -> Iterator[Any]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    count = len(results.tasks)
    columns = count if count <= 4 else 3 if count <= 9 else 4
    rows = ceil(count / columns)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(3.7 * columns + 0.4, 2.9 * rows + 0.9), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for ax, task in zip(axes.flat, results.tasks, strict=False):
            _panel(ax, results, task)
        for ax in axes.flat[len(results.tasks) :]:
            ax.set_visible(False)
        figure.supxlabel("search cost (target runs)", fontsize=9)
        figure.supylabel("regret (sd)", fontsize=9)
        handles = {h.get_label(): h for ax in axes.flat for h in ax.get_lines()
                   if not h.get_label().startswith("_")}  # fmt: skip
        figure.legend(
            handles.values(),
            handles.keys(),
            loc="outside upper center",
            ncols=min(len(handles), 2 * columns + 2),
        )
        _caption(figure, results)
        yield figure


def _panel(ax: Any, results: Results, task: str) -> None:
    costs = costs_of_curves(results, task, _POINTS)
    for i, agent in enumerate(results.suite.agents):
        group = results.groups.get((task, agent))
        if not group:
            continue
        low, middle, high = quartiles(group, costs)
        colour, dash = look(i).colour, (0, look(i).dash) if look(i).dash else "-"
        ax.fill_between(costs, low, high, color=colour, alpha=0.13, lw=0, step="post")
        ax.plot(costs, middle, color=colour, ls=dash, lw=1.7, label=agent, drawstyle="steps-post")
    for threshold in THRESHOLDS:
        ax.axhline(threshold, color="0.75", lw=0.7, zorder=0)
    ax.set(xscale="log", yscale="log", xlim=(costs[0], costs[-1]), title=task)
    ax.set_ylim(bottom=FLOOR)
    _plain_ticks(ax, float(costs[-1]))


def costs_of_curves(results: Results, task: str, points: int) -> np.ndarray:
    """Costs [points] at which a task's curves are drawn: even in their logarithm."""
    records = [r for (label, _), group in results.groups.items() if label == task for r in group]
    budget = max(r.budget for r in records)
    first = min((r.spent[1] for r in records if len(r.cost)), default=budget)
    return np.geomspace(min(max(first, budget / 1000), 0.999 * budget), budget, points)


def quartiles(group: list[Record], costs: np.ndarray) -> np.ndarray:
    """Quartiles [3, m] over seeds of the regret at costs [m], at least `FLOOR`."""
    values = np.array([regret_at(record, costs) for record in group])
    return np.maximum(np.percentile(values, [25, 50, 75], axis=0), FLOOR)


def _plain_ticks(ax: Any, budget: float) -> None:
    """Numbers as people write them, not powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    plain = FuncFormatter(lambda value, _: f"{value:g}")
    marks = [m for m in (0.01, 0.1, 1, 4, 16) if m <= 0.6 * budget]
    ax.xaxis.set_major_locator(FixedLocator([*marks, budget]))
    ax.yaxis.set_major_locator(FixedLocator([0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(plain)
        axis.set_minor_formatter(NullFormatter())
    ax.yaxis.minorticks_off()


def _caption(figure: Any, results: Results) -> None:
    width = int(figure.get_figwidth() * 17)
    text = (
        f"{results.caption} Lines: median over seeds of the noise-free regret, at the target, of "
        f"the recommendation in force; bands: interquartile range; drawn at {FLOOR:g} where lower. "
        f"Grey: the thresholds {', '.join(f'{t:g}' for t in THRESHOLDS)} sd."
    )
    below = -0.15 / figure.get_figheight()
    figure.text(0.01, below, fill(text, width), va="top", ha="left", fontsize=7.5, color="0.3")
