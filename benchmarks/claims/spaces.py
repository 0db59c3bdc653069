"""C10: the masks on processes of 1, 4, 8 and 16 dimensions, trained to 15 points, tested to 100.

Length 1 is the paper's; on [-2, 2]^d it leaves next to nothing to learn from 4 dimensions on, so
that half of the tasks, told apart by a feature, have length sqrt(d). Equal compute: a training
point costs two tokens under the causal mask (data and query) and one under the custom mask, which
may so train for twice as many steps.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles import mixtures
from agents.oracles.process import Process
from agents.sequence import generate, masks
from agents.sequence.config import Config
from agents.sequence.model import Params
from benchmarks.claims import likelihood
from benchmarks.claims.claim import Measured, Row
from benchmarks.claims.recipe import SHORT, space
from benchmarks.claims.shop import Shop

CONTEXT, FAR, ROUNDS, CANDIDATES, ANCHORS = 5, 100, 20, 32, 12
ENTRANTS = {  # mask, and how many times the steps
    "causal": (masks.CAUSAL, 1), "custom": (masks.CUSTOM, 1), "custom x2": (masks.CUSTOM, 2),
    "tnp-a": (masks.TNP_A, 1),
}  # fmt: skip
POSITIONS = tuple(range(CONTEXT, SHORT)) + tuple(range(SHORT, FAR, 5))

MEASURES = {"near": "joint to 15", "far": "joint to 100", "regret": "regret"}
_SAID = "equal steps; custom x2: equal compute; intervals in the table of masks"


def masks_by_dimension(shop: Shop) -> Measured:
    """C10: joint likelihood above the exact one and bandit regret, each against causal."""
    rows: list[Row] = []
    curves: dict[str, dict[str, list[float]]] = {}
    every: dict[str, dict[str, dict[str, list[float]]]] = {}
    for d in shop.effort.dimensions:
        shop.say(f"C10: {d} dimensions")
        found, curves[f"d{d}"] = {}, {}
        for name, (mask, longer) in ENTRANTS.items():
            model = shop.model(space(shop.effort, d, mask, longer))
            above = _above(shop, d, mask, model)
            found[name] = {"near": _near(above), "far": _far(above),
                           "regret": _regret(shop, d, mask, model)}  # fmt: skip
            curves[f"d{d}"][name] = above.mean(axis=0).tolist()
        rows += _rows(d, found)
        for name, rule in (("exact", "multi"), ("random", "random")):
            found[name] = {"regret": _exact_regret(shop, d, rule)}
        every[f"{d}"] = {k: {m: a.tolist() for m, a in v.items()} for k, v in found.items()}
    return Measured(tuple(rows), _SAID, {"masks": curves, "spaces": every})


def _rows(d: int, found: dict[str, dict[str, np.ndarray]]) -> list[Row]:
    """What the custom mask has more than the causal one; all the rest is in a table of its own."""
    return [
        Row(
            f"d = {d}: {name} less causal, {words}", float((v[what] - found["causal"][what]).mean())
        )
        for name, v in found.items()
        if name != "causal"
        for what, words in MEASURES.items()
    ]


def _near(above: np.ndarray) -> np.ndarray:
    return above[:, : SHORT - CONTEXT].mean(axis=1)


def _far(above: np.ndarray) -> np.ndarray:
    """Mean over all targets to 100 points; from 15 on, each fifth stands for five."""
    weights = np.where(np.array(POSITIONS) < SHORT, 1.0, 5.0)
    return above @ (weights / weights.sum())


def _above(shop: Shop, d: int, mask: str, model: tuple[Params, Config]) -> np.ndarray:
    """-log p less the exact one [tasks, positions], on tasks of both lengths."""
    rng = np.random.default_rng([0xC10, shop.seed, d])
    half = shop.effort.space_tasks // 2
    found = []
    for wide in (0.0, 1.0):
        known = Process(length=d**0.5 if wide else 1.0)
        x = rng.uniform(-2, 2, (half, FAR, d))
        z = known.sample(x, rng)
        flagged = _flagged(x, wide if d > 1 else 0.0)
        loss = likelihood.joint(model, mask, flagged, z, CONTEXT, POSITIONS)
        found.append(loss - known.joint(x, z, 0)[:, list(POSITIONS)])
    return np.concatenate(found)


def _flagged(x: np.ndarray, wide: float) -> np.ndarray:
    return np.concatenate([x, np.full((*x.shape[:-1], 1), wide)], axis=-1)


def _world(shop: Shop, d: int) -> tuple[np.ndarray, np.ndarray, mixtures.Belief, np.ndarray]:
    """Candidates x [runs, 32, d], values [runs, 32], the exact belief, and noise [runs, rounds]."""
    rng = np.random.default_rng([0xB10, shop.seed, d])
    runs, known = shop.effort.space_runs, Process(length=d**0.5)
    x = rng.uniform(-2, 2, (runs, CANDIDATES, d))
    prior = known.kernel(x, x)
    root = np.linalg.cholesky(prior + 1e-8 * np.eye(CANDIDATES))
    values = (root @ rng.normal(size=(runs, CANDIDATES, 1)))[..., 0]
    noise = known.noise**0.5 * rng.normal(size=(runs, ROUNDS))
    belief = mixtures.Belief(np.zeros(values.shape), prior, np.full(values.shape, known.noise))
    return x, values, belief, noise


def _exact_regret(shop: Shop, d: int, rule: str) -> np.ndarray:
    """Cumulative regret [runs] of the exact process."""
    _, values, belief, noise = _world(shop, d)
    rng, run = np.random.default_rng(shop.seed), np.arange(len(values))
    total = np.zeros(len(values))
    for t in range(ROUNDS):
        chosen = mixtures.POLICIES[rule](belief, rng).argmin(axis=1)
        belief = belief.after(chosen, values[run, chosen] + noise[:, t])
        total += values[run, chosen] - values.min(axis=1)
    return total


def _regret(shop: Shop, d: int, mask: str, model: tuple[Params, Config]) -> np.ndarray:
    """Cumulative regret [runs] of 20 rounds of multi-step decisions under a mask."""
    x, values, _, noise = _world(shop, d)
    run, points = np.arange(len(values)), _flagged(x, 1.0 if d > 1 else 0.0)
    seen_x, seen_z = np.zeros((len(x), ROUNDS, d + 1)), np.zeros((len(x), ROUNDS))
    key, total = jax.random.key(shop.seed), np.zeros(len(values))
    for t in range(ROUNDS):
        keys = jax.random.split(jax.random.fold_in(key, t), len(x))
        given = (jnp.asarray(a, jnp.float32) for a in (seen_x, seen_z, points))
        chosen = np.asarray(_decided(*model, mask, *given, jnp.asarray(t), keys))
        seen_x[:, t] = points[run, chosen]
        seen_z[:, t] = values[run, chosen] + noise[:, t]
        total += values[run, chosen] - values.min(axis=1)
    return total


@partial(jax.jit, static_argnames=("config", "mask"))
def _decided(
    params: Params, config: Config, mask: str, x: Array, z: Array, points: Array, count: Array,
    keys: Array,
) -> Array:  # fmt: skip
    """The candidate [runs] of the least mean in one multi-step draw."""

    def one(x: Array, z: Array, points: Array, key: Array) -> Array:
        first, second = jax.random.split(key)
        anchors = jax.random.permutation(first, points)[:ANCHORS]
        context = generate.Context(x, z, jnp.arange(len(z)) < count)
        mean, _ = generate.draws(params, config, context, anchors[None], points, second[None], mask)
        return mean[0].argmin()

    return jax.vmap(one)(x, z, points, keys)
