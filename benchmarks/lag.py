"""Where one agent's mean regret is over another's: at every cost, not only those of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.record import Record
from benchmarks.results import Results
from benchmarks.scores import regret_at, start
from benchmarks.statistics import Interval, mean

_NOTHING = 1e-9  # sd units: less is rounding


@dataclass(frozen=True)
class Lag:
    """An agent's regret less another's on one task, mean over the seeds that both have played.

    `most`: its largest value over all costs, at `cost` target runs (of the seeds at that cost,
    which was chosen for being the largest: its interval leans up). `share`: of the costs, on a
    logarithmic scale, where it is over 0.
    """

    task: str
    most: Interval
    cost: float
    share: float


def lags(results: Results, agent: str, against: str) -> list[Lag]:
    """One a task that both have played on some seed in common."""
    sides = [[results.groups.get((t, a), []) for a in (agent, against)] for t in results.tasks]
    found = zip(results.tasks, map(_common, sides), strict=True)
    return [_lag(task, *pairs) for task, pairs in found if pairs[0]]


def _common(sides: Sequence[Sequence[Record]]) -> tuple[list[Record], list[Record]]:
    """Records of both sides on the seeds that both have, in the same order."""
    one, other = ({record.seed: record for record in side} for side in sides)
    seeds = sorted(one.keys() & other.keys())
    return [one[s] for s in seeds], [other[s] for s in seeds]


def _lag(task: str, one: list[Record], other: list[Record]) -> Lag:
    """Between the costs at which any of the records goes on, nothing changes."""
    budget = min(record.budget for record in (*one, *other))
    spent = np.concatenate([record.spent for record in (*one, *other)])
    inside = spent[(spent > start(budget)) & (spent < budget)]
    costs = np.unique([start(budget), *inside])
    pairs = zip(one, other, strict=True)
    differences = np.array([regret_at(a, costs) - regret_at(b, costs) for a, b in pairs])
    behind = differences.mean(axis=0)
    worst = int(behind.argmax())
    widths = np.diff(np.log([*costs, budget]))
    share = float(widths[behind > _NOTHING].sum() / widths.sum())
    return Lag(task, mean(differences[:, worst]), float(costs[worst]), share)
