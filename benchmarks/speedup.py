"""Speedups: how many times more a baseline spends than an agent to get to the same regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.results import Results
from benchmarks.scores import cost_to
from benchmarks.statistics import Costs, Interval, quotient, ratio


@dataclass(frozen=True)
class Speedup:
    """A ratio of median costs, over one task or (geometric mean) over all; `worst` of the tasks.

    `at_least`: a baseline's median was censored, the ratio is a lower bound. `never`: half of the
    agent's seeds or more did not get there on some task, and count as twice the budget.
    """

    agent: str
    baseline: str
    accounting: str
    threshold: float
    tasks: tuple[str, ...]
    interval: Interval
    worst: float
    at_least: bool
    never: bool


def costs_of(
    results: Results, task: str, agent: str, threshold: float, accounting: str
) -> Costs | None:
    """An agent's costs to a threshold on a task; random search's from its law. None: no records."""
    budget = next(float(t.options["budget"]) for t in results.suite.tasks if t.label == task)
    if agent == "random":
        if task not in results.laws:
            return None
        cost, bound = results.laws[task].cost(threshold)
        return Costs(np.array([cost]), budget, bound, computed=True)
    group = results.groups.get((task, agent))
    if not group:
        return None
    return Costs(np.array([cost_to(r, threshold, accounting) for r in group]), budget)


def speedup(
    results: Results,
    agent: str,
    baseline: str,
    accounting: str,
    threshold: float,
    tasks: Sequence[str],
) -> Speedup | None:
    """The speedup over some tasks, those on which both have costs; None where there is none."""
    pairs = {
        task: (base, test)
        for task in tasks
        if (base := costs_of(results, task, baseline, threshold, accounting))
        and (test := costs_of(results, task, agent, threshold, accounting))
    }
    if not pairs:
        return None
    bases, tests = zip(*pairs.values(), strict=True)
    return Speedup(
        agent, baseline, accounting, threshold, tuple(pairs),
        ratio(bases, tests),
        min(quotient(base, test) for base, test in pairs.values()),
        any(base.bound if base.computed else base.censored for base in bases),
        any(test.censored for test in tests),
    )  # fmt: skip
