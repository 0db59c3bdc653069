"""What the simulator is asked while the surrogate trains, and how much each answer counts."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from mixenv.surfaces.network import MILLION, NetworkSurface

Ask = Callable[[jax.Array], jax.Array]  # inputs [n, 7] -> metrics [n, 11]

SCALES = (20.0, 60.0, 150.0, 300.0, 500.0, 700.0, 1000.0)  # millions of parameters
LAST_STEP, EVERY = 19_500, 100
CAP = 0.5
KNOTS = 39  # steps at which the spread over mixtures is measured, every 500
AIM = 0.1  # share of every batch at the target: the largest scale, the last step
TRAIN, ARXIV, HELLASWAG, ARC_EASY = 0, 6, 8, 10


def asker(surface: NetworkSurface) -> Ask:
    """A surface as a function of (five shares, size in millions, step), traceable by JAX."""

    def ask(x: jax.Array) -> jax.Array:
        return surface.metrics(x[:, :5], x[:, 5] * MILLION, x[:, 6], jnp)

    return ask


def mixtures(key: jax.Array, n: int) -> jax.Array:
    """Mixtures [n, 5]: uniform, sparser, on faces and edges, and some with shares at the cap."""
    k = jax.random.split(key, 5)
    e = jax.random.exponential(k[0], (n, 5)) + 1e-9
    e = jnp.where(jax.random.bernoulli(k[1], 0.3, (n, 1)), e * e, e)
    drop = jax.random.bernoulli(k[2], 0.5, (n, 5)) & jax.random.bernoulli(k[3], 0.25, (n, 1))
    e = jnp.where(drop & (e < e.max(1, keepdims=True)), 0.0, e)
    p = e / e.sum(1, keepdims=True)
    over = (p > CAP) & (p < 1.0) & jax.random.bernoulli(k[4], 0.4, (n, 1))
    rest = jnp.where(over.any(1, keepdims=True), CAP / (1.0 - p.max(1, keepdims=True)), 1.0)
    return jnp.where(over, CAP, p * jnp.where(jnp.isfinite(rest), rest, 1.0))


def batch(key: jax.Array, n: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Inputs [n, 7], the index [n] of each one's scale and of its nearest knot of steps."""
    k = jax.random.split(key, 4)
    aim = jax.random.bernoulli(k[0], AIM, (n,))
    drawn = jax.random.randint(k[1], (n,), 0, len(SCALES) + 1)  # the largest scale twice as often
    scale = jnp.where(aim, len(SCALES) - 1, jnp.minimum(drawn, len(SCALES) - 1))
    step = EVERY * jax.random.randint(k[2], (n,), 1, LAST_STEP // EVERY + 1)
    step = jnp.where(aim, LAST_STEP, step)
    knot = jnp.clip((step + 250) // 500, 1, KNOTS) - 1
    size = jnp.asarray(SCALES)[scale]
    return jnp.column_stack([mixtures(k[3], n), size, step.astype(jnp.float32)]), scale, knot


def scaling(ask: Ask, key: jax.Array) -> dict[str, jax.Array]:
    """Means and deviations of inputs and answers over one large batch."""
    x = batch(key, 65_536)[0]
    y = ask(x)
    return {"x_mean": x.mean(0), "x_std": x.std(0), "y_mean": y.mean(0), "y_std": y.std(0)}


def weights(ask: Ask, key: jax.Array, unit: jax.Array) -> jax.Array:
    """Loss weights [scale, knot, metric]: one over a metric's variance over uniform mixtures.

    So small differences between mixtures count as much at 1B as large ones do at 20M. What would
    come out worst is weighed up: ArXiv, accuracies at the small scales, and the target.
    """
    e = jax.random.exponential(key, (1024, 5))
    p = e / e.sum(1, keepdims=True)

    def at(scale: jax.Array, step: jax.Array) -> jax.Array:
        x = jnp.column_stack([p, jnp.full(len(p), scale), jnp.full(len(p), step)])
        return 1.0 / ((ask(x) / unit).var(0) + 1e-3)

    steps = 500.0 * jnp.arange(1, KNOTS + 1)
    table = jax.vmap(lambda s: jax.vmap(lambda t: at(s, t))(steps))(jnp.asarray(SCALES))
    return _emphasis(table) / _emphasis(table).mean()


def _emphasis(table: jax.Array) -> jax.Array:
    more = np.ones(table.shape, np.float32)
    more[:, :, ARXIV] = 1.5
    more[:3, :, HELLASWAG], more[:3, :, ARC_EASY] = 6.0, 2.0
    more[:, 0] *= 0.3
    more[-1, -1] *= 8.0
    return table * more
