"""What is remembered, layer by layer and heads first, as attention reads it.

A scan that carries the layers apart writes one outcome in place at each step. Carried as one
array [L, M, H, e], the keys and values of every draw would be copied and transposed at each.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.lax import dynamic_update_slice_in_dim as put

from agents.sequence.attention import Group, attend
from agents.sequence.config import Config
from agents.sequence.model import Params, Tokens, embed, finish, head, qkv


class Layer(NamedTuple):
    """Keys and values of one layer: of the context [H, n, e] and of what is imagined [H, M, e]."""

    context: Tokens
    imagined: Tokens

    def groups(self, valid: Array, filled: Array) -> list[Group]:
        """What is seen: the `valid` [n] of the context and the first `filled` of the M."""
        context = Group(*self.context, valid)
        room = self.imagined.keys.shape[1]
        imagined = Group(*self.imagined, jnp.arange(room) < filled)
        return [context, imagined] if room else [context]


def unstacked(context: Tokens, imagined: Tokens) -> list[Layer]:
    """Layers of tokens [L, n, H, e] and [L, M, H, e]."""

    def heads_first(tokens: Tokens, i: int) -> Tokens:
        return Tokens(*(jnp.swapaxes(t[i], 0, 1) for t in tokens))

    every = range(len(context.keys))
    return [Layer(heads_first(context, i), heads_first(imagined, i)) for i in every]


def stacked(layers: list[Layer]) -> Tokens:
    """What is imagined, of all layers: [L, M, H, e]."""
    both = zip(*(layer.imagined for layer in layers), strict=True)
    return Tokens(*(jnp.swapaxes(jnp.stack(t), 1, 2) for t in both))


def ask(
    params: Params, config: Config, layers: list[Layer], valid: Array, filled: Array, x: Array
) -> tuple[Array, Array]:
    """Predictive mean [C] and sd [C] at points x [C, p]."""
    query = embed(params, x)
    for weights, layer in zip(params["layers"], layers, strict=True):
        q, k, v = qkv(weights, config, query)
        query = finish(weights, query, attend(q, layer.groups(valid, filled), (k, v)))
    return head(params, config, query)


def extend(
    params: Params, config: Config, layers: list[Layer], valid: Array, filled: Array, x: Array,
    z: Array,
) -> list[Layer]:  # fmt: skip
    """The layers with a point x [p] of outcome z imagined next, which sees all before it."""
    data, found = embed(params, x[None], z[None]), []
    for weights, layer in zip(params["layers"], layers, strict=True):
        q, k, v = qkv(weights, config, data)
        new = (jnp.swapaxes(t, 0, 1) for t in (k, v))
        kept = (put(t, n, filled, 1) for t, n in zip(layer.imagined, new, strict=True))
        layer = layer._replace(imagined=Tokens(*kept))
        data = finish(weights, data, attend(q, layer.groups(valid, filled + 1)))
        found.append(layer)
    return found
