"""Who stands where in a suite: leaderboard, ranks, profiles, any-time regret, arrivals.

Regrets in sd units and costs in target runs, so that tasks compare; a cost of None is the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from benchmarks import scores
from benchmarks.results import Results
from benchmarks.speedup import costs_of
from benchmarks.statistics import (
    Band,
    Interval,
    Ranks,
    arrivals,
    improvement,
    interquartile_mean,
    median,
    profile,
    ranks,
)

TAUS = np.array([0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0])  # sd units


@dataclass(frozen=True)
class Field:
    """The agents that are compared, and the tasks that all of them have played."""

    agents: tuple[str, ...]
    tasks: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """One agent over `tasks` tasks: interquartile mean of regret at each of `costs`, any-time."""

    agent: str
    costs: tuple[float, ...]
    regret: tuple[Interval, ...]
    any_time: Interval
    tasks: int
    seeds: int


def field(results: Results) -> Field:
    """The agents with cells, and their common tasks.

    While those are under half of the tasks played, the agent that has played the fewest is left
    out: an agent that has hardly begun does not take the others' tasks away.
    """
    played = {
        agent: {task for task in results.tasks if (task, agent) in results.groups}
        for agent in results.suite.agents
    }
    agents, left_out = [a for a in played if played[a]], [a for a in played if not played[a]]
    while agents:
        common = [t for t in results.tasks if all(t in played[a] for a in agents)]
        if 2 * len(common) >= len(results.tasks):
            return Field(tuple(agents), tuple(common), tuple(left_out))
        fewest = min(reversed(agents), key=lambda a: len(played[a]))
        agents.remove(fewest)
        left_out.append(fewest)
    return Field((), (), tuple(left_out))


def leaderboard(results: Results, costs: Sequence[float] | None = None) -> list[Standing]:
    """Agents by the interquartile mean of regret over tasks and seeds, best at the last cost first.

    Of agents that tie there, the one with the lower any-time regret.
    """
    shown = tuple(results.costs if costs is None else costs)
    inside = field(results)
    found = [_standing(results, agent, inside.tasks, shown) for agent in inside.agents]
    return sorted(found, key=lambda s: (round(s.regret[-1].value, 6), s.any_time.value))


def ranking(results: Results, cost: float | None = None) -> Ranks | None:
    """Ranks by the median regret on each task; None where there are no records."""
    inside = field(results)
    if not inside.agents:
        return None
    regrets = [
        [np.median(regrets_at(results, task, agent, cost)) for agent in inside.agents]
        for task in inside.tasks
    ]
    return ranks(np.array(regrets), inside.agents)


def profiles(
    results: Results, cost: float | None = None, taus: Sequence[float] | np.ndarray = TAUS
) -> dict[str, Band]:
    """By agent: share of the runs of all tasks whose regret is at or under each tau, sd units."""
    groups = _grouped(results, cost)
    return {agent: profile(values, np.asarray(taus)) for agent, values in groups.items()}


def improvements(results: Results, cost: float | None = None) -> dict[tuple[str, str], Interval]:
    """By pair (a, b): the probability that a run of a has less regret than one of b."""
    groups = _grouped(results, cost)
    return {(a, b): improvement(groups[a], groups[b]) for a, b in permutations(groups, 2)}


def any_time(results: Results) -> dict[tuple[str, str], Interval]:
    """By task and agent: the median over seeds of the any-time regret."""
    pairs = [
        (t, a) for t in results.tasks for a in results.suite.agents if (t, a) in results.groups
    ]
    return {pair: median(_any_times(results, *pair)) for pair in pairs}


def arrival_curves(
    results: Results, task: str, threshold: float, accounting: str = "search"
) -> dict[str, Band]:
    """By agent: share of seeds that have got to the threshold by a cost. Not of random search,
    whose cost to a threshold is computed from the surface."""
    agents = [a for a in results.suite.agents if a != "random"]
    found = {a: costs_of(results, task, a, threshold, accounting) for a in agents}
    return {agent: arrivals(costs) for agent, costs in found.items() if costs is not None}


def regrets_at(results: Results, task: str, agent: str, cost: float | None) -> np.ndarray:
    """Regrets [n], one a seed, at a cost."""
    group = results.groups[task, agent]
    return np.array([scores.regret_at(r, [r.budget if cost is None else cost])[0] for r in group])


def _standing(
    results: Results, agent: str, tasks: Sequence[str], costs: tuple[float, ...]
) -> Standing:
    regret = tuple(
        interquartile_mean([regrets_at(results, task, agent, cost) for task in tasks])
        for cost in costs
    )
    whole = interquartile_mean([_any_times(results, task, agent) for task in tasks])
    return Standing(agent, costs, regret, whole, len(tasks), whole.seeds)


def _any_times(results: Results, task: str, agent: str) -> np.ndarray:
    return np.array([scores.any_time(record) for record in results.groups[task, agent]])


def _grouped(results: Results, cost: float | None) -> dict[str, list[np.ndarray]]:
    inside = field(results)
    return {a: [regrets_at(results, t, a, cost) for t in inside.tasks] for a in inside.agents}
