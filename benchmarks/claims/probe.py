"""What the sequence package computes, in a few numbers: kept results hold while these stay.

A digest of its source would throw away trained weights at every change of its wording; here a tiny
network takes a few steps under each mask, and imagines a few outcomes.
"""

from __future__ import annotations

from functools import lru_cache, partial

import jax
import jax.numpy as jnp

from agents.sequence import generate, masks, train
from agents.sequence.compiling import hasty
from agents.sequence.config import Config
from benchmarks.claims import priors

_CONFIG = Config(1, layers=2, width=8, heads=2, hidden=8)
_STEPS, _POINTS = 4, 6


@lru_cache(maxsize=1)
def training() -> tuple[str, ...]:
    """The mean loss of a few steps under each mask, to five digits."""
    return tuple(f"{float(_trained(mask).losses.mean()):.5g}" for mask in masks.MASKS)


@lru_cache(maxsize=1)
def generation() -> tuple[str, ...]:
    """The mean of what is imagined and then read under each mask, to five digits."""
    params = _trained(masks.CAUSAL).params
    x, z = priors.process(jax.random.key(1), 1, _POINTS)
    context = generate.Context(x[0], z[0], jnp.ones(_POINTS, bool))
    keys = jax.random.split(jax.random.key(2), 2)
    anchors = jnp.stack([x[0, ::-1], x[0]])
    given = context, anchors, x[0], keys
    draws = [
        generate.draws.lower(params, _CONFIG, *given, mask).compile(hasty()) for mask in masks.MASKS
    ]
    return tuple(f"{float(jnp.stack(draw(params, *given)).mean()):.5g}" for draw in draws)


@lru_cache(maxsize=4)
def _trained(mask: str) -> train.Trained:
    prior = partial(priors.process, points=_POINTS)
    return train.train(prior, _CONFIG, mask, train.Plan(_STEPS, batch=2), 0)
