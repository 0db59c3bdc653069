"""The next experiment, from the model: by what it would gain, or tell, for its price."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from agents.plus import gain, posterior
from agents.plus.model import Model, View
from agents.plus.queries import Query, fresh, most_promising
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem

Allow = Callable[[list[Query]], list[Query]]


class Situation(NamedTuple):
    """What a decision depends on, beside the model."""

    problem: Problem
    settings: Settings
    candidates: np.ndarray  # [a, d] mixtures among which the optimum is
    best: np.ndarray  # [d] the recommendation
    resumable: list[Query]
    allow: Allow
    spent: float


def decide(model: Model, situation: Situation, rng: np.random.Generator) -> Experiment:
    """The experiment of the largest value / (cost + kappa x spent), by the settings' rule."""
    settings, optima = situation.settings, _optima(model, situation)
    draws = _draws(model, optima, settings.sampled, rng)
    least = draws.argmin(axis=0)
    if settings.rule == "thompson":
        return _best(model, situation, optima, optima.points.shares[least[:1]], least[:1])
    promising = _promising(settings, optima, least)
    mixtures = np.concatenate([optima.points.shares[promising], situation.best[None]])
    return _best(model, situation, optima, mixtures, least)


def _optima(model: Model, situation: Situation) -> View:
    """The candidates of the lowest mean - 2 sd of the objective at the target."""
    view = model.compare(model.geometry.at_target(situation.candidates))
    low = view.objective.mean - 2 * np.sqrt(view.objective.variance)
    kept = np.argsort(low, kind="stable")[: situation.settings.kept]
    mean, variance, weights = view.objective
    return View(
        model.geometry.at_target(situation.candidates[kept]),
        [white[:, kept] for white in view.white],
        view.mean[:, kept],
        view.variance[:, kept],
        view.objective._replace(mean=mean[kept], variance=variance[kept], weights=weights[:, kept]),
    )


def _draws(model: Model, optima: View, count: int, rng: np.random.Generator) -> np.ndarray:
    """Joint draws [a, count] of the objective at the optima; of several outputs, linearised."""
    weights = optima.objective.weights
    each = model.between(optima, optima)
    joint = np.einsum("ma,mb,mab->ab", weights, weights, each, optimize=True)
    root, _ = posterior.factor(joint, 1e-9 * max(float(np.trace(joint)) / len(joint), 1e-300))
    return optima.objective.mean[:, None] + root @ rng.normal(size=(len(joint), count))


def _promising(settings: Settings, optima: View, least: np.ndarray) -> list[int]:
    """Positions of the mixtures most often least in the draws, and of the lowest means."""
    least, times = np.unique(least, return_counts=True)
    drawn = least[np.argsort(-times, kind="stable")][: settings.by_draws]
    lowest = np.argsort(optima.objective.mean, kind="stable")[: settings.by_mean]
    return list(dict.fromkeys([*drawn.tolist(), *lowest.tolist()]))[: settings.promising]


def _best(
    model: Model, situation: Situation, optima: View, mixtures: np.ndarray, least: np.ndarray
) -> Experiment:
    """Of new runs of `mixtures` and resumptions, the one of most value for its price.

    Where nothing has any value the recommendation is trained at the target.
    """
    problem, settings = situation.problem, situation.settings
    resumable = most_promising(model, situation.resumable, settings.resumptions)
    queries = situation.allow([*fresh(problem, mixtures, settings), *resumable])
    asked = [q.experiment for q in queries]
    moves = gain.shifts(model, optima, model.compare(model.place(asked)), asked)
    rule = _rule(model, settings)
    value = _value(rule, model, settings, optima, moves, least)
    kappa = settings.contrast_kappa if rule == "contrast" else settings.kappa
    price = np.array([max(q.price, 1e-9) for q in queries])
    score = value / (price + kappa * situation.spent) ** settings.power
    if value[score.argmax()] < 1e-12:
        return _dearest(problem, queries)
    return asked[int(score.argmax())]


def _rule(model: Model, settings: Settings) -> str:
    """If left open the knowledge gradient for one metric that is no accuracy.

    It sees one run ahead: where several metrics make an objective, or noise hides it, no run alone
    changes the recommendation, and what counts is how well the optima are told apart.
    """
    if settings.rule != "auto":
        return settings.rule
    return "gradient" if model.outputs.plain else "contrast"


def _value(
    rule: str,
    model: Model,
    settings: Settings,
    optima: View,
    moves: np.ndarray,
    least: np.ndarray,
) -> np.ndarray:
    """What each query is worth [q], from moves [M, a, q] and the draws' optima, positions [k]."""
    if rule == "thompson":
        return gain.variance_removed(moves[:, least])
    if rule == "contrast":
        return gain.contrast_removed(moves[:, least])
    z = gain.nodes(model.outputs.count, settings.nodes, settings.nodes_many)
    return gain.knowledge_gradient(optima.objective.mean, moves, z)


def _dearest(problem: Problem, queries: list[Query]) -> Experiment:
    """The query nearest to the target: by scale, then steps, the first of equals."""
    scale, steps = problem.target
    near = [(q.experiment.scale != scale, abs(q.experiment.steps - steps)) for q in queries]
    return queries[near.index(min(near))].experiment
