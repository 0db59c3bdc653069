"""Scores of one record: regret at given and at all costs, cost to a threshold, three accountings.

Costs are in target runs, regrets in sd units. A threshold that is never reached costs inf.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.record import Record

ACCOUNTINGS = {
    "search": "cost spent on the search",
    "final": "search, and one target run where the agent has not itself trained its "
    "recommendation at the target",
    "paper": "as the paper counts: a baseline by the best model it has trained so far at any "
    "fidelity, an agent under test by its incumbent trained at the target, that run added",
}
BASELINES = ("random", "hyperband", "smac")  # what speedups are against, where they were played
START = 0.1  # target runs: from there on regret counts as any-time regret
_SLACK = 1e-9


def start(budget: float) -> float:
    """Cost in target runs from which regret counts at every cost, not only at some."""
    return min(START, budget / 100)


def regret_at(record: Record, costs: Sequence[float] | np.ndarray) -> np.ndarray:
    """Regret of the recommendation in force once each of `costs` was spent, in sd units."""
    index = np.searchsorted(record.spent, np.asarray(costs) + _SLACK, side="right") - 1
    return record.regrets[index]


def any_time(record: Record) -> float:
    """Mean of the regret in force over the logarithm of cost, from 0.1 target runs to the budget.

    The exact area under the step function over its width, in sd units: every doubling of the cost
    weighs the same. From a hundredth of the budget where that is less.
    """
    first = start(record.budget)
    begin = np.clip(record.spent, first, record.budget)
    end = np.append(begin[1:], record.budget)
    return float(record.regrets @ np.log(end / begin) / np.log(record.budget / first))


def cost_to(record: Record, threshold: float, accounting: str = "search") -> float:
    """Cost to a regret at or under `threshold`. Raises ValueError for an unknown accounting.

    "search": first cost from which the regret stays there to the end. "final": the least, from
    then on, of cost spent plus a target run where the recommendation in force was not yet trained
    at the target. "paper": see `cost_to_level`. A failed cell never gets there.
    """
    if accounting == "paper":
        return cost_to_level(record, record.optimum + threshold * record.sd)
    if accounting not in ACCOUNTINGS:
        known = ", ".join(ACCOUNTINGS)
        raise ValueError(f"accounting: expected one of {known}, got {accounting!r}")
    if record.failed:
        return np.inf
    above = np.flatnonzero(record.regrets > threshold)
    first = above[-1] + 1 if len(above) else 0
    total = record.spent + (untrained(record) if accounting == "final" else 0.0)
    return _least(total[first:])


def cost_to_level(record: Record, level: float) -> float:
    """Cost to an objective at or under `level`, as the paper counts (a level once reached is kept).

    A baseline: first cost at which some model it trained, at any fidelity, has that value. Others:
    first cost at which the recommendation has it at the target, and one target run more.
    """
    if record.failed:
        return np.inf
    if record.agent in BASELINES:
        return _least(record.spent[1:][record.truth <= level])
    reached = record.optimum + record.regrets * record.sd <= level
    return _least(record.spent[reached] + 1.0)


def levels_at(record: Record, costs: Sequence[float] | np.ndarray) -> np.ndarray:
    """Best objective among models trained so far, at any fidelity; inf before the first.

    Of a failed cell, the uniform mixture's at the target.
    """
    first = record.optimum + record.regrets[0] * record.sd if record.failed else np.inf
    best = np.minimum.accumulate(np.concatenate([[first], record.truth]))
    index = np.searchsorted(record.spent, np.asarray(costs) + _SLACK, side="right") - 1
    return best[index]


def untrained(record: Record) -> np.ndarray:
    """1 where the recommendation in force [n + 1] was not yet trained at the target, else 0."""
    scale, steps = record.target
    full = np.flatnonzero((record.scale == scale) & (record.steps >= steps))
    when = np.full(len(record.recommended), np.inf)  # number of experiments after which it was
    for i in full[::-1]:
        same = np.abs(record.recommended - record.mixture[i]).max(axis=1) < 1e-5
        when[same] = i + 1
    return (np.arange(len(record.in_force)) < when[record.in_force]).astype(np.float64)


def _least(costs: np.ndarray) -> float:
    return float(costs.min()) if len(costs) else np.inf
