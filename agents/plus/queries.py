"""Experiments worth considering: promising mixtures at all fidelities, and resumptions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.grid import fraction_steps
from agents.mixtures import fit
from agents.plus.model import Model
from agents.plus.rows import Key, key
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem


class Query(NamedTuple):
    """An experiment and its price in target runs, that of the difference where it goes on."""

    experiment: Experiment
    price: float


def fresh(problem: Problem, mixtures: np.ndarray, settings: Settings) -> list[Query]:
    """New runs of mixtures [q, d] at every scale and several fractions of the target's steps."""
    steps = sorted({fraction_steps(problem, part) for part in settings.fractions}, reverse=True)
    return [
        Query(Experiment(np.array(mixture), scale, t), problem.price(scale, t))
        for scale in problem.scales
        for mixture in _distinct(fit(problem, mixtures, scale))
        for t in steps
    ]


def further(problem: Problem, reached: dict[Key, Experiment], settings: Settings) -> list[Query]:
    """Runs that can go on, `reached` by key as far as they are, to fractions of the target's."""
    found = []
    steps = sorted({fraction_steps(problem, part) for part in settings.resume_fractions})
    for run in reached.values():
        paid = problem.price(run.scale, run.steps)
        for t in steps:
            if t > run.steps:
                longer = Experiment(run.mixture, run.scale, t)
                found.append(Query(longer, problem.price(run.scale, t) - paid))
    return found


def most_promising(model: Model, queries: list[Query], count: int) -> list[Query]:
    """At most `count` queries, of the lowest mean - sd of the objective at the target."""
    if len(queries) <= count:
        return queries
    mixtures = np.array([q.experiment.mixture for q in queries])
    objective = model.compare(model.geometry.at_target(mixtures)).objective
    low = objective.mean - np.sqrt(objective.variance)
    return [queries[i] for i in np.argsort(low, kind="stable")[:count]]


class Limits(NamedTuple):
    """What a decision may not ask for, if anything else is left."""

    pending: list[Experiment]
    refused: frozenset[Key]  # mixtures and scales that failed lately
    done: dict[Key, Experiment]  # the longest run of each
    left: float  # of the budget, in target runs
    due: bool = False  # whether it must be a run at the target


def allowed(problem: Problem, queries: list[Query], limits: Limits) -> list[Query]:
    """Queries that are not pending, not refused, affordable, show something new, and are due.

    A recorded run shows the same again: there, no more steps than were `done` is not new. A
    condition that would leave nothing is passed over.
    """
    keys = {id(q): key(q.experiment.mixture, q.experiment.scale) for q in queries}
    waiting = {key(e.mixture, e.scale) for e in limits.pending}
    exactly = {(key(e.mixture, e.scale), e.steps) for e in limits.pending}

    def new(query: Query) -> bool:
        known = limits.done.get(keys[id(query)])
        return known is None or query.experiment.steps > known.steps

    for keep in (
        lambda q: (keys[id(q)], q.experiment.steps) not in exactly,
        lambda q: keys[id(q)] not in waiting,
        lambda q: keys[id(q)] not in limits.refused,
        lambda q: not problem.pools or new(q),
        lambda q: q.price <= limits.left + 1e-9,
        lambda q: not limits.due or (q.experiment.scale, q.experiment.steps) == problem.target,
    ):
        queries = [q for q in queries if keep(q)] or queries
    return queries


def _distinct(rows: np.ndarray) -> np.ndarray:
    _, first = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(first)]
