"""Random functions of a mixture [n, d], u and v [n]: what tasks of the prior are made of.

Each is drawn by its key, is of order 1, and has no restart: the same key is the same function at
other points. 64 random Fourier features stand in for a Gaussian process (Rahimi & Recht 2007).
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

Law = Callable[[Array, Array], Array]
FOURIER = 64
REFERENCE = 64  # mixtures over which a law is standardised


def log_uniform(key: Array, low: float, high: float, shape: tuple[int, ...] = ()) -> Array:
    """Numbers whose logarithm is uniform."""
    return jnp.exp(jax.random.uniform(key, shape, jnp.float32, jnp.log(low), jnp.log(high)))


def fourier(key: Array, x: Array, lengths: Array) -> Array:
    """A draw [n] of a GP with an RBF kernel of variance 1 and `lengths` [p], at x [n, p]."""
    one, two, three = jax.random.split(key, 3)
    waves = jax.random.normal(one, (FOURIER, x.shape[1]), jnp.float32) / lengths
    phase = jax.random.uniform(two, (FOURIER,), jnp.float32, 0, 2 * jnp.pi)
    weights = jax.random.normal(three, (FOURIER,), jnp.float32) * (2 / FOURIER) ** 0.5
    return jnp.cos(x @ waves.T + phase) @ weights


def local(key: Array, shares: Array, u: Array, v: Array) -> Array:
    """A GP draw over everything: a product kernel, lengths on sqrt(w) (.25, 1.2), u, v (.8, 4)."""
    one, two, three = jax.random.split(key, 3)
    lengths = jnp.concatenate(
        [log_uniform(one, 0.25, 1.2, (shares.shape[1],)), log_uniform(two, 0.8, 4.0, (2,))]
    )
    return fourier(three, jnp.column_stack([jnp.sqrt(shares), u, v]), lengths)


def gaussian(key: Array, shares: Array, v: Array) -> Array:
    """A GP draw over sqrt(w): RBF with lengths log-uniform (.25, 1.2), and a linear part."""
    one, two, three, four = jax.random.split(key, 4)
    root = jnp.sqrt(shares)
    lengths = log_uniform(one, 0.25, 1.2, (shares.shape[1],))
    slopes = jax.random.normal(two, (shares.shape[1],), jnp.float32)
    part = jax.random.uniform(three, (), jnp.float32)
    return fourier(four, root, lengths) + 1.5 * part * (root @ slopes)


def mixing(key: Array, shares: Array, v: Array) -> Array:
    """Exponential mixing laws sum_k c_k exp(t_k . w), or the largest of four, standardised."""
    one, two, three, four, five = jax.random.split(key, 5)
    slopes = jax.random.normal(one, (4, shares.shape[1]), jnp.float32)
    slopes = slopes * log_uniform(two, 0.7, 4.0)
    gains = jax.random.exponential(three, (4,), jnp.float32)
    largest = jax.random.bernoulli(four, 0.3)

    def law(w: Array, v: Array) -> Array:
        parts = gains * jnp.exp(w @ slopes.T - 0.5)
        return jnp.where(largest, parts.max(-1), parts.sum(-1))

    return _standard(five, law, shares, v)


def data(key: Array, shares: Array, v: Array) -> Array:
    """Per-domain data laws sum_i c_i (w_i t + e_i)^-a_i, t = e^(v - 1) the tokens, standardised."""
    one, two, three, four = jax.random.split(key, 4)
    gains = jax.random.exponential(one, (shares.shape[1],), jnp.float32)
    power = jax.random.uniform(two, (shares.shape[1],), jnp.float32, 0.1, 1.0)
    least = log_uniform(three, 0.01, 0.3, (shares.shape[1],))

    def law(w: Array, v: Array) -> Array:
        return ((w * jnp.exp(v - 1)[:, None] + least) ** -power) @ gains

    return _standard(four, law, shares, v)


def _standard(key: Array, law: Law, shares: Array, v: Array) -> Array:
    """The law less its mean, over its sd, both over uniform mixtures at v = 1."""
    domains = shares.shape[1]
    reference = jax.random.dirichlet(key, jnp.ones(domains, jnp.float32), (REFERENCE,))
    known = law(reference, jnp.ones(REFERENCE, jnp.float32))
    return (law(shares, v) - known.mean()) / (known.std() + 1e-6)
