"""Environments on the toy surface, what plays them, and an action."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from gymnasium.spaces import Discrete

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.simplex import sample


@pytest.fixture(scope="module")
def make(toy):
    @cache
    def task(**options):
        return make_task(toy, max_share=0.5, **options)

    def made(**options):
        own = ("reward", "observation", "curve", "max_experiments")
        mine = {k: options.pop(k) for k in own if k in options}
        return DataMixtureEnv(task=task(**options), **mine)

    return made


def actions(env, seed, n=30):
    """Fixed random actions, short runs first."""
    rng = np.random.default_rng(seed)
    task = env.unwrapped.task
    if isinstance(env.action_space, Discrete):
        yield from rng.integers(env.action_space.n, size=n)
        return
    d, s, t = len(task.surface.domains), len(task.scales), len(task.steps)
    for i in range(n):
        top = max(1, min(t, 1 + i * t // n))
        yield {
            "mixture": sample(rng, 1, d, task.max_share)[0],
            "scale": int(rng.integers(s)),
            "steps": int(rng.integers(top)),
        }


def play(env, seed, asked=None):
    """Everything an episode returns."""
    out = [env.reset(seed=seed)]
    for action in asked or actions(env, seed):
        out.append(env.step(action))
        if out[-1][2] or out[-1][3]:
            break
    return out


UNIFORM = {"mixture": np.full(5, 0.2), "scale": 0, "steps": 0}


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """The helpers above."""
    return SimpleNamespace(actions=actions, play=play, UNIFORM=UNIFORM)
