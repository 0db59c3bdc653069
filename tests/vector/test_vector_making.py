"""Vectors by class and by `make_vec`: modes, spaces, limits, specs."""

from __future__ import annotations

import gymnasium as gym
from gymnasium.vector import AutoresetMode
from vector_sets import MODES

from mixenv.vector import DataMixtureVectorEnv


def test_every_grid_of_modes_is_named_in_the_metadata(make):
    for mode in MODES:
        for given in (mode, mode.value):
            env = DataMixtureVectorEnv(2, autoreset_mode=given, **make("default"))
            assert env.metadata["autoreset_mode"] is mode


def test_spaces_are_those_of_sync(lab, make):
    sync, native = lab.pair(make("default"), AutoresetMode.NEXT_STEP)
    for name in ("action_space", "observation_space"):
        for prefix in ("", "single_"):
            assert getattr(sync, prefix + name) == getattr(native, prefix + name)
    native.action_space.seed(3)
    observation, _ = native.reset(seed=1)
    assert observation in native.observation_space
    assert native.step(native.action_space.sample())[0] in native.observation_space


def test_make_vec_makes_it_and_sync(lab):
    native = gym.make_vec("DataMixture-v0", num_envs=2, observation="last", curve=None)
    assert isinstance(native.unwrapped, DataMixtureVectorEnv)
    sync = gym.make_vec(
        "DataMixture-v0", num_envs=2, vectorization_mode="sync", observation="last", curve=None
    )
    lab.equal(native.reset(seed=3), sync.reset(seed=3))
    asked = native.action_space.sample()
    lab.equal(native.step(asked), sync.step(asked))
    assert native.spec.kwargs["num_envs"] == 2
    again = gym.make_vec(native.spec)
    lab.equal(native.reset(seed=4), again.reset(seed=4))


def test_make_vec_passes_the_limit_on_the_steps():
    native = gym.make_vec("DataMixture-v0", num_envs=2, max_episode_steps=1)
    native.reset(seed=0)
    assert native.step(native.action_space.sample())[3].all()
    assert DataMixtureVectorEnv(1, max_episode_steps=-1).max_episode_steps is None
