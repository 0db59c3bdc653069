"""Single environments and vectors of the same options, and what steps them together."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit
from vector_sets import SETS, N

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface
from mixenv.vector import DataMixtureVectorEnv

OWN = ("reward", "observation", "curve", "max_experiments")


@pytest.fixture(scope="module")
def make(toy, recorded):
    """The single environment's options with a task made of those in a set."""
    kept = (recorded.run < 2) | (recorded.steps % 200 == 0)
    fields = {name: getattr(recorded, name)[kept] for name in ("run", "steps", "values")}
    surfaces = {"rows": RowsSurface(recorded), "sparse": RowsSurface(replace(recorded, **fields))}

    @cache
    def options(name):
        chosen = dict(SETS[name])
        own = {key: chosen.pop(key) for key in OWN if key in chosen}
        surface = chosen.pop("surface", None)
        if surface:
            chosen.setdefault("metric", "web")
        else:
            chosen = {"max_share": 0.5, "budget": 3.0} | chosen
        task = make_task(surfaces[surface] if surface else toy, **chosen)
        return {"max_experiments": 12, "task": task} | own

    return options


def pair(options, mode, limit=None):
    """The sub-environments under SyncVectorEnv, and the native environment."""

    def single():
        env = DataMixtureEnv(**options)
        return env if limit is None else TimeLimit(env, limit)

    sync = SyncVectorEnv([single] * N, autoreset_mode=mode)
    return sync, DataMixtureVectorEnv(N, autoreset_mode=mode, max_episode_steps=limit, **options)


def equal(a, b, path=""):
    """Dicts of arrays (of objects too) are the same, bit for bit, types included."""
    if isinstance(a, dict):
        assert set(a) == set(b), f"{path}: {set(a) ^ set(b)}"
        for key in a:
            equal(a[key], b[key], f"{path}/{key}")
    elif isinstance(a, tuple) or (isinstance(a, np.ndarray) and a.dtype == object):
        for one, other in zip(a, b, strict=True):
            equal(one, other, path)
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, path
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14, err_msg=path)
    else:
        assert a == b, path


def actions(env, rng):
    """Random actions, short runs and repeated mixtures among them."""
    task = env.task
    d, s, t = len(task.surface.domains), len(task.scales), len(task.steps)
    fixed = task.region.sample(np.random.default_rng(1), 3)
    mixture = task.region.sample(rng, N)
    again = rng.random(N) < 0.5
    mixture[again] = fixed[rng.integers(3, size=N)][again]
    steps = np.where(rng.random(N) < 0.5, rng.integers(t, size=N), rng.integers(1 + t // 5, size=N))
    assert mixture.shape == (N, d)
    return {"mixture": mixture, "scale": rng.integers(s, size=N), "steps": steps}


def play(options, mode, steps, limit=None):
    """Step both environments together, compare everything; how many episodes ended."""
    sync, native = pair(options, mode, limit)
    equal(*(env.reset(seed=77) for env in (sync, native)))
    rng, ended = np.random.default_rng(4), 0
    for _ in range(steps):
        asked = actions(native, rng)
        ours, theirs = native.step(asked), sync.step(asked)
        for one, other in zip(theirs, ours, strict=True):
            equal(one, other)
        over = ours[2] | ours[3]
        ended += over.sum()
        if mode is AutoresetMode.DISABLED and over.any():
            both = (e.reset(options={"reset_mask": over.copy()}) for e in (sync, native))
            equal(*both)
    return ended


def valid(n):
    return {
        "mixture": np.full((n, 5), 0.2),
        "scale": np.zeros(n, dtype=int),
        "steps": np.zeros(n, dtype=int),
    }


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """The helpers above."""
    return SimpleNamespace(pair=pair, equal=equal, actions=actions, play=play, valid=valid)
