"""Baselines beside values that another code computed: capped tasks, published surface, no noise.

Median regrets in sd units at the recommendation: random search at 4 and 16 target runs, Hyperband
at 16 (there, for `mean_loss`, of another aggregate: the mean of seven standardised losses).
"""

from __future__ import annotations

import numpy as np

from benchmarks.results import Results
from benchmarks.scores import regret_at
from benchmarks.table import Table

RANDOM = {
    "common_crawl": (1.64, 1.12), "c4": (1.62, 1.12), "wikipedia": (1.68, 1.39),
    "stack_exchange": (2.01, 1.41), "github": (2.10, 1.38), "arxiv": (1.28, 0.72),
    "book": (1.26, 0.84), "hellaswag": (1.37, 0.74), "piqa": (1.16, 0.67),
    "arc_easy": (1.79, 1.12), "mean_loss": (1.60, 1.12), "mean_score": (1.84, 1.24),
    "worst_loss": (0.88, 0.56),
}  # fmt: skip
HYPERBAND = {
    "common_crawl": 0.67, "c4": 0.66, "wikipedia": 1.28, "stack_exchange": 1.20, "github": 1.27,
    "arxiv": 0.58, "book": 0.46, "hellaswag": 0.41, "piqa": 0.39, "arc_easy": 0.65,
    "mean_score": 0.81, "worst_loss": 0.40,
}  # fmt: skip
TOLERANCE = {"random": 0.1, "hyperband": 0.5}  # sd units


def comparisons(results: Results) -> list[tuple[str, str, float, float, float]]:
    """(task, agent, cost, expected, measured) for every reference value that was measured."""
    expected = [("random", c, t, RANDOM[t][i]) for i, c in enumerate((4.0, 16.0)) for t in RANDOM]
    expected += [("hyperband", 16.0, task, value) for task, value in HYPERBAND.items()]
    found = []
    for agent, cost, task, value in expected:
        group = results.played.get((task, agent), [])
        if group and group[0].budget >= cost:
            measured = float(np.median([regret_at(record, [cost])[0] for record in group]))
            found.append((task, agent, cost, value, measured))
    return found


def reference_table(results: Results) -> Table:
    """Measured medians beside the reference values, and how many lie within tolerance."""
    found = comparisons(results)
    rows = [
        [agent, f"{cost:g}", task, f"{expected:.2f}", f"{got:.2f}", f"{got - expected:+.2f}"]
        for task, agent, cost, expected, got in sorted(found, key=lambda f: (f[1], f[2]))
    ]
    notes = [results.caption]
    for agent, tolerance in TOLERANCE.items():
        gaps = [abs(got - expected) for _, name, _, expected, got in found if name == agent]
        within = sum(gap <= tolerance + 5e-3 for gap in gaps)  # both are rounded to 0.01
        notes.append(f"{agent}: {within} of {len(gaps)} within {tolerance:g} sd.")
    columns = ["agent", "at", "task", "reference", "measured", "difference"]
    return Table("Against reference values", columns, rows, notes, words=1)
