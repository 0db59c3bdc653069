"""Hyper-parameters by maximum marginal likelihood: Adam, as in the paper."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from agents.gp import kernel
from agents.gp.data import Data
from agents.gp.kernel import Hyper
from agents.gp.posterior import negative_log_likelihood

RATE, ITERATIONS = 0.1, 50


class Fit(NamedTuple):
    """A fit's end: hyper-parameters, their likelihood in nats, and whether it is finite."""

    hyper: Hyper
    log_likelihood: Any
    finite: Any


def fit(start: Hyper, data: Data, rate: float = RATE, iterations: int = ITERATIONS) -> Fit:
    """Adam from `start`, kept inside the kernel's bounds; `start` itself if the end is not finite.

    Pure and traceable; `iterations` is static.
    """
    squared = kernel.squared_distances(data.x, data.x)
    observations = jnp.maximum(data.mask.sum(), 1.0)

    def loss(hyper: Hyper) -> Any:
        return negative_log_likelihood(hyper, data, squared) / observations

    adam = optax.adam(rate)

    def step(state: tuple[Hyper, Any], _: None) -> tuple[tuple[Hyper, Any], None]:
        hyper, moments = state
        updates, moments = adam.update(jax.grad(loss)(hyper), moments)
        return (kernel.clip(optax.apply_updates(hyper, updates)), moments), None

    start = jax.tree.map(jnp.asarray, start)
    (end, _), _ = jax.lax.scan(step, (start, adam.init(start)), None, length=iterations)
    value = loss(end)
    finite = jnp.isfinite(value)
    return Fit(
        jax.tree.map(lambda a, b: jnp.where(finite, a, b), end, start),
        -value * observations,
        finite,
    )
