"""The episode as an image: learning curves of the runs, mixtures, the budget."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mixenv.render.bars import budget, mixtures
from mixenv.render.palette import STAR, tints
from mixenv.render.view import View
from mixenv.scale import scale_label

SIZE, DPI = (10.0, 6.0), 96  # inches; pixels an inch
# Left, bottom, width, height as fractions of the image: the same in every frame.
CURVES, MIXTURES, BUDGET = (0.06, 0.38, 0.41, 0.5), (0.61, 0.38, 0.37, 0.5), (0.06, 0.1, 0.92, 0.07)
STYLE: dict[Any, Any] = {
    "font.size": 9, "font.family": "DejaVu Sans", "axes.spines.top": False,
    "axes.spines.right": False, "axes.titlesize": 10, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "legend.framealpha": 0.85, "legend.edgecolor": "none",
}  # fmt: skip


def picture(view: View) -> np.ndarray:
    """An image, uint8 [H, W, 3]. Draws without pyplot: no window, nothing kept."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, dpi=DPI)
        canvas = FigureCanvasAgg(figure)
        figure.suptitle(view.title, fontsize=11.5, x=0.012, y=0.975, ha="left")
        _curves(figure.add_axes(CURVES), view)
        mixtures(figure.add_axes(MIXTURES), view)
        budget(figure.add_axes(BUDGET), view)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _curves(ax: Any, view: View) -> None:
    """Objective against steps, a line a run; against experiments where no run has two points."""
    ax.set_title("Runs: the objective as seen, with its noise")
    if view.best is None:
        ax.set(xticks=[], yticks=[])
        ax.text(0.5, 0.5, "no experiment yet", transform=ax.transAxes, ha="center", color="0.4")
        return
    lines = _has_lines(view)
    (_lines if lines else _dots)(ax, view)
    x = view.done[view.best].end if lines else view.best + 1
    ax.plot(x, view.objectives[view.best], "*", ms=14, color=STAR, mec="w", zorder=4)
    _crop(ax, view)
    _name_scales(ax, view)


def _has_lines(view: View) -> bool:
    return any(len(curve.steps) > 1 for curve in view.curves)


def _lines(ax: Any, view: View) -> None:
    """The last experiment's run is thick."""
    shades = tints(len(view.task.scales))
    for curve in view.curves:
        newest = len(view.done) - 1 in curve.experiments
        width, size, over = (2.6, 3.5, 3) if newest else (1.3, 2, 2)
        ax.plot(curve.steps, curve.objective, color=shades[curve.scale_index], lw=width,
                marker="o", ms=size, zorder=over)  # fmt: skip
    ax.set(xlabel="steps", xscale="log")
    ax.set_xlim(0.9 * view.task.steps[0], 1.15 * view.task.steps[-1])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.xaxis.set_minor_formatter(lambda value, _: "")


def _dots(ax: Any, view: View) -> None:
    numbers = np.arange(1, len(view.done) + 1)
    shades = tints(len(view.task.scales))[[t.scale_index for t in view.done]]
    ax.scatter(numbers, view.objectives, c=shades, s=26, zorder=3)
    ax.set(xlabel="experiment", xlim=(0.5, max(10, len(view.done)) + 0.5))
    ax.xaxis.get_major_locator().set_params(integer=True)


def _crop(ax: Any, view: View) -> None:
    """Limit the y axis to where runs end, with room above: first steps lie far off."""
    low, high = min(view.objectives), max(view.objectives)
    every = np.concatenate([curve.objective for curve in view.curves])
    room = max(high - low, 0.25 * float(np.ptp(every)), 1e-3)
    top = high + 0.5 * room
    if _has_lines(view):
        top = min(float(every.max()) + 0.05 * room, high + 0.8 * room)
    ax.set_ylim(low - 0.12 * room, top)


def _name_scales(ax: Any, view: View) -> None:
    """A legend of the scales that were used, and of the star."""
    shades = tints(len(view.task.scales))
    lines = [
        Line2D([], [], color=shades[i], lw=2, label=scale_label(view.task.scales[i]))
        for i in sorted({curve.scale_index for curve in view.curves})
    ]
    star = Line2D([], [], color=STAR, marker="*", ms=10, mec="w", lw=0, label="best so far")
    ax.legend(handles=[star, *lines], loc="upper right", fontsize=8)
