"""The figures: joint likelihood by horizon, bandit regret, active learning, spread, masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.look import look

_STYLE: dict[Any, Any] = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "axes.titlesize": 10, "axes.titleweight": "bold",
}  # fmt: skip
Curves = Mapping[str, Sequence[float]]


def draw(curves: Mapping[str, Sequence[Any]], folder: Path) -> list[Path]:
    """Write a PNG for each kind of curve that there is, [seeds] of each; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write(folder / f"{name}.png", KINDS[name], curves[name])
        for name in KINDS
        if name in curves
    ]


def _write(path: Path, kind: Callable[[Any, Sequence[Any]], None], seeds: Sequence[Any]) -> Path:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.4, 3.2), layout="constrained")
        kind(figure, seeds)
        figure.savefig(path, dpi=160)
    return path


def _horizon(figure: Any, seeds: Sequence[Curves]) -> None:
    ax = figure.subplots()
    _lines(ax, seeds, start=1)
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.set(xlabel="targets predicted jointly", ylabel="nats a target above the exact joint",
           title="Joint likelihood by horizon")  # fmt: skip
    ax.legend()


def _bandit(figure: Any, seeds: Sequence[Curves]) -> None:
    ax = figure.subplots()
    _lines(ax, seeds, start=1)
    ax.set(xlabel="round", ylabel="cumulative regret", title="Two-arm bandit")
    ax.legend(fontsize=7.5)


def _learning(figure: Any, seeds: Sequence[Mapping[str, Curves]]) -> None:
    figure.set_size_inches(7.6, 3.2)
    axes = figure.subplots(1, 2)
    titles = {"tie": "Doubt and noise agree", "apart": "They do not"}
    for ax, (name, title) in zip(axes, titles.items(), strict=True):
        _lines(ax, [s[name] for s in seeds], start=0)
        ax.set(xlabel="labels", ylabel="loss, nats a new label", title=title)
    axes[1].legend(fontsize=7.5)


def _spread(figure: Any, seeds: Sequence[Curves]) -> None:
    ax = figure.subplots()
    for s in seeds:
        ax.scatter(s["exact"], s["draws"], s=3, alpha=0.25, lw=0)
    top = max(max(s["exact"]) for s in seeds)
    ax.plot((0, top), (0, top), color="0.5", lw=0.8)
    ax.set(xlabel="exact sd of the read-out", ylabel="sd of multi-step draws", title="Calibration")


def _masks(figure: Any, seeds: Sequence[Mapping[str, Curves]]) -> None:
    from benchmarks.claims.spaces import POSITIONS

    dimensions = list(seeds[0])
    figure.set_size_inches(3.2 * len(dimensions) + 0.8, 3.2)
    axes = figure.subplots(1, len(dimensions), squeeze=False)[0]
    for ax, d in zip(axes, dimensions, strict=True):
        _lines(ax, [s[d] for s in seeds], at=POSITIONS)
        ax.set(xlabel="points seen", title=f"d = {d.removeprefix('d')}", xscale="log")
    axes[0].set_ylabel("nats a point above the exact")
    axes[0].legend(fontsize=7.5)


def _lines(
    ax: Any, seeds: Sequence[Curves], start: int = 0, at: Sequence[int] | None = None
) -> None:
    """Mean over seeds of each curve; what is exact is dashed and grey."""
    ours = [name for name in seeds[0] if not name.startswith("exact")]
    for name in seeds[0]:
        values = np.mean([s[name] for s in seeds], axis=0)
        x = np.arange(start, start + len(values)) if at is None else at
        exact = name not in ours
        twin = name.removeprefix("exact ")
        colour = look(ours.index(twin)).colour if twin in ours else "0.4"
        ax.plot(
            x, values, color=colour, ls=":" if exact else "-", lw=1.1 if exact else 1.7, label=name
        )


KINDS: dict[str, Callable[[Any, Sequence[Any]], None]] = {
    "horizon": _horizon, "bandit": _bandit, "learning": _learning, "spread": _spread,
    "masks": _masks,
}  # fmt: skip
