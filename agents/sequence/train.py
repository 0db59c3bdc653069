"""Pretraining: AdamW on tasks drawn inside the jitted step, with checkpoints and resumption."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from os import PathLike
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from agents.sequence import checkpoint, masks
from agents.sequence.compiling import Options, hasty
from agents.sequence.config import Config
from agents.sequence.model import Params, initial, log_density, predict

FEW = 100  # steps, for which to compile well takes longer than it saves

Prior = Callable[[Array, int], tuple[Array, Array]]  # (key, batch) -> x [b, n, p], z [b, n]
Progress = Callable[[int, float], None]  # (steps done, loss)


@dataclass(frozen=True)
class Plan:
    """How long and how to train: `steps` of `batch` sequences, a cosine to a tenth of `rate`.

    `smallest` is the least context that a custom or TNP-A mask is trained on. Raises ValueError
    for counts under 1 and a rate that is not positive.
    """

    steps: int
    batch: int = 32
    rate: float = 1e-3
    warmup: int = 200
    decay: float = 0.01
    clip: float = 1.0
    smallest: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name}: expected at least 1, got {getattr(self, name)}; train longer"
                )
        if not self.rate > 0:
            raise ValueError(f"rate: expected a positive rate, got {self.rate}; try 0.001")

    @property
    def compiler_options(self) -> Options:
        """How its step is compiled: few steps in haste."""
        return hasty() if self.steps <= FEW else {}


class State(NamedTuple):
    """What a step goes on from."""

    params: Params
    optimiser: Any
    step: Array


class Trained(NamedTuple):
    """Weights, and the loss [steps] (nats per scored outcome) of each step."""

    params: Params
    losses: np.ndarray


def train(
    prior: Prior,
    config: Config,
    mask: str,
    plan: Plan,
    seed: int,
    *,
    path: str | PathLike[str] | None = None,
    every: int = 500,
    progress: Progress | None = None,
) -> Trained:
    """Train from `seed`; deterministic given the arguments and the machine.

    With a `path` the state is written there each `every` steps and at the end, and taken up from
    there if it exists: the result is that of a run never interrupted. Raises ValueError for an
    unknown mask, and for a checkpoint of another seed, mask, size or plan.
    """
    about = checkpoint.About(config, masks.check(mask), plan, seed)
    state, losses = start(config, plan, seed), np.zeros(0, np.float32)
    if path is not None:
        state, losses = checkpoint.resume(path, about, state)
    step = stepper(prior, config, mask, plan)
    found = [float(value) for value in losses]
    saved = time.monotonic()
    key = jax.random.key(seed)
    while len(found) < plan.steps:
        state, loss = step(state, key)
        found.append(float(loss))
        if path is not None and (len(found) % every == 0 or len(found) == plan.steps):
            checkpoint.save(path, about, state, np.array(found, np.float32))
        if progress is not None and (time.monotonic() - saved > 1 or len(found) == plan.steps):
            saved = time.monotonic()
            progress(len(found), float(np.mean(found[-100:])))
    return Trained(state.params, np.array(found, np.float32))


def start(config: Config, plan: Plan, seed: int) -> State:
    """The state before the first step."""
    params = _begun(config, seed)
    return State(params, _moments(plan)(params), jnp.zeros((), jnp.int32))


@partial(jax.jit, static_argnums=0)
def _begun(config: Config, seed: int) -> Params:
    """Apart from the plan: whatever it is, one compilation."""
    return initial(config, jax.random.fold_in(jax.random.key(seed), 0xFFFFFF))


@lru_cache(maxsize=8)
def _moments(plan: Plan) -> Callable[[Params], Any]:
    """The optimiser's, all zero, so that haste changes no bit of them."""
    return jax.jit(_optimiser(plan).init, compiler_options=hasty())


@lru_cache(maxsize=8)
def stepper(
    prior: Prior, config: Config, mask: str, plan: Plan
) -> Callable[[State, Array], tuple[State, Array]]:
    """The jitted step: (state, the run's key) -> (state, loss). Compiled once a process."""
    optimiser = _optimiser(plan)

    def step(state: State, key: Array) -> tuple[State, Array]:
        tasks, split = jax.random.split(jax.random.fold_in(key, state.step))
        x, z = prior(tasks, plan.batch)
        context = _context(split, z.shape[1], plan)
        slope = jax.value_and_grad(loss)
        value, gradient = slope(state.params, config, x, z, mask, context)
        change, after = optimiser.update(gradient, state.optimiser, state.params)
        params: Any = optax.apply_updates(state.params, change)
        return State(params, after, state.step + 1), value

    return jax.jit(step, donate_argnums=0, compiler_options=plan.compiler_options)


def loss(
    params: Params, config: Config, x: Array, z: Array, mask: str, context: Array | int = 0
) -> Array:
    """Mean negative log density (nats) of the scored outcomes of sequences x [b, n, p], z [b, n].

    `context` points are given where the mask has a context: one split for the batch.
    """
    made = masks.make(mask, z.shape[1], context)
    mean, sd = jax.vmap(partial(predict, params, config, mask=made))(x, z)
    each = -log_density(z, mean, sd)
    return (each * made.scored).sum() / (made.scored.sum() * len(z))


def _context(key: Array, n: int, plan: Plan) -> Array:
    """A size of the context, uniform from the smallest to all but one."""
    return jax.random.randint(key, (), plan.smallest, n)


def _optimiser(plan: Plan) -> optax.GradientTransformation:
    warmup = min(plan.warmup, plan.steps // 10)
    rate = optax.warmup_cosine_decay_schedule(
        0.0 if warmup else plan.rate, plan.rate, warmup, max(plan.steps, warmup + 1), plan.rate / 10
    )
    return optax.chain(
        optax.clip_by_global_norm(plan.clip), optax.adamw(rate, weight_decay=plan.decay)
    )
