"""Negative log-likelihoods of test sequences under a trained model, joint and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.sequence import generate, masks
from agents.sequence.config import Config
from agents.sequence.model import Params, log_density, predict


def joint(
    model: tuple[Params, Config],
    mask: str,
    x: np.ndarray,
    z: np.ndarray,
    context: int,
    at: Sequence[int] | None = None,
) -> np.ndarray:
    """-log p(z_i | all before i) [b, k] at positions `at` [k], by default all after `context`.

    x [b, n, p], z [b, n]. Multi-step prediction: each target joins the context of the next.
    """
    where = jnp.arange(context, z.shape[1]) if at is None else jnp.asarray(at)
    return np.asarray(_joint(*model, mask, *_arrays(x, z), context, where))


def alone(
    model: tuple[Params, Config], mask: str, x: np.ndarray, z: np.ndarray, context: int
) -> np.ndarray:
    """-log p(z_i | context) [b, n - context], each target by itself: single-step prediction."""
    return np.asarray(_alone(*model, mask, *_arrays(x, z), context))


@partial(jax.jit, static_argnames=("config", "mask", "context"))
def _joint(
    params: Params, config: Config, mask: str, x: Array, z: Array, context: int, at: Array
) -> Array:
    """Under the custom mask every target is a pass of its own, whose context is all before it."""

    def terms(given: Array | int) -> Array:
        mean, sd = jax.vmap(partial(predict, params, config, mask=mask, context=given))(x, z)
        return -log_density(z, mean, sd)

    if mask == masks.CUSTOM:
        return jax.lax.map(lambda i: terms(i)[:, i], at).T
    return terms(context)[:, at]


@partial(jax.jit, static_argnames=("config", "mask", "context"))
def _alone(params: Params, config: Config, mask: str, x: Array, z: Array, context: int) -> Array:
    def one(x: Array, z: Array) -> Array:
        known = generate.Context(x[:context], z[:context], jnp.ones(context, bool))
        mean, sd = generate.now(params, config, known, x[context:], mask)
        return -log_density(z[context:], mean, sd)

    return jax.vmap(one)(x, z)


def _arrays(x: np.ndarray, z: np.ndarray) -> tuple[Array, Array]:
    return jnp.asarray(x, jnp.float32), jnp.asarray(z, jnp.float32)
