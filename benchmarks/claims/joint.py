"""C1, C2, C8: joint likelihood on a one-dimensional process, beside the exact one."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles.process import Process
from agents.sequence import generate, masks, weights
from agents.sequence.config import Config
from agents.sequence.model import Params
from benchmarks.claims import likelihood
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import process
from benchmarks.claims.shop import Shop
from benchmarks.speed.clock import Work, rates

CONTEXT, TARGETS, HORIZON = 5, 15, 20
HORIZONS = (1, 5, 10, 20)
GAP, NEAR = 0.2225, 0.03  # nats a point: of single-step to the exact joint; what counts as near
_CONTEXTS, _ANCHORS, _DRAWS = (16, 32, 64), 24, (1, 32)


def level(shop: Shop) -> Measured:
    """C1: 5 points of context, 15 targets; nats a point."""
    x, z = tasks(shop)
    model, known = shop.model(process(shop.effort)), Process()
    exact, loss = known.joint(x, z, CONTEXT), likelihood.joint(model, masks.CAUSAL, x, z, CONTEXT)
    single = likelihood.alone(model, masks.CAUSAL, x, z, CONTEXT)
    bound = known.alone(x, z, CONTEXT)
    oracle, multi, one, best = (float(v[:, :TARGETS].mean()) for v in (exact, loss, single, bound))
    return Measured(
        (
            Row("multi-step above the exact joint", multi - oracle, Bound(-NEAR, NEAR), long=True),
            Row(
                "single-step above multi-step",
                one - multi,
                Bound(0.85 * GAP, 1.15 * GAP),
                long=True,
            ),
            Row("the exact joint", oracle),
            Row("exact: single-step above it", best - oracle),
        ),
        f"nats a target, {len(x)} tasks",
    )


def drift(shop: Shop) -> Measured:
    """C2: both above the exact joint, averaged over the first 1, 5, 10 and 20 targets."""
    x, z = tasks(shop)
    model, exact = shop.model(process(shop.effort)), Process().joint(x, z, CONTEXT)
    losses = {
        "multi": likelihood.joint(model, masks.CAUSAL, x, z, CONTEXT) - exact,
        "single": likelihood.alone(model, masks.CAUSAL, x, z, CONTEXT) - exact,
        "exact single": Process().alone(x, z, CONTEXT) - exact,
    }
    curves = {
        k: (v.mean(0).cumsum() / np.arange(1, HORIZON + 1)).tolist() for k, v in losses.items()
    }
    slope = np.polyfit(HORIZONS, [curves["single"][h - 1] for h in HORIZONS], 1)[0]
    worst = max(abs(curves["multi"][h - 1]) for h in HORIZONS)
    rows = (
        Row("slope of single-step, nats a point a target", float(slope), Bound(low=0, strict=True)),
        Row("multi-step: farthest from the exact joint", worst, Bound(high=NEAR), long=True),
    )
    return Measured(rows, "at horizons 1, 5, 10, 20", {"horizon": curves})


def masks_beside(shop: Shop) -> Measured:
    """C8: causal and custom after the same steps on the same tasks; processor time of a draw."""
    x, z = tasks(shop)
    x, z = x[:, : CONTEXT + TARGETS], z[:, : CONTEXT + TARGETS]
    losses = {
        name: likelihood.joint(_model(shop, mask, smallest), mask, x, z, CONTEXT).mean()
        for name, mask, smallest in (
            ("causal", masks.CAUSAL, 0), ("custom", masks.CUSTOM, 0), ("paper's", masks.CUSTOM, 2),
        )
    }  # fmt: skip
    contexts = _CONTEXTS[:1] if shop.effort.quick else _CONTEXTS  # the least ratio is the first's
    cheaper = {d: [generation(points, d) for points in contexts] for d in _DRAWS}
    above = {k: float(losses["causal"] - losses[k]) for k in ("custom", "paper's")}
    return Measured(
        (
            Row(
                "causal above custom, joint nats a point",
                above["custom"],
                Bound(high=0.01),
                long=True,
            ),
            Row("causal above custom trained as the paper does", above["paper's"]),
            *(
                Row(f"custom's cost over causal's, {_draws(d)}, least", min(ratios), Bound(low=3.0))
                for d, ratios in cheaper.items()
            ),
        ),
        f"24 outcomes after {', '.join(map(str, contexts))} points: "
        + "; ".join(f"{_draws(d)} {', '.join(f'{r:.1f}' for r in v)}" for d, v in cheaper.items()),
    )


def _draws(count: int) -> str:
    return "one draw" if count == 1 else f"{count} draws"


def generation(points: int, draws: int) -> float:
    """Cost of imagining 24 outcomes under the custom mask over that under the causal one.

    The agent's own network after `points` of context; processor time, warm, no read-out.
    """
    shipped = weights.default()
    keys = jax.random.split(jax.random.key(points), draws)
    x = jax.random.normal(keys[0], (points + _ANCHORS, shipped.config.inputs), jnp.float32)
    context = generate.Context(x[:points], jnp.sin(x[:points, 0]), jnp.ones(points, bool))
    given = (shipped.params, shipped.config, context, x[points:], keys)
    every = (masks.CAUSAL, masks.CUSTOM)
    speed = rates({mask: Work(partial(_drawn, given, mask), calls=3) for mask in every})
    return speed[masks.CAUSAL] / speed[masks.CUSTOM]


def _drawn(given: tuple, mask: str) -> None:
    jax.block_until_ready(_imagined(*given, mask))


@partial(jax.jit, static_argnames=("config", "mask"))
def _imagined(
    params: Params, config: Config, context: generate.Context, anchors: Array, keys: Array,
    mask: str,
) -> Array:  # fmt: skip
    def one(key: Array) -> Array:
        return generate.generate(params, config, context, anchors, key, mask).z

    return jax.vmap(one)(keys)


def tasks(shop: Shop) -> tuple[np.ndarray, np.ndarray]:
    """Test points x [tasks, 25, 1] and outcomes [tasks, 25] of the process."""
    rng = np.random.default_rng([0x7E57, shop.seed])
    x = rng.uniform(-2, 2, (shop.effort.tasks, CONTEXT + HORIZON, 1))
    return x, Process().sample(x, rng)


def _model(shop: Shop, mask: str, smallest: int) -> tuple[Params, Config]:
    return shop.model(process(shop.effort, mask, smallest))
