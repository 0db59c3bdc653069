"""C3, C9: how predictive means move while data is imagined, beside the exact process."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles.process import Process
from agents.sequence import generate
from agents.sequence.config import Config
from agents.sequence.model import Params
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import process
from benchmarks.claims.shop import Shop

CONTEXT, ANCHORS, READ, DRAWS = 5, 24, 16, 64
TASKS = 48


def spread(shop: Shop) -> Measured:
    """C3: the variance of means after 24 imagined outcomes, over its exact value."""
    x, z, anchors, at = _tasks(shop)
    mean, _ = imagined(*shop.model(process(shop.effort)), x, z, anchors, at, shop.seed)
    exact = np.diagonal(Process().readout(x, anchors, at), axis1=1, axis2=2)
    ours = np.asarray(mean, np.float64).var(axis=1, ddof=1)
    ratio = float(ours.sum() / exact.sum())
    rows = (Row("variance of draws over the exact", ratio, Bound(0.85, 1.15), long=True),)
    said = f"{len(x)} tasks, {DRAWS} draws; median over points {np.median(ours / exact):.2f}"
    predicted, true = exact.ravel() ** 0.5, ours.ravel() ** 0.5
    return Measured(rows, said, {"spread": {"exact": predicted.tolist(), "draws": true.tolist()}})


def martingale(shop: Shop) -> Measured:
    """C9: where means go on average, and whether variance is conserved, over 24 steps."""
    x, z, anchors, at = _tasks(shop)
    model = shop.model(process(shop.effort))
    mean, sd = (np.asarray(a, np.float64) for a in imagined(*model, x, z, anchors, at, shop.seed))
    before = [np.asarray(a, np.float64) for a in _now(*model, *_arrays(x, z, at))]
    moved = mean.mean(axis=1) - before[0]  # [tasks, points]
    each = moved.mean(axis=1)
    drift = float(abs(each.mean()) / (each.std(ddof=1) / len(each) ** 0.5))
    after = (sd**2).mean(axis=1) + mean.var(axis=1, ddof=1)
    kept = float(after.sum() / (before[1] ** 2).sum())
    far = abs(moved) > 2 * mean.std(axis=1, ddof=1) / DRAWS**0.5
    rows = (
        Row("mean drift, standard errors", drift, Bound(high=2.0), long=True),
        Row("variance after 24 steps over before", kept, Bound(0.9, 1.1), long=True),
        Row("share of points that moved by 2 standard errors (exact: .05)", float(far.mean())),
        Row("root mean square of a point's drift, over the sd of its draws",
            float((moved**2).mean() ** 0.5 / mean.std(axis=1, ddof=1).mean())),
    )  # fmt: skip
    return Measured(
        rows, f"{len(x)} tasks, {DRAWS} draws of {ANCHORS} outcomes, mean drift {each.mean():+.4f}"
    )


def imagined(
    params: Params, config: Config, x: np.ndarray, z: np.ndarray, anchors: np.ndarray,
    at: np.ndarray, seed: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Means and sds [tasks, draws, points] after outcomes at anchors, a random order a draw."""
    return _imagined(params, config, *_arrays(x, z, anchors, at), jax.random.key(seed))


@partial(jax.jit, static_argnames=("config",))
def _imagined(
    params: Params, config: Config, x: Array, z: Array, anchors: Array, at: Array, key: Array
) -> tuple[Array, Array]:
    def task(given: tuple[Array, ...]) -> tuple[Array, Array]:
        x, z, anchors, at, key = given
        one, two = jax.random.split(key)
        order = jax.vmap(lambda k: jax.random.permutation(k, anchors))(jax.random.split(one, DRAWS))
        context = generate.Context(x, z, jnp.ones(len(z), bool))
        return generate.draws(params, config, context, order, at, jax.random.split(two, DRAWS))

    return jax.lax.map(task, (x, z, anchors, at, jax.random.split(key, len(z))))


@partial(jax.jit, static_argnames=("config",))
def _now(params: Params, config: Config, x: Array, z: Array, at: Array) -> tuple[Array, Array]:
    def task(x: Array, z: Array, at: Array) -> tuple[Array, Array]:
        return generate.now(params, config, generate.Context(x, z, jnp.ones(len(z), bool)), at)

    return jax.vmap(task)(x, z, at)


def _tasks(shop: Shop) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Contexts x [t, 5, 1], z [t, 5], anchors [t, 24, 1], points [t, 16, 1]."""
    rng = np.random.default_rng([0xC3, shop.seed])
    tasks = TASKS // (3 if shop.effort.quick else 1)
    x, anchors, at = (rng.uniform(-2, 2, (tasks, n, 1)) for n in (CONTEXT, ANCHORS, READ))
    return x, Process().sample(x, rng), anchors, at


def _arrays(*arrays: np.ndarray) -> tuple[Array, ...]:
    return tuple(jnp.asarray(a, jnp.float32) for a in arrays)
