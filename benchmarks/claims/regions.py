"""C5: active learning on 50 regions, decided and predicted by the sequence model.

Regions are independent, so that a region's labels are a sequence of their own. Multi-step: the sd
over 20 rollouts of the last predictive mean; single-step: the predictive sd.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles import regions
from agents.sequence import generate
from agents.sequence.config import Config
from agents.sequence.model import Params
from benchmarks.claims.arms import features, imagine
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import region
from benchmarks.claims.shop import Shop

LABELS, ROLLOUTS, IMAGINED = 19, 20, 6
_TIE = 0.02  # nats, below which two curves are called equal


def labels(shop: Shop) -> Measured:
    """C5: mean loss over regions after each label, from the fifth on; both families."""
    curves = {}
    for name, world in (("tie", regions.TIE), ("apart", regions.APART)):
        shop.say(f"C5: {name}")
        curves[name] = {k: v.mean(0).tolist() for k, v in learn(shop, world).items()}
        exact = _exact(world, shop)
        curves[name] |= {f"exact {k}": v.mean(0).tolist() for k, v in exact.items()}
    late = {k: np.array(v[regions.FIRST + 1 :]) for k, v in curves["apart"].items()}
    first = {k: np.array(v[regions.FIRST :]) for k, v in curves["tie"].items()}
    apart = float(abs(first["multi"] - first["single"]).max())
    rows = (
        Row(
            "second: least lead of multi over random",
            _least(late["random"] - late["multi"]),
            Bound(low=0, strict=True),
        ),
        Row(
            "second: least lead of random over single",
            _least(late["single"] - late["random"]),
            Bound(low=0, strict=True),
        ),
        Row("second: multi at 19 labels", float(late["multi"][-1])),
        Row("second: single at 19 labels", float(late["single"][-1])),
        Row("first: largest gap of multi and single", apart, Bound(high=_TIE)),
    )
    tie = "a tie" if apart <= _TIE else "no tie"
    return Measured(
        rows,
        f"first family: {tie}; nats a label, {shop.effort.learners} runs",
        {"learning": curves},
    )


def learn(shop: Shop, world: regions.Regions) -> dict[str, np.ndarray]:
    """Loss [runs, labels + 1] by rule, with the network's scores and the network's predictions."""
    model = shop.model(region(shop.effort))
    x = features(tuple(world.spread), tuple(world.noise))
    return {
        rule: _learn(
            model, x, rule, world, shop.effort.learners, np.random.default_rng([0xC5, shop.seed])
        )
        for rule in ("multi", "single", "random")
    }


def _learn(
    model: tuple[Params, Config], x: Array, rule: str, world: regions.Regions, runs: int,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """As the oracle's `learn`, but whoever scores and predicts is the network."""

    def loss(known: regions.Labels, theta: np.ndarray) -> np.ndarray:
        mean, sd = _predicted(*model, x, *_state(known))
        noise = world.noise**2
        return regions.expected(theta, noise, np.asarray(mean), np.asarray(sd) ** 2)

    def score(known: regions.Labels, rng: np.random.Generator) -> np.ndarray:
        if rule == "random":
            return rng.random(known.count.shape)
        key = jax.random.key(rng.integers(2**31))
        found = (
            _rollouts(*model, x, *_state(known), key)
            if rule == "multi"
            else _predicted(*model, x, *_state(known))[1]
        )
        return np.asarray(found) + 1e-9 * rng.random(known.count.shape)

    return regions.learn(score, world, LABELS, runs, rng, loss)


def _state(known: regions.Labels) -> tuple[Array, Array]:
    """Labels so far [runs, regions], one a region at most, and whether they are there."""
    return jnp.asarray(known.total, jnp.float32), jnp.asarray(known.count > 0)


def _context(x: Array, label: Array, there: Array) -> generate.Context:
    return generate.Context(x[None], label[None], there[None])


@partial(jax.jit, static_argnames=("config",))
def _predicted(
    params: Params, config: Config, x: Array, label: Array, there: Array
) -> tuple[Array, Array]:
    """Mean and sd [runs, regions] of the next label."""

    def one(x: Array, label: Array, there: Array) -> tuple[Array, Array]:
        mean, sd = generate.now(params, config, _context(x, label, there), x[None])
        return mean[0], sd[0]

    return jax.vmap(jax.vmap(one), in_axes=(None, 0, 0))(x, label, there)


@partial(jax.jit, static_argnames=("config",))
def _rollouts(
    params: Params, config: Config, x: Array, label: Array, there: Array, key: Array
) -> Array:
    """Sd [runs, regions] over rollouts of the last predictive mean."""

    def one(x: Array, label: Array, there: Array, key: Array) -> Array:
        known = generate.remember(params, config, _context(x, label, there), IMAGINED)
        last = jax.vmap(lambda k: imagine(params, config, known, x, k, IMAGINED))
        return last(jax.random.split(key, ROLLOUTS)).std(ddof=1)

    def run(given: tuple[Array, ...]) -> Array:
        label, there, key = given
        return jax.vmap(one)(x, label, there, jax.random.split(key, len(x)))

    return jax.lax.map(run, (label, there, jax.random.split(key, len(label))))


def _exact(world: regions.Regions, shop: Shop) -> dict[str, np.ndarray]:
    return {
        name: regions.learn(
            score, world, LABELS, shop.effort.learners, np.random.default_rng([0xC5, shop.seed])
        )
        for name, score in regions.SCORES.items()
    }


def _least(leads: np.ndarray) -> float:
    return float(leads.min())
