"""How many seeds have got to a threshold by a cost, task by task."""

from __future__ import annotations

import numpy as np

from benchmarks.html.curves import keys
from benchmarks.html.lines import banded
from benchmarks.html.numbers import axis, layout, log_axis
from benchmarks.html.parts import Figure, Plot
from benchmarks.results import Results
from benchmarks.standings import arrival_curves


def arrivals(results: Results, threshold: float) -> Figure:
    """A panel a task: the share of seeds that have got to a threshold by a cost."""
    plots = [
        plot for task in results.tasks if (plot := _arrivals(results, task, threshold)) is not None
    ]
    return Figure(
        f"Seeds that have arrived at {threshold:g} sd",
        plots,
        f"{results.caption} Share of seeds whose regret stays at or under {threshold:g} sd from a "
        "search cost on; bands: 95%. Random search is left out: its cost is computed.",
        [key for key in keys(results) if key.name != "random"],
        toggles=True,
    )


def _arrivals(results: Results, task: str, threshold: float) -> Plot | None:
    bands = arrival_curves(results, task, threshold)
    if not bands:
        return None
    costs = np.concatenate([band.at[band.at > 0] for band in bands.values()])
    high = float(costs.max())
    low = max(min(float(costs.min()) * 0.8, high / 10), 1e-3)
    traces = [
        trace for agent, band in bands.items()
        for trace in banded(results, agent, band, shape="hv",
                            hovertemplate="%{y:.0%} by %{x} target runs")
    ]  # fmt: skip
    said = ", ".join(f"{agent} {band.value[-1]:.0%}" for agent, band in bands.items())
    marks = [m for m in (0.01, 0.1, 0.5, 1, 2, 4, 8, 16) if m <= 0.6 * high] + [high]
    return Plot(
        task, f"{task}: share of seeds at {threshold:g} sd in the end: {said}", traces,
        layout(
            xaxis=log_axis("search cost (target runs)", low, high, marks),
            yaxis=axis("share of seeds", range=[-0.03, 1.03], tickformat=".0%"),
        ),
        height=230,
    )  # fmt: skip
