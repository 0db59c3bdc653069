"""Generation: a sequence imagined on, one outcome after another, and what is read from it.

A multi-step draw appends an outcome at each anchor and then reads predictive means: where data is
imagined to the end, what is left of uncertainty is noise, and means of draws differ by what is
not known yet. Under the causal mask, and TNP-A's, earlier tokens never change: their keys and
values are kept. Under the custom mask the whole context sees what is appended: all is computed
anew.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from agents.sequence import layers, masks
from agents.sequence.config import Config
from agents.sequence.model import Params, Tokens, encode


class Context(NamedTuple):
    """Points x [n, p] and outcomes z [n], of which the `valid` [n] are there; others pad."""

    x: Array
    z: Array
    valid: Array


class Memory(NamedTuple):
    """Data tokens that a query reads: of the context, shared by all draws, and imagined."""

    context: Tokens  # [L, n, H, e]
    valid: Array  # [n]
    imagined: Tokens  # [L, M, H, e]
    filled: Array  # how many of the M are there


class Draw(NamedTuple):
    """Imagined outcomes z [M], the predictive mean [M] and sd [M] that each came from, memory."""

    z: Array
    mean: Array
    sd: Array
    memory: Memory


def remember(
    params: Params, config: Config, context: Context, room: int = 0, mask: str = masks.CAUSAL
) -> Memory:
    """The context's tokens, and `room` for as many imagined ones."""
    visible = masks.make(mask, len(context.z), len(context.z)).data & context.valid
    tokens = encode(params, config, context.x, context.z, visible)
    shape = (config.layers, room, *tokens.keys.shape[2:])
    none = jnp.zeros(shape, tokens.keys.dtype)
    return Memory(tokens, context.valid, Tokens(none, none), jnp.zeros((), jnp.int32))


def read(params: Params, config: Config, memory: Memory, x: Array) -> tuple[Array, Array]:
    """Predictive mean [C] and sd [C] at points x [C, p]."""
    known = layers.unstacked(memory.context, memory.imagined)
    return layers.ask(params, config, known, memory.valid, memory.filled, x)


def append(params: Params, config: Config, memory: Memory, x: Array, z: Array) -> Memory:
    """The memory with one more imagined point x [p] of outcome z, which sees all before it."""
    known = layers.unstacked(memory.context, memory.imagined)
    more = layers.extend(params, config, known, memory.valid, memory.filled, x, z)
    return memory._replace(imagined=layers.stacked(more), filled=memory.filled + 1)


def generate(
    params: Params,
    config: Config,
    context: Context,
    anchors: Array,
    key: Array,
    mask: str = masks.CAUSAL,
) -> Draw:
    """One multi-step draw at anchors [M, p], in their order: predict, sample, append.

    Vmappable over keys (and anchors); the context's tokens are then computed once. Raises
    ValueError for an unknown mask.
    """
    noise = jax.random.normal(key, (len(anchors),), jnp.float32)
    if masks.check(mask) == masks.CUSTOM:
        return _anew(params, config, context, anchors, noise)
    memory = remember(params, config, context, len(anchors), mask)
    known, valid = layers.unstacked(memory.context, memory.imagined), memory.valid

    def step(imagined: list[Tokens], at: tuple[Array, ...]) -> tuple[list[Tokens], tuple]:
        filled, x, eps = at
        now = [layer._replace(imagined=t) for layer, t in zip(known, imagined, strict=True)]
        mean, sd = (a[0] for a in layers.ask(params, config, now, valid, filled, x[None]))
        z = mean + sd * eps
        more = layers.extend(params, config, now, valid, filled, x, z)
        return [layer.imagined for layer in more], (z, mean, sd)

    steps = (jnp.arange(len(anchors)), anchors, noise)
    imagined, (z, mean, sd) = jax.lax.scan(step, [layer.imagined for layer in known], steps)
    every = [layer._replace(imagined=t) for layer, t in zip(known, imagined, strict=True)]
    filled = memory.filled + len(anchors)
    return Draw(z, mean, sd, memory._replace(imagined=layers.stacked(every), filled=filled))


@partial(jax.jit, static_argnames=("config", "mask"))
def imagine(
    params: Params,
    config: Config,
    context: Context,
    anchors: Array,
    keys: Array,
    mask: str = masks.CAUSAL,
) -> Memory:
    """The memories of D multi-step draws: anchors [D, M, p], one order a draw; keys [D].

    What the draws share has no axis D.
    """

    def one(anchors: Array, key: Array) -> Memory:
        return generate(params, config, context, anchors, key, mask).memory

    return jax.vmap(one, out_axes=_axes(mask))(anchors, keys)


@partial(jax.jit, static_argnames=("config", "mask"))
def read_each(
    params: Params, config: Config, memories: Memory, points: Array, mask: str = masks.CAUSAL
) -> tuple[Array, Array]:
    """Predictive means [D, C] and sds [D, C] at points [C, p] at the end of each draw."""

    def one(memory: Memory) -> tuple[Array, Array]:
        return read(params, config, memory, points)

    return jax.vmap(one, in_axes=(_axes(mask),))(memories)


@partial(jax.jit, static_argnames=("config", "mask"))
def draws(
    params: Params,
    config: Config,
    context: Context,
    anchors: Array,
    points: Array,
    keys: Array,
    mask: str = masks.CAUSAL,
) -> tuple[Array, Array]:
    """D multi-step draws and what they say of points [C, p]: means [D, C] and sds [D, C]."""
    memories = imagine(params, config, context, anchors, keys, mask)
    return read_each(params, config, memories, points, mask)


@partial(jax.jit, static_argnames=("config", "mask"))
def now(
    params: Params, config: Config, context: Context, points: Array, mask: str = masks.CAUSAL
) -> tuple[Array, Array]:
    """Predictive mean [C] and sd [C] at points [C, p] from the context alone: single-step."""
    return read(params, config, remember(params, config, context, mask=mask), points)


def _axes(mask: str) -> Any:
    """Which parts of a memory differ between draws."""
    if masks.check(mask) == masks.CUSTOM:
        return Memory(Tokens(0, 0), 0, Tokens(0, 0), None)  # pyright: ignore[reportArgumentType]
    return Memory(Tokens(None, None), None, Tokens(0, 0), None)  # pyright: ignore[reportArgumentType]


def _anew(params: Params, config: Config, context: Context, anchors: Array, noise: Array) -> Draw:
    """A draw under the custom mask: the context grows, and is encoded again for each anchor."""
    n = len(context.z)
    fresh = jnp.zeros(len(anchors), context.z.dtype)
    grown = Context(
        jnp.concatenate([context.x, anchors]),
        jnp.concatenate([context.z, fresh]),
        jnp.concatenate([context.valid, jnp.zeros(len(anchors), bool)]),
    )

    def step(grown: Context, at: tuple[Array, Array]) -> tuple[Context, tuple[Array, ...]]:
        t, eps = at
        memory = remember(params, config, grown, mask=masks.CUSTOM)
        mean, sd = (a[0] for a in read(params, config, memory, anchors[t][None]))
        z = mean + sd * eps
        added = grown._replace(z=grown.z.at[n + t].set(z), valid=grown.valid.at[n + t].set(True))
        return added, (z, mean, sd)

    grown, (z, mean, sd) = jax.lax.scan(step, grown, (jnp.arange(len(anchors)), noise))
    return Draw(z, mean, sd, remember(params, config, grown, mask=masks.CUSTOM))
