"""Pairs of agents on the seeds that both have played: the noise of a seed is the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from benchmarks.law import THRESHOLDS
from benchmarks.record import Record
from benchmarks.results import Results
from benchmarks.scores import any_time, cost_to, regret_at
from benchmarks.standings import field
from benchmarks.statistics import LEAST_COST, Comparison, compare, holm


def comparisons(
    results: Results,
    measure: str = "regret",
    at: float | None = None,
    tasks: Sequence[str] | None = None,
) -> list[Comparison]:
    """Every pair of agents, pooled over tasks, corrected for their number.

    Pooled: of each seed's number the mean over tasks, which count the same. `at`: for "regret" a
    cost (the budget unless given), for "cost" a threshold (0.5 sd unless given).
    """
    inside = field(results)
    shown = inside.tasks if tasks is None else tuple(tasks)
    pairs = combinations(_compared(inside.agents, measure), 2)
    found = [_pooled(results, shown, pair, measure, at) for pair in pairs]
    return holm([comparison for comparison in found if comparison])


def ablated(results: Results, measure: str = "regret", at: float | None = None) -> list[Comparison]:
    """Each agent without one of its ideas, "X[label]", against X, corrected for their number.

    `measure` and `at` as in `comparisons`; or "any-time".
    """
    inside = field(results)
    pairs = [(agent, agent.partition("[")[0]) for agent in inside.agents if "[" in agent]
    known = [pair for pair in pairs if pair[1] in inside.agents]
    found = [_pooled(results, inside.tasks, pair, measure, at) for pair in known]
    return holm([comparison for comparison in found if comparison])


def by_task(
    results: Results, agent: str, against: str, measure: str = "regret", at: float | None = None
) -> list[Comparison]:
    """Two agents on each task that both have played, corrected for the number of tasks."""
    if len(_compared((agent, against), measure)) < 2:
        return []
    found = [_pooled(results, (t,), (agent, against), measure, at) for t in results.tasks]
    return holm([comparison for comparison in found if comparison])


def _pooled(
    results: Results,
    tasks: Sequence[str],
    pair: tuple[str, str],
    measure: str,
    at: float | None,
) -> Comparison | None:
    """One comparison; None where the two have no seed in common on every task."""
    sides = [[_scores(results.groups.get((t, a), []), measure, at) for t in tasks] for a in pair]
    found = [scores for side in sides for scores in side]
    seeds = sorted(set.intersection(*map(set, found))) if found else []
    if not seeds:
        return None
    one, other = (np.mean([[s[i] for i in seeds] for s in side], axis=0) for side in sides)
    label = tasks[0] if len(tasks) == 1 else f"all {len(tasks)}"
    return compare(one, other, names=pair, task=label, measure=measure)


def _scores(group: Sequence[Record], measure: str, at: float | None) -> dict[int, float]:
    """By seed: regret at a cost or any-time, or the logarithm of the cost to a threshold."""
    return {record.seed: _score(record, measure, at) for record in group}


def _score(record: Record, measure: str, at: float | None) -> float:
    """A seed that never gets there counts as the budget, whoever the agent is."""
    if measure == "any-time":
        return any_time(record)
    if measure != "cost":
        return float(regret_at(record, [record.budget if at is None else at])[0])
    cost = cost_to(record, THRESHOLDS[0] if at is None else at)
    return float(np.log(np.clip(cost, LEAST_COST, record.budget)))


def _compared(agents: Sequence[str], measure: str) -> list[str]:
    """Random search's cost is computed from the surface, not paired."""
    return [agent for agent in agents if measure != "cost" or agent != "random"]
