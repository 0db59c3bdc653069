"""Attention while outcomes are imagined: heads come first, and what draws share is read at once.

The same as `model.attend` up to rounding. Keys that all draws share meet the queries of all of
them in one matrix product; with tokens first the scores are transposed before and after.
Training keeps the other one: its weights stay reproducible to the bit.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array


class Group(NamedTuple):
    """Data tokens of one layer: keys and values [H, n, e], and which of them [n] are there."""

    keys: Array
    values: Array
    there: Array


def attend(q: Array, groups: list[Group], own: tuple[Array, Array] | None = None) -> Array:
    """What m tokens read [m, width] from groups of data tokens and, if given, from themselves.

    q [m, H, e]; `own` keys and values [m, H, e]. Who sees nothing at all reads zeros.
    """
    scores = [jnp.where(g.there, jnp.einsum("mhe,hne->hmn", q, g.keys), -jnp.inf) for g in groups]
    if own is not None:
        scores.append((q * own[0]).sum(-1).T[..., None])
    top = jnp.max(jnp.stack([s.max(-1, initial=-jnp.inf) for s in scores]), axis=0)
    top = jnp.where(jnp.isfinite(top), top, 0.0)[..., None]
    weights = [jnp.exp(s - top) for s in scores]
    read = sum(
        jnp.einsum("hmn,hne->hme", w, g.values) for w, g in zip(weights, groups, strict=False)
    )
    if own is not None:
        read = read + weights[-1] * jnp.swapaxes(own[1], 0, 1)
    total = jnp.maximum(sum(w.sum(-1, keepdims=True) for w in weights), 1e-20)
    return jnp.swapaxes(read / total, 0, 1).reshape(len(q), -1)
