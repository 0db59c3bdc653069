"""`mixenv speed --rl`: both read actions alike, the compiled one learns, absence is told."""

from __future__ import annotations

from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest

from benchmarks.speed import rl, rl_sb3
from benchmarks.speed.play import task_of
from benchmarks.speed.rl_settings import Recipe

pytestmark = pytest.mark.usefixtures("unoptimised")
SMALL = Recipe(episodes=4, length=4, epochs=1, batches=2, rounds=2)


def test_the_compiled_policy_acts_as_the_flat_view_does():
    from benchmarks.speed.rl_jax import Learner
    from mixenv import functional

    env = rl_sb3.flat(**rl.OPTIONS)
    assert isinstance(env.action_space, gym.spaces.Box)
    learner = Learner(functional.make(task_of(env), **rl.OPTIONS), SMALL)
    assert env.action_space.shape == (learner.size,)
    flat = np.random.default_rng(0).uniform(-1.3, 1.3, (20, learner.size)).astype(np.float32)
    ours = learner.action(flat)
    for i, u in enumerate(flat):
        theirs = env.env.action(u)
        np.testing.assert_allclose(ours["mixture"][i], theirs["mixture"], atol=1e-5)
        assert (int(ours["scale"][i]), int(ours["steps"][i])) == (theirs["scale"], theirs["steps"])


def test_what_is_not_installed_is_told_and_what_is_gives_ratios(monkeypatch):
    calls = []

    def counted(_task, recipe, **options):
        return lambda: calls.append((recipe, options))

    fake = SimpleNamespace(trained=counted)
    monkeypatch.setattr("benchmarks.speed.rl_jax", fake, raising=False)
    monkeypatch.setattr(rl, "rates", lambda works, _: dict.fromkeys(works, 100.0))
    monkeypatch.setattr(rl, "absent", lambda: ["torch"])
    used, *others = rl.measured(SMALL, SMALL)
    assert (used.bar, used.met, used.value) == (rl.BAR, None, None)
    assert used.note == "not installed: torch; 100 compiled"
    assert [row.bar for row in others] == [None, None]
    monkeypatch.setattr(rl, "absent", lambda: [])
    monkeypatch.setattr(rl_sb3, "trained", lambda recipe, **_: lambda: None)
    used, *others = rl.measured(SMALL, SMALL)
    assert (used.ratio, used.met) == (1.0, False)
    assert [row.ratio for row in others] == [1.0, 1.0]


def test_absent_names_what_is_missing(monkeypatch):
    monkeypatch.setattr(rl_sb3, "find_spec", lambda name: None if name == "torch" else object())
    assert rl_sb3.absent() == ["torch"]


def test_the_compiled_one_learns():
    import jax

    from benchmarks.speed.rl_jax import Learner
    from mixenv import functional

    task = task_of(gym.make("DataMixtureSynthetic-v0"))
    learner = Learner(functional.make(task, **rl.OPTIONS), SMALL)
    begun = jax.jit(learner.begin)(jax.random.key(0))
    (weights, _, states), reward = jax.jit(learner.train)(begun, jax.random.key(1))
    assert np.isfinite(reward)
    assert (np.asarray(states.episode.spent) > 0).any()
    for name, before in begun[0].items():
        assert np.isfinite(weights[name]).all()
        assert (weights[name] != before).any()
    assert SMALL.steps == 32
