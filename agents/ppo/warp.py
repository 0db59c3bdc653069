"""What training adds to cheap runs, so that the policy trusts no formula of how they mislead.

The synthetic surfaces say exactly how a cheap run's ranking turns into the target's; measured ones
do not. In every second episode a random wave over mixtures, which turns with scale and steps and
vanishes at the target, is added to what the policy is told; never to what it is judged by.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from agents.ppo import belief

MOST = 0.8  # amplitude, in sds of the objective at the target
_NEAR = 0.1  # z at which most of the wave is there


class Warp(NamedTuple):
    """One wave: `height` [], its direction `turn` [d], and its phase [3]: start, by x and by y."""

    height: Any
    turn: Any
    phase: Any


def drawn(key: Any, domains: int) -> Warp:
    """A wave; every second one is flat."""
    flat, high, turn, phase = jax.random.split(key, 4)
    height = MOST * jax.random.uniform(high) * jax.random.bernoulli(flat)
    spread = jnp.array([jnp.pi, 2.0, 2.0])
    return Warp(
        height, jax.random.normal(turn, (domains,)), spread * jax.random.normal(phase, (3,))
    )


def warped(warp: Warp, mixture: Any, size: Any, length: Any) -> Any:
    """What is added [] to a run of a mixture [d] at a relative size and length, in sds."""
    x, y = belief.cheapness(size, length, jnp)
    start, by_size, by_length = warp.phase
    angle = belief.centred(mixture) @ warp.turn + start + by_size * x + by_length * y
    return warp.height * (1 - jnp.exp(-(x + y) / _NEAR)) * 2**0.5 * jnp.cos(angle)
