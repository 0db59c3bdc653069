"""Hyper-parameters by maximum marginal likelihood: Adam, as in the paper."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from agents.gp import kernel
from agents.gp.data import Data
from agents.gp.kernel import Hyper, Squared
from agents.gp.posterior import negative_log_likelihood

RATE, ITERATIONS = 0.1, 50


class Fit(NamedTuple):
    """A fit's end: its hyper-parameters, and whether Adam stayed finite."""

    hyper: Hyper
    finite: Any


def fit(
    data: Data,
    rate: float = RATE,
    iterations: int = ITERATIONS,
    apart: Squared = kernel.euclidean,
) -> Fit:
    """Adam on the free hyper-parameters from their origin; the origin if the end is not finite.

    The fixed start and the few iterations hold the length-scales between 0.01 and 5: with few
    observations the likelihood alone would let them run away. `apart`
    is the squared distance between mixtures. Pure; `iterations` and `apart` are static.
    """
    squared = kernel.squared_distances(data.x, data.x, apart)
    observations = jnp.maximum(data.mask.sum(), 1.0)

    def loss(free: Any) -> Any:
        return negative_log_likelihood(kernel.constrain(free), data, squared) / observations

    adam = optax.adam(rate)

    def step(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], None]:
        free, inner = state
        updates, inner = adam.update(jax.grad(loss)(free), inner)
        return (free + jnp.asarray(updates), inner), None

    start = jnp.asarray(kernel.origin(data.x.shape[-1]))
    (end, _), _ = jax.lax.scan(step, (start, adam.init(start)), None, length=iterations)
    finite = jnp.isfinite(end).all()
    return Fit(kernel.constrain(jnp.where(finite, end, start)), finite)
