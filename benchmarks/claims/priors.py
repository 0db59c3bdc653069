"""Tasks with exact answers, drawn for pretraining: (key, batch) -> x [b, n, p], z [b, n], float32.

Each has its counterpart in `agents.oracles`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

REACH, LENGTH, NOISE = 2.0, 1.0, 0.1  # x in [-2, 2]^d; length of the kernel; variance of noise


def process(key: Array, batch: int, points: int) -> tuple[Array, Array]:
    """Outcomes of a GP on [-2, 2] with an RBF kernel of length 1, noise of variance 0.1."""
    x, z = spaces(key, batch, points, 1)
    return x[..., :1], z


def spaces(key: Array, batch: int, points: int, d: int) -> tuple[Array, Array]:
    """The same on [-2, 2]^d; a last feature is 0 where the length is 1, 1 where it is sqrt(d)."""
    keys = jax.random.split(key, 3)
    x = jax.random.uniform(keys[0], (batch, points, d), jnp.float32, -REACH, REACH)
    wide = jax.random.bernoulli(keys[1], 0.5, (batch, 1)) & (d > 1)
    length = jnp.where(wide, d**0.5, 1.0)[..., None] * LENGTH
    squared = ((x[:, :, None] - x[:, None]) ** 2).sum(-1)
    covariance = jnp.exp(-0.5 * squared / length**2) + NOISE * jnp.eye(points)
    normal = jax.random.normal(keys[2], (batch, points, 1), jnp.float32)
    z = (jnp.linalg.cholesky(covariance) @ normal)[..., 0]
    flag = jnp.broadcast_to(wide, (batch, points))[..., None].astype(jnp.float32)
    return jnp.concatenate([x, flag], axis=-1), z


def means(
    key: Array, batch: int, points: int, families: tuple[tuple[float, float], ...]
) -> tuple[Array, Array]:
    """Rewards of one arm, or labels of one region: theta + noise, theta fixed in a sequence.

    x [b, n, families] says which (sd of theta, sd of noise) it is.
    """
    keys = jax.random.split(key, 3)
    which = jax.random.randint(keys[0], (batch,), 0, len(families))
    spread, noise = jnp.asarray(families, jnp.float32)[which].T
    theta = spread * jax.random.normal(keys[1], (batch,), jnp.float32)
    normal = jax.random.normal(keys[2], (batch, points), jnp.float32)
    z = theta[:, None] + noise[:, None] * normal
    x = jax.nn.one_hot(jnp.repeat(which[:, None], points, axis=1), len(families))
    return x, z
