"""The network: a two-stream pre-norm transformer without positions, and a Gaussian head.

Points come as x [n, p] and outcomes z [n], float32; out come the mean and sd of each outcome given
those that its query sees. Data token E([x, z, 0]), query token E([x, 0, 1]); one set of weights
for both streams. After Mittal et al. (arXiv 2503.01215); the head as theirs: sd = floor +
(1 - floor) softplus.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from agents.sequence import masks
from agents.sequence.config import Config
from agents.sequence.masks import Mask

Params = dict[str, Any]


class Tokens(NamedTuple):
    """What attention reads of some data tokens: keys and values [L, n, H, e] of each layer."""

    keys: Array
    values: Array


class Seen(NamedTuple):
    """Data tokens in view of m others: keys and values [n, H, e] of one layer, visible [m, n]."""

    keys: Array
    values: Array
    visible: Array


def initial(config: Config, key: Array) -> Params:
    """Random weights, float32: normal over the root of the fan-in, small where a block ends."""
    keys = iter(jax.random.split(key, 2 + 4 * config.layers))
    w, small = config.width, (2 * config.layers) ** -0.5

    def dense(rows: int, columns: int, scale: float = 1.0) -> Params:
        drawn = jax.random.normal(next(keys), (rows, columns), jnp.float32)
        return {"w": drawn * (scale * rows**-0.5), "b": jnp.zeros(columns, jnp.float32)}

    def norm() -> Params:
        return {"w": jnp.ones(w, jnp.float32), "b": jnp.zeros(w, jnp.float32)}

    def layer() -> Params:
        return {
            "qkv": dense(w, 3 * w),
            "out": dense(w, w, small),
            "up": dense(w, config.hidden),
            "down": dense(config.hidden, w, small),
            "norm1": norm(),
            "norm2": norm(),
        }

    return {
        "embed": dense(config.inputs + 2, w),
        "layers": [layer() for _ in range(config.layers)],
        "norm": norm(),
        "head": dense(w, 2, 0.1),
    }


def predict(
    params: Params,
    config: Config,
    x: Array,
    z: Array,
    mask: str | Mask = masks.CAUSAL,
    context: Array | int = 0,
) -> tuple[Array, Array]:
    """Mean [n] and sd [n] of each outcome of one sequence, from what the mask lets it see.

    x [n, p], z [n]; `mask` by name, with `context` points given, or as made. Vmappable.
    """
    made = masks.make(mask, len(z), context) if isinstance(mask, str) else mask
    data, query = embed(params, x, z), embed(params, x)
    for layer in params["layers"]:
        q, k, v = qkv(layer, config, data)
        asked = qkv(layer, config, query)
        query = finish(layer, query, attend(asked[0], [Seen(k, v, made.query)], asked[1:]))
        data = finish(layer, data, attend(q, [Seen(k, v, made.data)]))
    return head(params, config, query)


def log_density(z: Array, mean: Array, sd: Array) -> Array:
    """Log of the normal density of z, elementwise."""
    return -0.5 * ((z - mean) / sd) ** 2 - jnp.log(sd) - 0.5 * jnp.log(2 * jnp.pi)


def embed(params: Params, x: Array, z: Array | None = None) -> Array:
    """Tokens [n, width] of points x [n, p]: data where outcomes z [n] are given, else queries."""
    flag = jnp.full((*x.shape[:-1], 1), 1.0 if z is None else 0.0, x.dtype)
    value = jnp.zeros_like(flag) if z is None else z[..., None]
    return dense(params["embed"], jnp.concatenate([x, value, flag], axis=-1))


def encode(params: Params, config: Config, x: Array, z: Array, visible: Array) -> Tokens:
    """Keys and values of data tokens x [n, p], z [n], where `visible` [n, n] says who sees whom."""
    data, keys, values = embed(params, x, z), [], []
    for layer in params["layers"]:
        q, k, v = qkv(layer, config, data)
        data = finish(layer, data, attend(q, [Seen(k, v, visible)]))
        keys.append(k)
        values.append(v)
    return Tokens(jnp.stack(keys), jnp.stack(values))


def dense(weights: Params, x: Array) -> Array:
    """x W + b."""
    return x @ weights["w"] + weights["b"]


def normed(weights: Params, x: Array) -> Array:
    """Layer normalisation over the last axis."""
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weights["w"] + weights["b"]


def qkv(layer: Params, config: Config, x: Array) -> tuple[Array, Array, Array]:
    """Queries, keys and values [m, H, e] of tokens [m, width]."""
    parts = jnp.split(dense(layer["qkv"], normed(layer["norm1"], x)), 3, axis=-1)
    each = config.width // config.heads
    q, k, v = (part.reshape(*part.shape[:-1], config.heads, each) for part in parts)
    return q * each**-0.5, k, v


def attend(q: Array, groups: list[Seen], own: tuple[Array, Array] | None = None) -> Array:
    """What m tokens read [m, width] from groups of data tokens and, if given, from themselves.

    q [m, H, e]; `own` keys and values [m, H, e]. Who sees nothing at all reads zeros.
    """
    scores = [
        jnp.where(g.visible[:, None], jnp.einsum("mhe,nhe->mhn", q, g.keys), -jnp.inf)
        for g in groups
    ]
    if own is not None:
        scores.append((q * own[0]).sum(-1, keepdims=True))
    top = jnp.max(jnp.stack([s.max(-1, initial=-jnp.inf) for s in scores]), axis=0)
    top = jax.lax.stop_gradient(jnp.where(jnp.isfinite(top), top, 0.0))[..., None]
    weights = [jnp.exp(s - top) for s in scores]
    read = sum(
        jnp.einsum("mhn,nhe->mhe", w, g.values) for w, g in zip(weights, groups, strict=False)
    )
    if own is not None:
        read = read + weights[-1] * own[1]
    total = jnp.maximum(sum(w.sum(-1, keepdims=True) for w in weights), 1e-20)
    return (read / total).reshape(*q.shape[:-2], q.shape[-2] * q.shape[-1])


def finish(layer: Params, x: Array, read: Array) -> Array:
    """The rest of a block: what was read is added, then a feed-forward of it."""
    x = x + dense(layer["out"], read)
    return x + dense(layer["down"], jax.nn.gelu(dense(layer["up"], normed(layer["norm2"], x))))


def head(params: Params, config: Config, query: Array) -> tuple[Array, Array]:
    """Mean [m] and sd [m] of query tokens [m, width]."""
    out = dense(params["head"], normed(params["norm"], query))
    spread = config.floor + (1 - config.floor) * jax.nn.softplus(out[..., 1])
    return out[..., 0], spread
