"""Which mixtures the agents recommend in the end: a bar a seed, beside the best there is."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.cell import task_of
from benchmarks.html.numbers import axis, layout, short, word
from benchmarks.html.parts import Figure, Key, Plot
from benchmarks.record import Record
from benchmarks.results import Results

# Tol's muted colours, told apart by the colour-blind; with more domains than these, by pattern too.
COLOURS = ("#332288", "#88CCEE", "#44AA99", "#DDCC77", "#CC6677", "#882255", "#117733", "#AA4499",
           "#999933")  # fmt: skip
PATTERNS = ("", "/", "x", ".")
_BAR, _BEST, _GAP, _FOOT = 6, 16, 8, 44  # pixels


def recommended(results: Results, task: str) -> Figure:
    """The final recommendations of every agent and seed, by regret, best first."""
    groups = {a: results.played[task, a] for a in results.suite.agents
              if (task, a) in results.played}  # fmt: skip
    if not groups:
        return Figure("", [], "No cell of this task has a record.")
    best = _best(results, task)
    optimum = "" if best is None else " Top: the mixture of least regret."
    return Figure(
        "",
        [_plot(task, groups, best)],
        f"{results.caption} A bar is the mixture recommended in the end with one seed; within an "
        f"agent from least regret (above) to most.{optimum}",
        domain_keys(next(iter(groups.values()))[0].domains),
    )


def domain_keys(domains: tuple[str, ...]) -> list[Key]:
    """The legend of the domains."""
    n = len(COLOURS)
    return [
        Key(name, COLOURS[i % n], mark=PATTERNS[i // n % len(PATTERNS)])
        for i, name in enumerate(domains)
    ]


def _best(results: Results, task: str) -> np.ndarray | None:
    """The optimum's mixture [d]; None where today's surface is not the one that was played."""
    record = next(r for r in results.records if r.task == task)
    made = task_of(next(t for t in results.suite.tasks if t.label == task))
    same = made.surface.fingerprint == record.fingerprint
    return made.optimum.mixture if same else None


def _plot(task: str, groups: dict[str, list[Record]], best: np.ndarray | None) -> Plot:
    rows, widths, middles = _rows(groups, best)
    middle = np.cumsum(widths) - np.array(widths) / 2  # pixels from the top
    shares = np.array([row if row is not None else np.nan * rows[0] for row in rows])
    traces = [_domain(key, middle, shares[:, d], widths) for d, key in
              enumerate(domain_keys(next(iter(groups.values()))[0].domains))]  # fmt: skip
    labels = {name: float(middle[i].mean()) for name, i in middles.items()}
    about = f"{task}: shares of the domains recommended by {', '.join(groups)}, seed by seed"
    return Plot(
        "", about, traces,
        layout(
            barmode="stack", bargap=0, margin={"l": 8, "r": 12, "t": 4, "b": _FOOT},
            xaxis=axis("share of the tokens", range=[0, 1], tickformat=".0%"),
            yaxis={"range": [sum(widths), 0], "tickvals": short(labels.values(), 5),
                   "ticktext": [word(name) for name in labels], "automargin": True,
                   "showgrid": False, "zeroline": False},
        ),
        height=sum(widths) + _FOOT + 4,
    )  # fmt: skip


def _rows(
    groups: dict[str, list[Record]], best: np.ndarray | None
) -> tuple[list[Any], list[int], dict[str, list[int]]]:
    """Mixtures from the top down (None: a gap), their heights, and the rows of each label."""
    rows: list[Any] = []
    middles: dict[str, list[int]] = {}
    if best is not None:
        rows, middles = [best, None], {"the best": [0]}
    for agent, group in groups.items():
        ranked = sorted(group, key=lambda r: r.regrets[-1])
        middles[agent] = list(range(len(rows), len(rows) + len(ranked)))
        rows += [*(r.recommended[r.in_force[-1]] for r in ranked), None]
    widths = [_GAP if row is None else _BAR for row in rows]
    if best is not None:
        widths[0] = _BEST
    return rows, widths, middles


def _domain(key: Key, y: np.ndarray, shares: np.ndarray, widths: list[int]) -> dict[str, Any]:
    kept = np.isfinite(shares)
    return {
        "type": "bar", "orientation": "h", "name": word(key.name), "x": short(shares[kept]),
        "y": short(y[kept], 5),
        "width": [max(w - 1, 1) for w, k in zip(widths, kept, strict=True) if k],
        "marker": {"color": key.colour, "pattern": {"shape": key.mark}, "line": {"width": 0}},
        "hovertemplate": "%{x:.0%}",
    }  # fmt: skip
