"""The largest log EI over shares and places: screen many, climb few, sweep the places, again."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from agents.gp.acquisition import log_improvement
from agents.gp.engine.posterior import Posterior, moments

KEPT = 24  # points that climb
SWEPT = 4  # of them, those tried at every place
ROUNDS, ITERATIONS = 2, 12
RATE, SLOWER = 0.1, 0.2  # of Adam, and by how much less in the next round


class Grid(NamedTuple):
    """The places at which a mixture may be tried."""

    places: Any  # [f, k] features
    penalty: Any  # [f] nats taken off the log EI, such as the log of the price


class Found(NamedTuple):
    """Points, best first."""

    shares: Any  # [m, d]
    place: Any  # [m] row of the grid
    score: Any  # [m] log EI less the penalty


def search(posterior: Posterior, grid: Grid, shares: Any, place: Any, max_share: Any) -> Found:
    """The best points found from starts: `shares` [c, d], each at row `place` [c] of the grid.

    EI is over the least posterior mean at an observation, in standardised units. Climbs are
    projected Adam over the shares; after each, the best are tried at all places.
    """
    best = incumbent(posterior)

    def score(shares: Any, place: Any) -> Any:
        x = jnp.concatenate([shares, grid.places[place]], axis=-1)
        return log_improvement(*moments(posterior, x), best) - grid.penalty[place]

    def sweep(few: Found) -> Found:
        places = len(grid.penalty)
        shares = jnp.repeat(few.shares[:SWEPT], places, axis=0)
        place = jnp.tile(jnp.arange(places), SWEPT)
        return Found(shares, place, score(shares, place))

    def refine(now: Found, rate: Any) -> tuple[Found, None]:
        moved = climb(lambda w: score(w, now.place), now.shares, rate, max_share)
        both = _best(_join(now, Found(moved, now.place, score(moved, now.place))))
        return _best(_join(both, sweep(both))), None

    start = _best(Found(shares, place, score(shares, place)))
    return jax.lax.scan(refine, start, RATE * SLOWER ** jnp.arange(ROUNDS))[0]


def climb(score: Any, shares: Any, rate: Any, max_share: Any) -> Any:
    """Shares [m, d] after some iterations of projected Adam up `score` [m], each on its own."""
    ascend = jax.grad(lambda w: -score(w).sum())
    adam = optax.scale_by_adam()

    def step(state: tuple[Any, Any], left: Any) -> tuple[tuple[Any, Any], None]:
        shares, inner = state
        slope = ascend(shares)
        slope -= slope.mean(axis=-1, keepdims=True)  # along the simplex
        update, inner = adam.update(slope, inner)
        return (project(shares - rate * left * update, max_share), inner), None

    falling = jnp.linspace(1.0, 0.1, ITERATIONS)
    return jax.lax.scan(step, (shares, adam.init(shares)), falling)[0][0]


def project(points: Any, max_share: Any) -> Any:
    """Euclidean projection of points [m, d] on the capped simplex, in closed form.

    The sum of clip(p - t, 0, cap) is piecewise linear in the shift t, with kinks at p and p - cap:
    t lies on the line between the two kinks next to a sum of 1. No loop and no sort, which on few
    shares cost more than all d^2 sums.
    """
    kinks = jnp.concatenate([points, points - max_share], axis=-1)
    sums = jnp.clip(points[:, None, :] - kinks[:, :, None], 0, max_share).sum(axis=-1)
    over = sums >= 1
    low = jnp.where(over, kinks, -jnp.inf).max(axis=-1)
    high = jnp.where(over, jnp.inf, kinks).min(axis=-1)
    above = jnp.where(over, sums, jnp.inf).min(axis=-1)
    below = jnp.where(over, -jnp.inf, sums).max(axis=-1)
    shift = low + (above - 1) / (above - below) * (high - low)
    return jnp.clip(points - shift[:, None], 0, max_share)


def incumbent(posterior: Posterior) -> Any:
    """The least posterior mean at an observation []: y - noise K^-1 r there."""
    data = posterior.data
    means = data.y - posterior.hyper.noise * posterior.weights
    return jnp.min(jnp.where(data.mask > 0, means, jnp.inf))


def _best(found: Found) -> Found:
    order = jax.lax.top_k(jnp.where(jnp.isnan(found.score), -jnp.inf, found.score), KEPT)[1]
    return Found(*(part[order] for part in found))


def _join(a: Found, b: Found) -> Found:
    return Found(*(jnp.concatenate(pair) for pair in zip(a, b, strict=True)))
