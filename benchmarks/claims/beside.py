"""Tables beside the verdicts: regrets on mixtures under noise, and masks by dimension.

Every seed's episodes and tasks together; differences are paired, with 95% intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.claims.spaces import ENTRANTS, MEASURES
from benchmarks.statistics.interval import mean as interval
from benchmarks.table import Table

Seeds = Sequence[Mapping[str, Any]]


def tables(curves: Mapping[str, Seeds]) -> list[Table]:
    """Those for which there is something."""
    makers = {"mixtures": mixtures_table, "spaces": masks_table}
    return [make(curves[name]) for name, make in makers.items() if name in curves]


def mixtures_table(seeds: Seeds) -> Table:
    """Cumulative / simple regret by rule and noise, and multi-step's paired lead."""
    levels = list(seeds[0])
    rules = dict.fromkeys(rule for s in seeds for level in levels for rule in s[level])
    rows = [(rule, *(_regrets(_pooled(seeds, level), rule) for level in levels)) for rule in rules]
    lead = ("multi less single", *(_lead(_pooled(seeds, level)) for level in levels))
    notes = (
        "Cumulative / simple regret after 40 rounds on 64 candidate mixtures, sd units, the least "
        "is best; last row: paired difference of cumulative regrets. Tasks: mean_loss and "
        "stack_exchange, surface surrogate, shares capped at 0.5.",
        "The first four rules read one network, which is told the task's centre and sd. MFMS-GP+ "
        "plays its own decisions on fewer episodes, and explores for its recommendation only.",
    )
    return Table("Mixtures under noise", ("rule", *levels), [*rows, lead], notes)


def masks_table(seeds: Seeds) -> Table:
    """Joint likelihood above the exact one and regret, and paired differences to causal."""
    rows = []
    for d in seeds[0]:
        found = _pooled(seeds, d)
        for name, values in found.items():
            rows.append((d, name, *(_mask_cell(values, found["causal"], m) for m in MEASURES)))
    notes = (
        "Joint: nats a point above the exact process, 5 points of context, half of the tasks of "
        "length 1 and half of length sqrt(d); regret: 20 rounds, 32 candidates, multi-step. In "
        "brackets: less causal, paired, 95%; + is worse than causal.",
        f"{', '.join(k for k, (_, n) in ENTRANTS.items() if n == 1)}: equal steps. custom x2: "
        "equal compute, counted in tokens (data and query under causal, one of them under custom).",
    )
    return Table("Masks by dimension", ("d", "mask", *MEASURES.values()), rows, notes, words=2)


def _pooled(seeds: Seeds, name: str) -> dict[str, dict[str, np.ndarray]]:
    """Values [all episodes] by rule and measure."""
    rules = dict.fromkeys(rule for s in seeds for rule in s[name])
    return {
        rule: {
            m: np.concatenate([s[name][rule][m] for s in seeds if rule in s[name]]) for m in each
        }
        for rule in rules
        for each in [next(s[name][rule] for s in seeds if rule in s[name])]
    }


def _regrets(found: dict[str, dict[str, np.ndarray]], rule: str) -> str:
    if rule not in found:
        return "-"
    values = found[rule]
    return f"{values['cumulative'].mean():.1f} / {values['simple'].mean():.2f}"


def _lead(found: dict[str, dict[str, np.ndarray]]) -> str:
    return interval(found["multi"]["cumulative"] - found["single"]["cumulative"]).shown(1)


def _mask_cell(values: dict[str, np.ndarray], causal: dict[str, np.ndarray], measure: str) -> str:
    if measure not in values:
        return "-"
    own = f"{values[measure].mean():.3f}"
    if values is causal:
        return own
    gap = interval(values[measure] - causal[measure])
    return f"{own} ({gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}])"
