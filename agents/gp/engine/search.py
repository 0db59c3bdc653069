"""The largest log EI over shares and places: screen many, climb few, sweep the places, again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from agents.gp.acquisition import log_improvement
from agents.gp.engine.posterior import Posterior, moments

Score = Callable[[Any, Any], Any]
KEPT = 16  # points that climb; more of them ended no higher
ROUNDS, ITERATIONS = 2, 11
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

    Starts off the capped simplex are projected on it.
    EI is over the least posterior mean at an observation, in standardised units. A round scores
    c points, and the best of these and of earlier ones climb. The first round's are the starts,
    the next one's are the best mixtures, each at all places; so c should be f or more.
    """
    best = incumbent(posterior)

    def score(shares: Any, place: Any) -> Any:
        x = jnp.concatenate([shares, grid.places[place]], axis=-1)
        return log_improvement(*moments(posterior, x), best) - grid.penalty[place]

    def everywhere(few: Found) -> tuple[Any, Any]:
        places = len(grid.penalty)
        which = jnp.arange(len(place)) // places % KEPT
        return few.shares[which], jnp.arange(len(place)) % places

    def go_round(state: tuple[Found, Any, Any], rate: Any) -> tuple[tuple[Found, Any, Any], None]:
        kept, shares, place = state
        both = _join(kept, Found(shares, place, score(shares, place)))
        kept = _best(climb(score, _best(both), rate, max_share))
        return (kept, *everywhere(kept)), None

    shares = project(shares, max_share)
    none = Found(shares[:KEPT], place[:KEPT], jnp.full(KEPT, -jnp.inf, shares.dtype))
    rates = RATE * SLOWER ** np.arange(ROUNDS)
    return jax.lax.scan(go_round, (none, shares, place), rates)[0][0]


def climb(score: Score, start: Found, rate: Any, max_share: Any) -> Found:
    """The best points on the way of projected Adam up the score over the shares, each alone."""
    adam = optax.scale_by_adam()

    def total(shares: Any) -> tuple[Any, Any]:
        scores = score(shares, start.place)
        return scores.sum(), scores

    def step(state: tuple[Found, Any, Any], left: Any) -> tuple[tuple[Found, Any, Any], None]:
        kept, shares, inner = state
        (_, scores), slope = jax.value_and_grad(total, has_aux=True)(shares)
        better = scores > kept.score
        kept = Found(
            jnp.where(better[:, None], shares, kept.shares),
            kept.place,
            jnp.where(better, scores, kept.score),
        )
        slope -= slope.mean(axis=-1, keepdims=True)  # along the simplex
        update, inner = adam.update(slope, inner)
        return (kept, project(shares + rate * left * update, max_share), inner), None

    falling = np.linspace(1.0, 0.1, ITERATIONS)
    state = start, start.shares, adam.init(start.shares)
    return jax.lax.scan(step, state, falling)[0][0]


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
