"""What the agent knows before it is told anything: tasks drawn inside the training step.

A task is a function of mixture, scale and steps, less its value at the centroid of the simplex at
the same scale and steps (an agent trains a control there), and noise:

    z = rho(u, v) (s_g g(w) + s_h h(w, u, v)) - the same at the centroid + offset(u, v) + noise
    offset = a0 + A_u e^(-a_u (u + 1)) + A_v e^(-a_v (v + 1)),  log rho = b_u u + b_v v

g is a Gaussian process in half of the tasks, exponential mixing laws in a quarter, per-domain data
laws in a quarter. Noise falls with u and v; in a fifth of the tasks it depends on the mixture.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from agents.sequence.families import data, fourier, gaussian, local, log_uniform, mixing
from agents.sequence.inputs import DOMAINS, features
from agents.sequence.places import places

LARGEST = 12.0  # outcomes are clipped there
KNOWN = {"length": 0.35, "sd": 1.0, "noise": 0.3}  # the family with known hyper-parameters


def sample(key: Array, batch: int, n: int = 64, domains: int = DOMAINS) -> tuple[Array, Array]:
    """Points x [batch, n, domains + 2] and outcomes z [batch, n] of as many tasks, float32."""
    return jax.vmap(lambda k: task(k, n, domains))(jax.random.split(key, batch))


def task(key: Array, n: int, domains: int = DOMAINS) -> tuple[Array, Array]:
    """Points x [n, p] and outcomes z [n] of one task."""
    one, two, three, four = jax.random.split(key, 4)
    w, u, v = places(one, n, domains)
    z = effect(two, w, u, v) + _offset(three, u, v) + noise(four, w, u, v)
    return features(w, u, v, jnp), jnp.clip(z, -LARGEST, LARGEST)


def known(key: Array, batch: int, n: int, domains: int = DOMAINS) -> tuple[Array, Array]:
    """Tasks whose posterior is exact: uniform mixtures at the target, a GP of `KNOWN` numbers."""

    def one(key: Array) -> tuple[Array, Array]:
        shares, function, noise_key = jax.random.split(key, 3)
        w = jax.random.exponential(shares, (n, domains), jnp.float32)
        w, ones = w / w.sum(-1, keepdims=True), jnp.ones(n, jnp.float32)
        lengths = jnp.full(domains, KNOWN["length"], jnp.float32)
        f = KNOWN["sd"] * fourier(function, jnp.sqrt(w), lengths)
        z = f + KNOWN["noise"] * jax.random.normal(noise_key, (n,), jnp.float32)
        return features(w, ones, ones, jnp), z

    return jax.vmap(one)(jax.random.split(key, batch))


def effect(key: Array, w: Array, u: Array, v: Array) -> Array:
    """What the mixture does [n], less what the centroid does at the same scale and steps."""
    n = len(w)
    centroid = jnp.where(w[0] > 0, 1.0, 0.0)
    centroid = jnp.broadcast_to(centroid / centroid.sum(), w.shape)
    both, uu, vv = jnp.concatenate([w, centroid]), jnp.tile(u, 2), jnp.tile(v, 2)
    keys = jax.random.split(key, 8)
    kind = jax.random.uniform(keys[0])
    g = jnp.where(
        kind < 0.5,
        gaussian(keys[1], both, vv),
        jnp.where(kind < 0.75, mixing(keys[2], both, vv), data(keys[3], both, vv)),
    )
    s_g = jax.random.uniform(keys[4], (), jnp.float32, 0.4, 1.2)
    s_h = s_g * jax.random.uniform(keys[5], (), jnp.float32, 0.05, 0.8)
    f = _loading(keys[6], uu, vv) * (s_g * g + s_h * local(keys[7], both, uu, vv))
    return f[:n] - f[n:]


def noise(key: Array, w: Array, u: Array, v: Array) -> Array:
    """Noise [n]: tau log-uniform (.03, 1.5) at the target, more at less compute.

    In a fifth of the tasks its logarithm crosses over along a direction of sqrt(w).
    """
    keys = jax.random.split(key, 7)
    tau = log_uniform(keys[0], 0.03, 1.5)
    fall = jax.random.uniform(keys[1], (2,), jnp.float32)
    sd = tau * jnp.exp(fall[0] * (1 - u) / 2 + fall[1] * (1 - v) / 2)
    direction = jax.random.normal(keys[2], (w.shape[1],), jnp.float32)
    side = jnp.sqrt(w) @ (direction - direction.mean()) / jnp.linalg.norm(direction)
    ratio = jax.random.uniform(keys[3], (), jnp.float32, 0.3, 1.3)
    uneven = jnp.exp(ratio * (jnp.tanh(log_uniform(keys[4], 3.0, 40.0) * side) - 0.5))
    sd = sd * jnp.where(jax.random.bernoulli(keys[5], 0.2), uneven, 1.0)
    return sd * jax.random.normal(keys[6], u.shape, jnp.float32)


def _loading(key: Array, u: Array, v: Array) -> Array:
    """How large the effect is at a scale and steps, of order 1 between the cheapest and target."""
    keys = jax.random.split(key, 3)
    slopes = 0.35 * jax.random.normal(keys[0], (2,), jnp.float32)
    rising = jnp.where(jax.random.bernoulli(keys[1], 0.2), jnp.array([0.8, 0.4]), 0.0)
    return jnp.exp((slopes + rising) @ jnp.stack([u, v]) - rising.sum() / 2)


def _offset(key: Array, u: Array, v: Array) -> Array:
    keys = jax.random.split(key, 3)
    level = 0.2 * jax.random.normal(keys[0], (), jnp.float32)
    size = 0.3 * jax.random.normal(keys[1], (2,), jnp.float32)
    rate = log_uniform(keys[2], 0.3, 2.0, (2,))
    return level + size[0] * jnp.exp(-rate[0] * (u + 1)) + size[1] * jnp.exp(-rate[1] * (v + 1))
