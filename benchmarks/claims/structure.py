"""U1 to U3: what the masks and the cache guarantee, whatever the weights are."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles.process import Process
from agents.sequence import generate, masks
from agents.sequence.config import Config
from agents.sequence.model import Params, predict
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import process
from benchmarks.claims.shop import Shop

_POINTS, _CONTEXT, _ANCHORS = 20, 10, 24


def causal(shop: Shop) -> Measured:
    """U1: move each pair in turn (of pair i itself, only the outcome); watch predictions 1..i."""
    model, (x, z) = shop.model(process(shop.effort)), _sequence(shop)
    before = _predicted(model, masks.CAUSAL, x, z)
    moved = 0.0
    for j in range(_POINTS):
        other_z, other_x = z.at[j:].add(1.0), x.at[j + 1 :].multiply(-0.5)
        after = _predicted(model, masks.CAUSAL, other_x, other_z)
        moved = max(moved, float(abs(after - before)[:, : j + 1].max()))
    return Measured((Row("largest move of an earlier prediction", moved, Bound(high=1e-5)),))


def custom(shop: Shop) -> Measured:
    """U2: permute the context under both masks; watch what is predicted after it."""
    x, z = _sequence(shop)
    found = {}
    for mask in (masks.CUSTOM, masks.CAUSAL):
        model = shop.model(process(shop.effort, mask))
        known, moves = _predicted(model, mask, x, z), []
        for i in range(8):
            order = jax.random.permutation(jax.random.key(i), _CONTEXT)
            again = _predicted(
                model, mask, x.at[:_CONTEXT].set(x[order]), z.at[:_CONTEXT].set(z[order])
            )
            moves.append(float(abs(again - known)[:, _CONTEXT:].max()))
        found[mask] = max(moves)
    return Measured((
        Row("custom: largest move", found[masks.CUSTOM], Bound(high=1e-5)),
        Row("causal: largest move", found[masks.CAUSAL], Bound(low=1e-3)),
    ))  # fmt: skip


def cached(shop: Shop) -> Measured:
    """U3: outcomes imagined with the cache, and again without any, from the same normals."""
    params, config = shop.model(process(shop.effort))
    x, z = _sequence(shop)
    context = generate.Context(x[:_CONTEXT], z[:_CONTEXT], jnp.ones(_CONTEXT, bool))
    anchors = jax.random.uniform(jax.random.key(1), (_ANCHORS, 1), jnp.float32, -2, 2)
    key = jax.random.key(2)
    draw = generate.generate(params, config, context, anchors, key)
    normal = jax.random.normal(key, (_ANCHORS,), jnp.float32)
    again = uncached(params, config, context, anchors, normal)
    return Measured(
        (Row("largest difference", float(abs(draw.z - again).max()), Bound(high=1e-4)),)
    )


def uncached(
    params: Params, config: Config, context: generate.Context, anchors: Array, normal: Array
) -> Array:
    """Outcomes [M] imagined at anchors [M, p], the whole sequence computed anew for each."""
    x = jnp.concatenate([context.x, anchors])
    z = jnp.concatenate([context.z, jnp.zeros(len(anchors), jnp.float32)])
    anew = jax.jit(partial(predict, params, config))
    for i in range(len(context.z), len(z)):
        mean, sd = anew(x, z)
        z = z.at[i].set(mean[i] + sd[i] * normal[i - len(context.z)])
    return z[len(context.z) :]


def _predicted(model: tuple[Params, Config], mask: str, x: Array, z: Array) -> Array:
    """Means and sds [2, n]; the first points are the context of masks that have one."""
    return _jitted(*model, x, z, mask)


@partial(jax.jit, static_argnames=("config", "mask"))
def _jitted(params: Params, config: Config, x: Array, z: Array, mask: str) -> Array:
    return jnp.stack(predict(params, config, x, z, mask, _CONTEXT))


def _sequence(shop: Shop) -> tuple[Array, Array]:
    rng = np.random.default_rng([0x0111, shop.seed])
    x = rng.uniform(-2, 2, (_POINTS, 1))
    return jnp.asarray(x, jnp.float32), jnp.asarray(Process().sample(x, rng), jnp.float32)
