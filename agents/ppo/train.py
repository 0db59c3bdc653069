"""Training: play a round, learn from it, again; each round is one compiled program.

A run may be stopped at any moment and goes on from its checkpoint as if it had not been.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from agents.ppo import checkpoint, losses, network
from agents.ppo.losses import Batch
from agents.ppo.rollout import Arena, Play, Seen
from agents.ppo.settings import Settings
from mixenv import randomised
from mixenv.synthetic_tasks import SyntheticTasks


class Learner(NamedTuple):
    """All that a run goes on from."""

    weights: network.Weights
    moments: Any
    plays: Play
    round: Any


class Report(NamedTuple):
    """Rounds, decisions and seconds so far; the mean return of the `episodes` that ended since the
    last report, and the figures of the loss.
    """

    round: int
    steps: int
    seconds: float
    mean_return: float
    episodes: int
    entropy: float
    value_error: float
    moved: float


@dataclass(frozen=True)
class Trainer:
    """A run of `settings` on the tasks of a distribution."""

    settings: Settings
    tasks: SyntheticTasks = field(default_factory=SyntheticTasks)

    @cached_property
    def arena(self) -> Arena:
        """The tasks to train on, drawn."""
        rng = np.random.default_rng(self.settings.seed)
        drawn = [self.tasks.draw(rng) for _ in range(self.settings.tasks)]
        options: dict[str, Any] = {"curve": None, "observation": "last"}
        game = randomised.make(drawn[0], max_experiments=self.settings.most, **options)
        return Arena(game, randomised.stack(drawn), drawn[0])

    @cached_property
    def optimiser(self) -> optax.GradientTransformation:
        """Adam with clipped gradients, its rate falling to 0."""
        s = self.settings
        rate = optax.linear_schedule(s.rate, 0.0, s.rounds * s.epochs * s.batches)
        return optax.chain(optax.clip_by_global_norm(0.5), optax.adam(rate, eps=1e-5))

    def begin(self) -> Learner:
        """Fresh weights and episodes."""
        key = jax.random.key(self.settings.seed)
        weights = network.fresh(np.random.default_rng([self.settings.seed, 1]))
        weights = {name: jnp.asarray(array) for name, array in weights.items()}
        plays = self._opening(jax.random.split(key, self.settings.episodes))
        return Learner(weights, self.optimiser.init(weights), plays, jnp.zeros((), jnp.int32))

    @cached_property
    def _opening(self) -> Callable[[Any], Play]:
        return jax.jit(jax.vmap(self.arena.begin))

    @cached_property
    def round(self) -> Callable[[Learner], tuple[Learner, dict[str, Any]]]:
        """One round, compiled."""
        return jax.jit(self._round)

    def _round(self, learner: Learner) -> tuple[Learner, dict[str, Any]]:
        key = jax.random.fold_in(jax.random.key(self.settings.seed), learner.round + 1)
        playing, shuffling = jax.random.split(key)
        plays, seen, after = self._play(learner, playing)
        batch = self._batch(seen, after)
        weights, moments, figures = self._learn(learner, batch, shuffling)
        figures |= {"returns": seen.total.sum(), "episodes": seen.over.sum()}
        return Learner(weights, moments, plays, learner.round + 1), figures

    def _play(self, learner: Learner, key: Any) -> tuple[Play, Seen, Any]:
        """Decisions [length, episodes], and the values [episodes] of what follows."""
        s, decide = self.settings, jax.vmap(self.arena.decide, (None, 0, 0))

        def one(plays: Play, key: Any) -> tuple[Play, Seen]:
            return decide(learner.weights, plays, jax.random.split(key, s.episodes))

        plays, seen = jax.lax.scan(one, learner.plays, jax.random.split(key, s.length + 1)[1:])
        following = one(plays, key)[1].value
        return plays, seen, following

    def _batch(self, seen: Seen, after: Any) -> Batch:
        s = self.settings
        ahead = losses.advantages(
            seen.reward, seen.value, seen.over, after, s.discount, s.decay
        )  # fmt: skip
        batch = Batch(seen.look, seen.action, seen.chance, seen.value, ahead, ahead + seen.value)
        return jax.tree.map(lambda array: array.reshape(-1, *array.shape[2:]), batch)

    def _learn(self, learner: Learner, batch: Batch, key: Any) -> tuple[Any, Any, dict[str, Any]]:
        s = self.settings

        def one(state: Any, part: Batch) -> Any:
            weights, moments = state
            slope, figures = jax.grad(self._loss, has_aux=True)(weights, part)
            change, moments = self.optimiser.update(slope, moments)
            return (optax.apply_updates(weights, change), moments), figures

        def epoch(state: Any, key: Any) -> Any:
            order = jax.random.permutation(key, len(batch.action)).reshape(s.batches, -1)
            return jax.lax.scan(lambda st, i: one(st, jax.tree.map(lambda a: a[i], batch)),
                                state, order)  # fmt: skip

        start = learner.weights, learner.moments
        (weights, moments), figures = jax.lax.scan(epoch, start, jax.random.split(key, s.epochs))
        return weights, moments, jax.tree.map(jnp.mean, figures)

    def _loss(self, weights: Any, batch: Batch) -> Any:
        def act(weights: Any, seen: Any) -> Any:
            return network.act(weights, seen, jnp)

        return losses.loss(act, weights, batch, self.settings.rates)


class Trained(NamedTuple):
    """The weights, decisions so far, and whether those were all."""

    weights: network.Weights
    steps: int
    finished: bool


def train(
    settings: Settings, path: str | PathLike[str], *, minutes: float = 30.0, resume: bool = False,
    tell: Callable[[Report], object] = lambda _: None, every: int = 20,
    tasks: SyntheticTasks | None = None,
) -> Trained:  # fmt: skip
    """Train until the settings' steps are done or `minutes` are up.

    `path` is the checkpoint, written every `every` rounds and at the end; with `resume` the run
    goes on from there, to the same numbers as if it had not stopped. `tell` hears of each such
    round. Raises ValueError for a checkpoint of other settings.
    """
    trainer = Trainer(settings, tasks or SyntheticTasks())
    learner, began = trainer.begin(), time.monotonic()
    if resume:
        learner = checkpoint.read(path, settings, learner)
    done = int(learner.round)
    figures: list[Any] = []
    while done < settings.rounds and time.monotonic() - began < 60 * minutes:
        learner, told = trainer.round(learner)
        done, figures = done + 1, [*figures, told]
        if done % every == 0 or done == settings.rounds:
            checkpoint.write(path, settings, learner)
            tell(_report(settings, done, time.monotonic() - began, figures))
            figures = []
    if figures:
        checkpoint.write(path, settings, learner)
    weights = {name: np.asarray(array) for name, array in learner.weights.items()}
    steps = done * settings.episodes * settings.length
    return Trained(weights, steps, done >= settings.rounds)


def _report(
    settings: Settings, done: int, seconds: float, figures: list[dict[str, Any]]
) -> Report:  # fmt: skip
    """The means over rounds; of returns, over their episodes."""
    told = {name: np.array([float(f[name]) for f in figures]) for name in figures[0]}
    episodes, returns = told.pop("episodes"), told.pop("returns")
    steps = done * settings.episodes * settings.length
    means = {name: float(values.mean()) for name, values in told.items()}
    mean_return = float(returns.sum() / max(episodes.sum(), 1))
    return Report(done, steps, seconds, mean_return, int(episodes.sum()), **means)
