"""The initial design: extreme points, centroid and uniform mixtures at a few cheap fidelities."""

from __future__ import annotations

import math

import numpy as np

from agents.corners import extreme_points
from agents.grid import fraction_steps
from agents.history import same_run, uniform
from agents.mixtures import draw, fit
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem

_ROOM = 1.5  # prices are nominal: a design may cost so much more than its share


def design(problem: Problem, settings: Settings, rng: np.random.Generator) -> list[Experiment]:
    """The experiments to begin with, in order, each mixture once at a scale.

    All at a cheap scale in full; the centroid and some extreme points at a middle scale to half
    the steps, and, if asked, shortly at the target's: so that the first fit sees the same
    mixtures at several scales and steps. Where no scale is cheap, runs are shorter. Where only
    recorded mixtures can be had, the nearest ones.
    """
    extremes = _extremes(problem, settings, rng)
    centre = uniform(problem)[None]
    middle, short = settings.middle_extremes, settings.short_extremes
    more = draw(problem, problem.target[0], rng, settings.extra_uniform)
    groups = [
        (np.concatenate([centre, extremes, more]), settings.cheap_price, 1.0),
        (
            np.concatenate([centre, extremes[:middle]]),
            settings.middle_price,
            settings.middle_fraction,
        ),
    ]
    nominal = sum(len(mixtures) * price * part for mixtures, price, part in groups)
    nominal += settings.short_fraction * (1 + short)
    thrift = min(1.0, settings.design_share * problem.budget / nominal)
    found: list[list[Experiment]] = []
    used = ()
    for mixtures, price, part in groups:
        scale, steps = fidelity(problem, price * thrift, part, settings, used)
        used = (scale,)
        found.append(_runs(problem, mixtures, scale, steps))
    if settings.short_fraction:
        steps = fraction_steps(problem, max(settings.short_fraction * thrift, settings.shortest))
        last = np.concatenate([centre, extremes[middle : middle + short]])
        found.append(_runs(problem, last, problem.target[0], steps))
    return _affordable(problem, found, settings.design_share * problem.budget)


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
