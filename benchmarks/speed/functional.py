"""The functional environment under scan, beside the bare network under jit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import BATCH, FAST, batch, source_of, task_of

LENGTH = 32  # steps of a scan
BAR = Bar(0.3)


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second of 1024 episodes, without and with new episodes where one ends."""
    task = task_of(gym.make("DataMixture-v0"))
    asked, plays = actions(task, BATCH, LENGTH), games(task, BATCH)
    found = rates({name: timed(play, asked, 3) for name, play in plays.items()})
    return [
        Measurement(
            name, "steps/s", found[key], "bare network under jit", found["bare"], BAR,
            source_of(task),
        )
        for key, name in (
            ("step", f"functional scan of {BATCH}"),
            ("step_autoreset", f"functional scan of {BATCH}, autoreset"),
        )
    ]  # fmt: skip


def actions(task: Any, n: int, length: int) -> dict[str, Any]:
    """Actions [length, n] on JAX's default device; beyond 1024 episodes they repeat."""
    import jax

    drawn = [batch(task, min(n, BATCH), seed) for seed in range(length)]

    def wide(array: np.ndarray) -> np.ndarray:
        return np.resize(array, (n, *array.shape[1:]))

    return jax.tree.map(lambda *arrays: jax.numpy.asarray(np.stack([*map(wide, arrays)])), *drawn)


def games(task: Any, n: int) -> dict[str, Callable[[Any], Any]]:
    """Scans of n episodes by what they do: "bare", "step" or "step_autoreset"."""
    steps = ("step", "step_autoreset")
    return {"bare": bare(task), **{step: scan(task, step, n) for step in steps}}


def timed(play: Callable[[Any], Any], asked: Mapping[str, Any], calls: int = 1) -> Work:
    """A scan over actions [length, n], waited for, as work of length x n steps a call."""
    import jax

    return Work(lambda: jax.block_until_ready(play(asked)), asked["scale"].size, calls)


def scan(task: Any, step: str, n: int) -> Callable[[Any], Any]:
    """A compiled scan over actions [length, n] of n new episodes, on JAX's default device."""
    import jax

    from mixenv import functional

    game = functional.make(task, **FAST)
    words = np.random.default_rng(0).integers(2**32, size=(n, 2), dtype=np.uint32)
    advance = jax.vmap(getattr(game, step))

    def one(state: Any, action: Any) -> Any:
        state, done = advance(state, action)
        return state, (done.observation, done.reward, done.terminated, done.truncated)

    @jax.jit
    def play(words: Any, actions: Any) -> Any:
        return jax.lax.scan(one, jax.vmap(game.init)(words), actions)

    # Keys are an argument: of constants the compiler itself would work out what hangs on them.
    return partial(play, jax.numpy.asarray(words))


def bare(task: Any) -> Callable[[Any], Any]:
    """A compiled scan over actions of the surface's metrics alone, as precise as the environment's.

    On JAX's default device.
    """
    import jax
    from jax import numpy as jnp

    from mixenv.functional import PRECISION

    scales, steps = jnp.asarray(task.scales), jnp.asarray(task.steps)

    def one(total: Any, action: Any) -> Any:
        with jax.default_matmul_precision(PRECISION):
            out = task.surface.metrics(
                action["mixture"], scales[action["scale"]], steps[action["steps"]], jnp
            )
        return total + out.sum(), out

    return jax.jit(lambda actions: jax.lax.scan(one, 0.0, actions))
