"""Where points of a pretraining task lie: mixtures [n, d] and fidelities u, v [n], in order.

As an agent meets them: extreme and uniform mixtures at a few cheap fidelities first, then some of
them again and others near them, more and more at the target.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from agents.sequence.families import log_uniform

Points = tuple[Array, Array, Array]
COPIES, WHOLE = 0.3, 1 / 3  # points that copy an earlier mixture; of these, the whole x
FEWER = 0.1  # tasks with three or four of the domains


def places(key: Array, n: int, domains: int) -> tuple[Array, Array, Array]:
    """Mixtures [n, d], u [n], v [n] of one task."""
    one, two, three, four = jax.random.split(key, 4)
    w = _mixtures(one, n, domains)
    u, v = _fidelities(two, n)
    earlier = (jax.random.uniform(three, (n,)) * jnp.arange(n)).astype(jnp.int32)
    draw = jax.random.uniform(four, (n,))
    copies = (draw < COPIES) & (jnp.arange(n) > 0)

    def copied(kept: Points, i: Array) -> tuple[Points, None]:
        whole = copies[i] & (draw[i] < COPIES * WHOLE)
        takes = (copies[i], whole, whole)
        w, u, v = (
            a.at[i].set(jnp.where(t, a[earlier[i]], a[i])) for a, t in zip(kept, takes, strict=True)
        )
        return (w, u, v), None

    (w, u, v), _ = jax.lax.scan(copied, (w, u, v), jnp.arange(n))
    return w, u, v


def _mixtures(key: Array, n: int, domains: int) -> Array:
    """Dirichlet mixtures, corners and edges, and neighbours of a centre; half of them capped."""
    keys = jax.random.split(key, 9)
    shape = log_uniform(keys[0], 0.3, 3.0)
    drawn = jax.random.dirichlet(keys[1], jnp.full(domains, 1.0) * shape, (n,))
    first, second = jax.nn.one_hot(jax.random.randint(keys[2], (2, n), 0, domains), domains)
    extreme = 0.5 * (first + second)
    centre = drawn[0] + log_uniform(keys[3], 0.1, 0.6) * (drawn - drawn[0])
    kind = jax.random.uniform(keys[4], (n, 1))
    w = jnp.where(kind < 0.15, extreme, jnp.where(kind < 0.35, centre, drawn))
    w = jnp.where((kind > 0.97), 1 / domains, w)
    fewer = jax.random.randint(keys[5], (), 3, max(domains, 4))
    active = (jax.random.uniform(keys[6]) > FEWER) | (jnp.arange(domains) < fewer)
    w = w * active + 1e-6 * active
    w = w / w.sum(-1, keepdims=True)
    capped = jnp.minimum(w, 0.5)
    rest = w - capped
    room = jnp.where(w > 0.5, 0.0, w)
    room = room / jnp.maximum(room.sum(-1, keepdims=True), 1e-9)
    capped = capped + rest.sum(-1, keepdims=True) * room
    w = jnp.where(jax.random.bernoulli(keys[7]), capped, w)
    return jnp.clip(w, 0.0, 1.0).astype(jnp.float32)


def _fidelities(key: Array, n: int) -> tuple[Array, Array]:
    """A few fidelities in turn, then the target (1, 1): always, or every other point."""
    keys = jax.random.split(key, 7)
    u = jax.random.uniform(keys[0], (4,), jnp.float32, -1, 1)
    v = jnp.where(
        jax.random.bernoulli(keys[1], 0.5, (4,)),
        1.0,
        jax.random.uniform(keys[2], (4,), jnp.float32, -1, 1),
    )
    likely = 3 * jax.random.normal(keys[3], (4,))
    which = jax.random.categorical(keys[4], likely, shape=(n,))
    begins = jax.random.uniform(keys[5], (), jnp.float32, -0.2, 0.9) * n
    late, always = jax.random.uniform(keys[6], (2, n))
    at_target = (jnp.arange(n) >= begins) & ((late < 0.5) | (always[0] < 0.5))
    return jnp.where(at_target, 1.0, u[which]), jnp.where(at_target, 1.0, v[which])
