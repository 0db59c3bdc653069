"""PPO on the flat view of an environment, compiled: episodes, advantages and updates together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import optax

from agents.ppo import losses
from agents.ppo.losses import Batch
from benchmarks.speed.rl_settings import CLIP, DECAY, DISCOUNT, HIDDEN, Recipe
from mixenv import functional
from mixenv.functional import Game, GameState
from mixenv.task import Task

_ROUNDS = 30  # bisections of a projection


@dataclass(frozen=True)
class Learner:
    """A policy of a normal density over n coordinates, and a value; two layers each."""

    game: Game
    recipe: Recipe

    @property
    def choices(self) -> tuple[int, int]:
        """The numbers of scales and of step counts."""
        return len(self.game.rules.task.scales), len(self.game.rules.task.steps)

    @property
    def size(self) -> int:
        """Coordinates: of the mixture, the scale and the steps."""
        return self.game.rules.domains + 2

    def begin(self, key: Any) -> Any:
        """Weights, Adam's moments, and episodes."""
        states = jax.vmap(self.game.init)(jax.random.split(key, self.recipe.episodes))
        width = self.look(states).shape[-1]
        weights: dict[str, Any] = {"spread": jnp.zeros(self.size)}
        for name, out in (("actor", self.size), ("critic", 1)):
            sizes = (width, *HIDDEN, out)
            for i, (n, m) in enumerate(pairwise(sizes)):
                key, now = jax.random.split(key)
                weights[f"{name}{i}"] = jax.random.normal(now, (n, m)) / n**0.5
                weights[f"{name}_bias{i}"] = jnp.zeros(m)
        return weights, self.adam.init(weights), states

    @property
    def adam(self) -> optax.GradientTransformation:
        """As in Stable-Baselines3: gradients clipped at half."""
        return optax.chain(optax.clip_by_global_norm(0.5), optax.adam(3e-4, eps=1e-5))

    def look(self, states: GameState) -> Any:
        """The flat observations [n, width]."""
        seen = jax.vmap(self.game.observe)(states)
        return jnp.concatenate([seen[name] for name in sorted(seen)], axis=-1)

    def action(self, flat: Any) -> dict[str, Any]:
        """What coordinates [n, size] mean, as `mixenv.wrappers.FlatAction` reads them."""
        u = jnp.clip(flat, -1.0, 1.0)
        w = _projected(jax.nn.softmax(3.0 * u[:, :-2]), self.game.rules.task.max_share)
        scale, steps = (
            jnp.minimum((0.5 * (u[:, i] + 1.0) * n).astype(jnp.int32), n - 1)
            for i, n in zip((-2, -1), self.choices, strict=True)
        )
        return {"mixture": w, "scale": scale, "steps": steps}

    def train(self, state: Any, key: Any) -> tuple[Any, Any]:
        """One round: play, and learn from what was played."""
        weights, moments, states = state
        playing, learning = jax.random.split(key)

        def one(states: GameState, key: Any) -> Any:
            seen = self.look(states)
            mean, value = _apply(weights, "actor", seen), _apply(weights, "critic", seen)[:, 0]
            flat = mean + jnp.exp(weights["spread"]) * jax.random.normal(key, mean.shape)
            chance = _chance(weights, mean, flat)
            states, done = jax.vmap(self.game.step_autoreset)(states, self.action(flat))
            over = done.terminated | done.truncated
            return states, (seen, flat, chance, value, done.reward, over)

        keys = jax.random.split(playing, self.recipe.length)
        states, (seen, flat, chance, value, reward, over) = jax.lax.scan(one, states, keys)
        after = _apply(weights, "critic", self.look(states))[:, 0]
        ahead = losses.advantages(reward, value, over, after, DISCOUNT, DECAY)
        batch = Batch(seen, flat, chance, value, ahead, ahead + value)
        batch = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), batch)
        weights, moments = self._learn((weights, moments), batch, learning)
        return (weights, moments, states), reward.mean()

    def _learn(self, state: Any, batch: Batch, key: Any) -> Any:
        def part(state: Any, rows: Any) -> Any:
            few = jax.tree.map(lambda a: a[rows], batch)
            change, moments = self.adam.update(jax.grad(_loss)(state[0], few), state[1])
            return (optax.apply_updates(state[0], change), moments), None

        def epoch(state: Any, key: Any) -> Any:
            rows = jax.random.permutation(key, len(batch.chance))
            return jax.lax.scan(part, state, rows.reshape(self.recipe.batches, -1))

        return jax.lax.scan(epoch, state, jax.random.split(key, self.recipe.epochs))[0]


def trained(task: Task, recipe: Recipe, **options: Any) -> Callable[[], float]:
    """A call that plays and learns from `recipe.steps` steps more, and returns the mean reward."""
    learner = Learner(functional.make(task, **options), recipe)
    state = [jax.jit(learner.begin)(jax.random.key(0))]
    several = jax.jit(
        lambda state, key: jax.lax.scan(learner.train, state, jax.random.split(key, recipe.rounds))
    )

    def call() -> float:
        state[0], rewards = several(state[0], jax.random.key(1))
        return float(rewards[-1])

    return call


def _loss(weights: Any, batch: Batch) -> Any:
    mean, value = _apply(weights, "actor", batch.look), _apply(weights, "critic", batch.look)
    policy, _ = losses.surrogate(_chance(weights, mean, batch.action), batch, CLIP)
    return policy + 0.5 * ((value[:, 0] - batch.target) ** 2).mean()


def _apply(weights: Any, name: str, x: Any) -> Any:
    for i in range(len(HIDDEN)):
        x = jnp.tanh(x @ weights[f"{name}{i}"] + weights[f"{name}_bias{i}"])
    return x @ weights[f"{name}{len(HIDDEN)}"] + weights[f"{name}_bias{len(HIDDEN)}"]


def _chance(weights: Any, mean: Any, flat: Any) -> Any:
    z = (flat - mean) * jnp.exp(-weights["spread"])
    return (-0.5 * z**2 - weights["spread"]).sum(axis=-1)


def _projected(w: Any, cap: float) -> Any:
    """The nearest mixtures [n, d] that keep the cap."""

    def halve(_: int, ends: Any) -> Any:
        low, high = ends
        middle = 0.5 * (low + high)
        over = jnp.clip(w - middle, 0, cap).sum(axis=-1, keepdims=True) > 1
        return jnp.where(over, middle, low), jnp.where(over, high, middle)

    ends = jnp.full((len(w), 1), -1.0), jnp.ones((len(w), 1))
    low, high = jax.lax.fori_loop(0, _ROUNDS, halve, ends)
    w = jnp.clip(w - 0.5 * (low + high), 0, cap)
    return w / w.sum(axis=-1, keepdims=True)
