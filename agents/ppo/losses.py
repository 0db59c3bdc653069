"""Proximal policy optimisation (Schulman et al., arXiv 1707.06347): advantages and the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Batch(NamedTuple):
    """Decisions [n, ...]: what was looked at, actions, old log-probabilities and values.

    With their advantages, and the returns that values should forecast.
    """

    look: Any
    action: Any
    chance: Any
    value: Any
    advantage: Any
    target: Any


class Rates(NamedTuple):
    """How far a policy may move (`clip`), and what values and entropy weigh in the loss."""

    clip: float = 0.2
    value: float = 0.5
    entropy: float = 0.01


def advantages(
    reward: Any, value: Any, over: Any, after: Any, discount: float, decay: float
) -> Any:
    """Generalised advantage estimates [T, n] (Schulman et al., arXiv 1506.02438).

    Of rewards, values and ends [T, n]; `after` [n] the values of what followed the last.
    """

    def back(carry: Any, step: Any) -> Any:
        following, ahead = carry
        earned, forecast, ended = step
        live = 1.0 - ended
        surprise = earned + discount * live * ahead - forecast
        following = surprise + discount * decay * live * following
        return (following, forecast), following

    start = jnp.zeros_like(after), after
    steps = reward, value, over.astype(value.dtype)
    return jax.lax.scan(back, start, steps, reverse=True)[1]


def loss(
    act: Callable[[Any, Any], tuple[Any, Any]], weights: Any, batch: Batch, rates: Rates
) -> tuple[Any, dict[str, Any]]:
    """The clipped objective of a policy over discrete actions, and figures to watch."""
    logits, value = act(weights, batch.look)
    every = jax.nn.log_softmax(logits)
    chance = jnp.take_along_axis(every, batch.action[:, None], axis=-1)[:, 0]
    entropy = -(jnp.exp(every) * every).sum(axis=-1).mean()
    policy, moved = surrogate(chance, batch, rates.clip)
    error = 0.5 * ((value - batch.target) ** 2).mean()
    total = policy + rates.value * error - rates.entropy * entropy
    return total, {"entropy": entropy, "value_error": error, "moved": moved}


def surrogate(chance: Any, batch: Batch, clip: float) -> tuple[Any, Any]:
    """The clipped surrogate of log-probabilities [n], and how far the policy has moved (KL)."""
    change = chance - batch.chance
    ratio = jnp.exp(change)
    advantage = (batch.advantage - batch.advantage.mean()) / (batch.advantage.std() + 1e-8)
    kept = jnp.clip(ratio, 1 - clip, 1 + clip)
    return -jnp.minimum(ratio * advantage, kept * advantage).mean(), (ratio - 1 - change).mean()
