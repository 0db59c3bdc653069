"""Who may see whom: boolean masks of one shape, so that one set of weights serves them all."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

CAUSAL, CUSTOM, TNP_A = "causal", "custom", "tnp-a"
MASKS = (CAUSAL, CUSTOM, TNP_A)


class Mask(NamedTuple):
    """True where row i sees column j, and which queries are predictions to learn from."""

    data: Array  # [n, n] data token i sees data token j
    query: Array  # [n, n] query token i sees data token j; itself it always sees
    scored: Array  # [n] queries that this mask predicts


def check(kind: str) -> str:
    """`kind` itself. Raises ValueError for an unknown mask."""
    if kind not in MASKS:
        raise ValueError(f"mask: expected one of {', '.join(MASKS)}, got {kind!r}; choose one")
    return kind


def make(kind: str, n: int, context: Array | int = 0) -> Mask:
    """The mask of `n` points of which the first `context` (may be traced) are given.

    causal: data 1..i see 1..i, query i sees data 1..i-1; `context` changes nothing.
    custom (PFN, TNP-D): everybody sees the context and nothing else.
    tnp-a: the context sees the context; later data sees it and data up to itself, a query the
    data before it. Queries of the context are not scored by the last two. Raises ValueError for
    an unknown mask.
    """
    before = jnp.tril(jnp.ones((n, n), dtype=bool), -1)
    upto = before | jnp.eye(n, dtype=bool)
    if check(kind) == CAUSAL:
        return Mask(upto, before, jnp.ones(n, dtype=bool))
    given = jnp.arange(n) < context
    seen = jnp.broadcast_to(given, (n, n))
    if kind == CUSTOM:
        return Mask(seen, seen, ~given)
    within = given[:, None] & given
    return Mask(within | (upto & ~given[:, None]), jnp.where(given[:, None], False, before), ~given)
