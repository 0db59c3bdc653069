"""C4: the two-arm bandit, decided by the sequence model.

Arms are independent, so that an arm's rewards are a sequence of their own. Multi-step: 24 rewards
are imagined, then the predictive mean is read; single-step: one predictive draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.oracles import arms
from agents.sequence import generate
from agents.sequence.config import Config
from agents.sequence.model import Params, Tokens
from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.recipe import FAMILIES, arm
from benchmarks.claims.shop import Shop

ROUNDS, IMAGINED, _CHUNK = 100, 24, 200
RULES = ("multi", "single", "greedy")


def bandit(shop: Shop) -> Measured:
    """C4: cumulative regret after 100 rounds, each rule on the same arms and rewards."""
    runs = shop.effort.runs
    curves = {}
    for rule in RULES:
        shop.say(f"C4: {rule}, {runs} runs")
        policy = Player(*shop.model(arm(shop.effort)), rule, runs)
        curves[rule] = arms.play(policy, runs, ROUNDS, _rng(shop)).mean(axis=0)
    for rule in ("thompson", *RULES):
        curves[f"exact {rule}"] = arms.play(arms.POLICIES[rule], runs, ROUNDS, _rng(shop)).mean(
            axis=0
        )
    end = {rule: float(curve[-1]) for rule, curve in curves.items()}
    rows = (
        Row("multi-step: cumulative regret", end["multi"], Bound(high=2.6), long=True),
        Row("single-step: cumulative regret", end["single"], Bound(low=4.8)),
        Row(
            "single-step: slope of rounds 50-100 over 10-50",
            straight(curves["single"]),
            Bound(low=0.7),
        ),
        Row("multi-step: the same", straight(curves["multi"])),
        Row("greedy: cumulative regret", end["greedy"]),
        Row("exact Thompson", end["exact thompson"]),
    )
    return Measured(rows, f"{runs} runs", {"bandit": {k: v.tolist() for k, v in curves.items()}})


def straight(curve: np.ndarray) -> float:
    """How far a curve [100] goes on as it went: late slope over earlier slope; 1 is a line."""
    return float((curve[99] - curve[49]) / 50 / ((curve[49] - curve[9]) / 40))


@dataclass(eq=False)
class Player:
    """A policy for `arms.play`: what was pulled is kept as the network's keys and values."""

    params: Params
    config: Config
    rule: str
    runs: int

    def __post_init__(self) -> None:
        lanes = (self.runs, len(arms.SPREAD))
        shape = (
            *lanes,
            self.config.layers,
            ROUNDS,
            self.config.heads,
            self.config.width // self.config.heads,
        )
        self._tokens = Tokens(jnp.zeros(shape), jnp.zeros(shape))
        self._count, self._x = np.zeros(lanes, int), features(arms.SPREAD, arms.NOISE)

    def __call__(self, pulls: arms.Pulls, rng: np.random.Generator) -> np.ndarray:
        """Scores [runs, arms]; larger is better."""
        self._follow(pulls)
        size = room(int(self._count.max()), self.rule)
        seen = Tokens(*(t[:, :, :, :size] for t in self._tokens))
        keys = jax.random.split(jax.random.key(rng.integers(2**31)), self.runs)
        score = _scores(
            self.params, self.config, self.rule, seen, jnp.asarray(self._count), self._x, keys
        )
        return np.asarray(score, np.float64)

    def _follow(self, pulls: arms.Pulls) -> None:
        """Take in the reward that is new, one a run at most."""
        new = pulls.count > self._count
        if new.any():
            last = np.take_along_axis(pulls.rewards, np.maximum(pulls.count - 1, 0)[..., None], 2)[
                ..., 0
            ]
            self._tokens = _taken(
                self.params, self.config, self._tokens, jnp.asarray(self._count), self._x,
                jnp.asarray(last, jnp.float32),
            )  # fmt: skip
            self._count = pulls.count.copy()


def features(spread: tuple[float, ...], noise: tuple[float, ...]) -> Array:
    """x [arms, families] of arms or regions."""
    which = [FAMILIES.index(pair) for pair in zip(spread, noise, strict=True)]
    return jax.nn.one_hot(jnp.array(which), len(FAMILIES))


def room(count: int, rule: str) -> int:
    """The padded length for so many rewards: few lengths compile, and only long work pays one."""
    sizes = (24, 56, ROUNDS) if rule == "multi" else (ROUNDS,)
    return next(size for size in sizes if size >= count)


def memory(tokens: Tokens, count: Array, imagined: int) -> generate.Memory:
    """Keys and values [L, n, H, e] of one arm, `count` of them there, as generation reads it."""
    layers, n, *rest = tokens.keys.shape
    none = jnp.zeros((layers, imagined, *rest))
    there = jnp.arange(n) < count
    return generate.Memory(tokens, there, Tokens(none, none), jnp.zeros((), jnp.int32))


def imagine(
    params: Params, config: Config, known: generate.Memory, x: Array, key: Array, length: int
) -> Array:
    """The predictive mean [] after `length` imagined rewards at x [p]."""

    def step(known: generate.Memory, eps: Array) -> tuple[generate.Memory, None]:
        mean, sd = generate.read(params, config, known, x[None])
        return generate.append(params, config, known, x, mean[0] + sd[0] * eps), None

    known, _ = jax.lax.scan(step, known, jax.random.normal(key, (length,)))
    return generate.read(params, config, known, x[None])[0][0]


@partial(jax.jit, static_argnames=("config", "rule"))
def _scores(
    params: Params, config: Config, rule: str, tokens: Tokens, count: Array, x: Array, keys: Array
) -> Array:
    def arm(keys: Array, values: Array, count: Array, x: Array, key: Array) -> Array:
        length = IMAGINED if rule == "multi" else 0
        known = memory(Tokens(keys, values), count, length)
        if rule == "multi":
            return imagine(params, config, known, x, key, length)
        mean, sd = generate.read(params, config, known, x[None])
        return mean[0] + (sd[0] * jax.random.normal(key) if rule == "single" else 0.0)

    def run(given: tuple[Array, ...]) -> Array:
        keys, values, count, key = given
        return jax.vmap(arm)(keys, values, count, x, jax.random.split(key, len(x)))

    return jax.lax.map(run, (*tokens, count, keys), batch_size=min(_CHUNK, len(keys)))


@partial(jax.jit, static_argnames=("config",), donate_argnames=("tokens",))
def _taken(
    params: Params, config: Config, tokens: Tokens, count: Array, x: Array, reward: Array
) -> Tokens:
    """The tokens with each arm's latest reward at `count`; where none is new it stays unseen."""

    def arm(keys: Array, values: Array, count: Array, x: Array, reward: Array) -> Tokens:
        new = generate.append(
            params, config, memory(Tokens(keys, values), count, 1), x, reward
        ).imagined
        return Tokens(
            keys.at[:, count].set(new.keys[:, 0]), values.at[:, count].set(new.values[:, 0])
        )

    each = jax.vmap(jax.vmap(arm), in_axes=(0, 0, 0, None, 0))
    return each(*tokens, count, jnp.broadcast_to(x, x.shape), reward)


def _rng(shop: Shop) -> np.random.Generator:
    return np.random.default_rng([0xA7, shop.seed])
