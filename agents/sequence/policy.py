"""The next experiment: a mixture by one of the rules, then the scale and steps to train it at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from agents.mixtures import fit
from agents.plus.queries import Query
from agents.plus.rows import Key, key
from agents.sequence import decide
from agents.sequence.belief import Imagined
from agents.sequence.fidelity import menu
from agents.sequence.settings import Settings
from agents.sequence.view import View
from mixenv.problem import Experiment, Problem

Allow = Callable[[list[Query]], list[Query]]


class Situation(NamedTuple):
    """What a decision depends on, beside what is believed."""

    problem: Problem
    settings: Settings
    candidates: np.ndarray  # [c, d] mixtures
    reached: dict[Key, Experiment]  # runs that may go on
    allow: Allow
    spent: float


def shortlist(
    view: View, mixtures: np.ndarray, settings: Settings, rng: np.random.Generator
) -> np.ndarray:
    """Candidates [c, d]: three quarters of the least predictive mean, the rest at random."""
    order = np.argsort(view.target(mixtures), kind="stable")
    best, others = order[: settings.candidates * 3 // 4], order[settings.candidates * 3 // 4 :]
    more = rng.permutation(others)[: settings.candidates - len(best)]
    return mixtures[np.concatenate([best, more])]


def choose(view: View, situation: Situation, rng: np.random.Generator) -> Experiment:
    """By the rule: multi-step draws choose the fidelity too, by variance removed for its price.

    The other rules have nothing to choose it by: as dear as a part kappa of what was spent.
    """
    settings, candidates = situation.settings, situation.candidates
    if settings.rule != "multi":
        mixture = candidates[_by_rule(view, situation, rng)]
        return _dearest(situation, queries(situation, mixture))
    imagined = view.imagine(candidates, rng)
    drawn, _ = imagined.at(view.at(candidates, situation.problem.target))
    best = decide.multi(drawn[0])
    return _worth(view, situation, imagined, drawn, best)


def queries(situation: Situation, mixture: np.ndarray) -> list[Query]:
    """The mixture [d] at each scale and steps that is allowed, at the price of what is new."""
    problem, found = situation.problem, []
    for scale, steps in menu(problem, situation.settings):
        fitted = fit(problem, mixture, scale)
        price, done = problem.price(scale, steps), situation.reached.get(key(fitted, scale))
        if done is not None and done.steps < steps:
            price -= problem.price(scale, done.steps)
        found.append(Query(Experiment(np.array(fitted), scale, steps), price))
    return situation.allow(found)


def _by_rule(view: View, situation: Situation, rng: np.random.Generator) -> int:
    settings = situation.settings
    mean, sd = view.now(view.at(situation.candidates, situation.problem.target))
    if settings.rule == "single":
        return decide.single(mean, sd, rng)
    if settings.rule == "greedy":
        return decide.greedy(mean)
    return decide.ucb(mean, sd, settings.width)


def _worth(
    view: View, situation: Situation, imagined: Imagined, drawn: np.ndarray, best: int
) -> Experiment:
    """The fidelity at which the candidate `best` tells most of itself for its price.

    Itself is how it differs from the candidates' mean: their common level decides nothing.
    """
    asked = queries(situation, situation.candidates[best])
    points = np.concatenate(
        [
            view.at(q.experiment.mixture[None], (q.experiment.scale, q.experiment.steps))
            for q in asked
        ]
    )
    mean, sd = imagined.at(points)
    value = decide.gain(drawn[:, best] - drawn.mean(1), mean, (sd**2).mean(0))
    score = value / (_prices(asked) + situation.settings.kappa * situation.spent)
    return asked[int(score.argmax())].experiment


def _dearest(situation: Situation, asked: list[Query]) -> Experiment:
    """The dearest query within a part kappa of what was spent, or the cheapest."""
    price = _prices(asked)
    within = np.flatnonzero(price <= situation.settings.kappa * situation.spent)
    chosen = within[price[within].argmax()] if len(within) else price.argmin()
    return asked[int(chosen)].experiment


def _prices(asked: list[Query]) -> np.ndarray:
    return np.array([max(q.price, 1e-9) for q in asked])
