"""Whether agents' `predict` keeps its word: coverage of its intervals at the target, by cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.forecast import COSTS
from benchmarks.record import Record
from benchmarks.results import Results
from benchmarks.statistics import Coverage, coverage

WHERE = {"uniform mixtures": slice(None, -1), "own recommendation": slice(-1, None)}


@dataclass(frozen=True)
class Calibration:
    """An agent's coverage once `cost` target runs were spent; `where`: a key of `WHERE`."""

    agent: str
    cost: float
    where: str
    coverage: Coverage
    tasks: int


def calibration(results: Results, task: str | None = None) -> list[Calibration]:
    """By agent that predicts, place and cost; over all tasks, or of one.

    An episode is a cluster: seeds are counted, not mixtures. Costs are those at which agents are
    asked, and the budget, which stands for the last time.
    """
    asked = [cost for cost in COSTS if cost < results.budget] + [results.budget]
    tasks = results.tasks if task is None else [task]
    rows = [
        _row(results, tasks, agent, where, cost)
        for agent in results.suite.agents
        for where in WHERE
        for cost in asked
    ]
    return [row for row in rows if row is not None]


def forecast(record: Record, cost: float, where: str) -> np.ndarray | None:
    """Mean, sd and truth [3, m] in sd units of the first forecast from `cost` on; or None.

    It must lie under the next cost at which agents are asked. At the budget: the last forecast.
    """
    at = record.predicted_at
    later = np.flatnonzero(
        (at >= cost - 1e-9) & (at < min((c for c in COSTS if c > cost), default=np.inf))
    )
    if cost >= record.budget:
        later = np.arange(len(at))[-1:]
    if not len(later):
        return None
    rows = (record.predicted_mean, record.predicted_sd, record.predicted_truth)
    return np.array([row[later[0], WHERE[where]] for row in rows], dtype=float) / record.sd


def _row(
    results: Results, tasks: Sequence[str], agent: str, where: str, cost: float
) -> Calibration | None:
    """One row; None where no episode has a forecast there."""
    groups = [[forecast(r, cost, where) for r in results.played.get((t, agent), [])] for t in tasks]
    kept = [[f for f in group if f is not None] for group in groups]
    kept = [group for group in kept if group]
    if not kept:
        return None
    mean, sd, truth = np.array([f for group in kept for f in group]).transpose(1, 0, 2)
    found = coverage(mean, sd, truth, min(map(len, kept)))
    return Calibration(agent, cost, where, found, len(kept))
