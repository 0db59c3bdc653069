"""The initial design: extreme points, centroid and uniform mixtures at a few cheap fidelities."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from agents.corners import extreme_points
from agents.grid import fraction_steps
from agents.history import same_run, uniform
from agents.mixtures import draw, fit
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem

_ROOM = 1.5  # prices are nominal: a design may cost so much more than its share


class Group(NamedTuple):
    """Mixtures [m, d] that are run at one scale for the same steps."""

    mixtures: np.ndarray
    price: float  # of a full run at the scale, in target runs
    fraction: float  # of the target's steps


def design(problem: Problem, settings: Settings, rng: np.random.Generator) -> list[Experiment]:
    """The experiments to begin with, in order, each mixture once at a scale.

    Two groups, see `_paired` and `_halfway`. Where no scale is cheap, runs are shorter. Where only
    recorded mixtures can be had, the nearest ones.
    """
    groups = _groups(problem, settings, rng)
    most = settings.design_share * problem.budget
    thrift = min(1.0, most / sum(len(g.mixtures) * g.price * g.fraction for g in groups))
    found: list[list[Experiment]] = []
    used: tuple[float, ...] = ()
    for mixtures, price, part in groups:
        scale, steps = fidelity(problem, price * thrift, part, settings, used)
        used = (scale,)
        found.append(_runs(problem, mixtures, scale, steps))
    return _affordable(problem, found, most)


def begins_halfway(problem: Problem, settings: Settings) -> bool:
    """Whether the design is that for the largest of several losses."""
    return settings.halfway and problem.objective.worst


def _groups(problem: Problem, settings: Settings, rng: np.random.Generator) -> list[Group]:
    extremes, centre = _extremes(problem, settings, rng), uniform(problem)[None]
    if begins_halfway(problem, settings):
        return _halfway(extremes, centre, settings)
    more = draw(problem, problem.target[0], rng, settings.extra_uniform)
    return _paired(np.concatenate([centre, extremes, more]), settings)


def _paired(mixtures: np.ndarray, settings: Settings) -> list[Group]:
    """All at a cheap scale in full; the centroid and some extreme points, which are the first of
    `mixtures` [m, d], at a middle scale to half the steps: the same at several scales and steps.
    """
    again = mixtures[: 1 + settings.middle_extremes]
    return [
        Group(mixtures, settings.cheap_price, 1.0),
        Group(again, settings.middle_price, settings.middle_fraction),
    ]


def _halfway(extremes: np.ndarray, centre: np.ndarray, settings: Settings) -> list[Group]:
    """Extreme points and centroid at the cheapest scale, then the centroid and mixtures halfway to
    it in full at a large one: the largest of several losses is least where they balance, inside.
    """
    inside = (extremes[: settings.halfway_most] + centre) / 2
    return [
        Group(np.concatenate([centre, extremes]), settings.halfway_cheap, 1.0),
        Group(np.concatenate([centre, inside]), settings.halfway_price, 1.0),
    ]


def _affordable(problem: Problem, groups: list[list[Experiment]], most: float) -> list[Experiment]:
    """The groups in order; where runs cannot be short enough, the same part of each."""
    price = sum(problem.price(e.scale, e.steps) for group in groups for e in group)
    part = min(1.0, _ROOM * most / max(price, 1e-300))
    return [e for group in groups for e in group[: math.ceil(part * len(group))]]


def fidelity(
    problem: Problem,
    price: float,
    part: float,
    settings: Settings,
    besides: tuple[float, ...] = (),
) -> tuple[float, int]:
    """The scale whose full run costs nearest to `price`, and `part` of the target's steps.

    Fewer steps where that scale costs more than twice as much; not one of the scales `besides`,
    if there is another.
    """
    scales = [scale for scale in problem.scales if scale not in besides] or problem.scales
    full = np.array([problem.price(scale, problem.target[1]) for scale in scales])
    chosen = int(np.abs(np.log(np.maximum(full, 1e-300) / price)).argmin())
    part = part if full[chosen] <= 2 * price else part * price / full[chosen]
    return scales[chosen], fraction_steps(problem, max(part, settings.shortest))


def _extremes(problem: Problem, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """Extreme points [m, d] in random order, not too many; or as many uniform mixtures."""
    points = extreme_points(problem, rng)
    most = min(settings.extremes_a_domain * len(problem.domains), settings.most_extremes)
    points = points[rng.permutation(len(points))][:most]
    return points if settings.extremes else draw(problem, problem.target[0], rng, len(points))


def _runs(problem: Problem, mixtures: np.ndarray, scale: float, steps: int) -> list[Experiment]:
    """One of each mixture, those that coincide there once."""
    found: list[Experiment] = []
    for mixture in fit(problem, mixtures, scale):
        new = Experiment(np.array(mixture), scale, steps)
        if not any(same_run(new, old) for old in found):
            found.append(new)
    return found
