"""The functional environment under scan, beside the bare network under jit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import BATCH, FAST, batch, source_of, task_of

_LENGTH = 32  # steps of a scan


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second of 1024 episodes, without and with new episodes where one ends."""
    import jax

    task = task_of(gym.make("DataMixture-v0"))
    drawn = [batch(task, BATCH, seed) for seed in range(_LENGTH)]
    actions = jax.tree.map(lambda *arrays: jax.numpy.asarray(np.stack(arrays)), *drawn)
    calls = {"bare": bare(task), "step": scan(task, "step"), "auto": scan(task, "step_autoreset")}
    found = rates({
        name: Work(lambda call=call: jax.block_until_ready(call(actions)), BATCH * _LENGTH, 3)
        for name, call in calls.items()
    })  # fmt: skip
    return [
        Measurement(
            name, "steps/s", found[key], "bare network under jit", found["bare"], Bar(0.3),
            source_of(task),
        )
        for key, name in (
            ("step", f"functional scan of {BATCH}"),
            ("auto", f"functional scan of {BATCH}, autoreset"),
        )
    ]  # fmt: skip


def scan(task: Any, step: str) -> Callable[[Any], Any]:
    """A compiled scan over actions [length, n] of n new episodes."""
    import jax

    from mixenv import functional

    game = functional.make(task, **FAST)
    words = np.random.default_rng(0).integers(2**32, size=(BATCH, 2), dtype=np.uint32)
    advance = jax.vmap(getattr(game, step))

    def one(state: Any, action: Any) -> Any:
        state, done = advance(state, action)
        return state, (done.observation, done.reward, done.terminated, done.truncated)

    return jax.jit(lambda actions: jax.lax.scan(one, jax.vmap(game.init)(words), actions))


def bare(task: Any) -> Callable[[Any], Any]:
    """A compiled scan over actions of the surface's metrics alone."""
    import jax
    from jax import numpy as jnp

    scales, steps = jnp.asarray(task.scales), jnp.asarray(task.steps)

    def one(total: Any, action: Any) -> Any:
        out = task.surface.metrics(
            action["mixture"], scales[action["scale"]], steps[action["steps"]], jnp
        )
        return total + out.sum(), out

    return jax.jit(lambda actions: jax.lax.scan(one, 0.0, actions))
