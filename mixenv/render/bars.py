"""Bars of an image: the mixtures of the last experiments, and the budget."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import Patch

from mixenv.render.palette import COLOURS, tints
from mixenv.render.view import View
from mixenv.scale import scale_label

NAME = 17  # characters of a domain's name
LAST = 12  # mixtures shown
NAMED = 9  # domains with a colour of their own; the rest are grey together


def mixtures(ax: Any, view: View) -> None:
    """The last mixtures as stacked bars, newest at the bottom; the domains named below."""
    names = view.names(NAME)
    first = max(0, len(view.done) - LAST)
    shares = np.array([t.mixture for t in view.done[first:]]).reshape(-1, len(names))
    rows, left = list(range(len(shares))), np.zeros(len(shares))
    parts = _parts(names, shares)
    for _, colour, part in parts:
        ax.barh(rows, part, left=left, color=colour, height=0.8, ec="w", lw=0.5)
        left = left + part
    ax.set(title=f"Mixtures of the last {LAST} experiments", xlim=(0, 1), ylim=(LAST - 0.4, -0.6))
    ax.set_yticks(rows, [_row_label(view, first + i) for i in rows], fontsize=8)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    ax.tick_params(axis="y", length=0)
    patches = [Patch(color=colour, label=label) for label, colour, _ in parts]
    ax.legend(handles=patches, loc="upper left", bbox_to_anchor=(-0.24, -0.08), ncols=3, fontsize=8,
              handlelength=1, columnspacing=1)  # fmt: skip


def _parts(names: list[str], shares: np.ndarray) -> list[tuple[str, str, np.ndarray]]:
    """Label, colour and shares [n] of each domain, those beyond the largest together."""
    many = len(names) > NAMED
    named = np.arange(len(names))
    if many:
        named = np.sort(np.argsort(-shares.sum(axis=0), kind="stable")[: NAMED - 1])
    parts = [(names[i], COLOURS[k], shares[:, i]) for k, i in enumerate(named)]
    if many:
        parts.append((f"{len(names) - len(named)} more", "0.8", 1 - shares[:, named].sum(axis=1)))
    return parts


def _row_label(view: View, i: int) -> str:
    done = view.done[i]
    star = "★ " if i == view.best else ""
    return f"{star}{i + 1}: {scale_label(view.task.scales[done.scale_index])}, {done.end:,}"


def budget(ax: Any, view: View) -> None:
    """What was paid, experiment by experiment in the scales' colours, of the whole budget."""
    task = view.task
    ax.barh(0, task.budget, color="0.93", height=0.8)
    if view.done:
        costs = np.array([done.cost for done in view.done])
        shades = tints(len(task.scales))[[done.scale_index for done in view.done]]
        gap = 0.6 if len(costs) <= 150 else 0.0  # white lines would cover shorter ones
        ax.barh(np.zeros(len(costs)), costs, left=np.cumsum(costs) - costs, color=shades,
                height=0.8, ec="w", lw=gap)  # fmt: skip
    state = ", ended" if view.ended else ""
    ax.set(title=f"Budget: {view.spent:.2f} of {task.budget:g} target runs, "
                 f"{len(view.done)} experiments{state}", xlim=(0, task.budget))  # fmt: skip
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("target runs (1 = one full run at the target), in the colours of the scales")
