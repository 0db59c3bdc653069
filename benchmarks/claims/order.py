"""C7: a mask under which the order of the context changes nothing, and which is not exchangeable.

A sequence model is exchangeable where log p(z_1, ..., z_n) is the same in every order. The custom
mask makes each prediction blind to the order of its context; their product still depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.oracles.process import Process
from agents.sequence import masks
from benchmarks.claims import likelihood
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import process
from benchmarks.claims.shop import Shop

CONTEXT, TARGETS, ORDERS, TASKS = 5, 15, 12, 24


def spread(shop: Shop) -> Measured:
    """C7: sd over orders of the joint log-probability of 15 targets, mean over tasks."""
    found = {mask: _spread(shop, mask) for mask in (masks.CUSTOM, masks.CAUSAL)}
    custom, causal = found[masks.CUSTOM], found[masks.CAUSAL]
    one, other = worked((0.0, 1.0)), worked((1.0, 0.0))
    rows = (
        Row("custom: sd of log p over orders, nats", custom, Bound(low=0, strict=True)),
        Row("the same over causal's", custom / causal, Bound(0.5, 2.0), long=True),
        Row("causal: sd of log p over orders, nats", causal),
        Row(
            "worked example: log p(0, 1) - log p(1, 0), nats",
            one - other,
            Bound(low=0, strict=True),
        ),
    )
    said = (
        f"{ORDERS} orders of {TARGETS} targets. Worked example: a custom mask whose one head "
        "attends to its context evenly and predicts N(mean of the context, 1), N(0, 1) without "
        f"any: log p(0, 1) = {one:.4f}, log p(1, 0) = {other:.4f}"
    )
    return Measured(rows, said)


def worked(z: Sequence[float]) -> float:
    """log p of outcomes in their order, for the mask of the worked example: exact.

    Each is N(mean of those before it, 1). The mean forgets their order, and the product does not.
    """
    means = [np.mean(z[:i]) if i else 0.0 for i in range(len(z))]
    return float(
        sum(-0.5 * (v - m) ** 2 - 0.5 * np.log(2 * np.pi) for v, m in zip(z, means, strict=True))
    )


def _spread(shop: Shop, mask: str) -> float:
    rng = np.random.default_rng([0xC7, shop.seed])
    x = rng.uniform(-2, 2, (TASKS, CONTEXT + TARGETS, 1))
    z = Process().sample(x, rng)
    model = shop.model(process(shop.effort, mask))
    every = [_log_p(model, mask, x, z, rng.permutation(TARGETS)) for _ in range(ORDERS)]
    return float(np.std(every, axis=0, ddof=1).mean())


def _log_p(model: tuple, mask: str, x: np.ndarray, z: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Joint log-probability [tasks] of the targets in one order, after the same context."""
    at = np.concatenate([np.arange(CONTEXT), CONTEXT + order])
    return -likelihood.joint(model, mask, x[:, at], z[:, at], CONTEXT).sum(axis=1)
