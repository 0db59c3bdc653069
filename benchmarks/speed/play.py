"""Steps to be timed: of single environments and of vectors, with actions drawn beforehand."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import gymnasium as gym
import numpy as np

import mixenv  # noqa: F401  (registers the ids)
from benchmarks.speed.clock import Work

BATCH = 1024
FAST = {"observation": "last", "curve": None}
_DRAWN = 256  # actions that a single environment takes over and over
BATCHES, SETTLING = 64, 60  # batches of actions; steps until episodes end at all times
CARTPOLE = "CartPole-v1"


def single(id: str, steps: int = 1500, **options: Any) -> Work:
    """Steps of one environment, made by `gymnasium.make` and reset where an episode ends."""
    env = gym.make(id, **options)
    env.action_space.seed(0)
    env.reset(seed=0)
    actions = cycle([env.action_space.sample() for _ in range(_DRAWN)])

    def play() -> None:
        for _ in range(steps):
            _, _, terminated, truncated, _ = env.step(next(actions))
            if terminated or truncated:
                env.reset()

    return Work(play, steps)


def cartpole() -> Work:
    """CartPole, to which rates are compared."""
    return single(CARTPOLE, steps=8000)


def vector(env: Any, calls: int = 20) -> Work:
    """Steps of a vector environment, settled first: episodes end at all times."""
    task = task_of(env)
    batches = cycle([batch(task, env.num_envs, seed) for seed in range(BATCHES)])
    env.reset(seed=0)
    for _ in range(SETTLING):
        env.step(next(batches))
    return Work(lambda: env.step(next(batches)), env.num_envs, calls)


def batch(task: Any, n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """n actions: mixtures uniform over the region, every scale and steps."""
    rng = np.random.default_rng(seed)
    return {
        "mixture": task.region.sample(rng, n),
        "scale": rng.integers(len(task.scales), size=n),
        "steps": rng.integers(len(task.steps), size=n),
    }


def points(task: Any, n: int = BATCH, dtype: Any = np.float64) -> tuple[np.ndarray, ...]:
    """What n actions ask of the surface: mixture [n, d], scale [n], steps [n]."""
    action = batch(task, n)
    scale, steps = np.array(task.scales)[action["scale"]], np.array(task.steps)[action["steps"]]
    return tuple(a.astype(dtype) for a in (action["mixture"], scale, steps))


def task_of(env: Any) -> Any:
    """The task of an environment or a vector of them."""
    return env.envs[0].unwrapped.task if hasattr(env, "envs") else env.unwrapped.task


def source_of(task: Any) -> str:
    """A task's surface and the provenance of its numbers."""
    return f"{task.surface.name} ({task.surface.provenance})"
