"""Copies of an environment: through the JSON of its spec, and by pickle."""

from __future__ import annotations

import pickle

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import data_equivalence

import mixenv
from mixenv.env import DataMixtureEnv


def test_the_spec_of_many_options_passes_through_json(lab):
    env = gym.make(
        "DataMixture-v0", metric={"book": 2.0, "piqa": 1.0}, target=("300M", 9_000), budget=2,
        scales=["20M", "300M"], steps=[500, 9_000], noise="0.5sd", standardise=True, curve=None,
        reward="improvement", observation="last", resume=False, max_experiments=5,
    )  # fmt: skip
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.task.target == (3e8, 9_000)
    assert data_equivalence(lab.play(env, 3), lab.play(again, 3), exact=True)


def test_an_environment_pickles_right_after_a_reset(toy):
    env = DataMixtureEnv(task=mixenv.make_task(toy))
    env.reset(seed=3)
    again = pickle.loads(pickle.dumps(env))
    action = env.action_space.sample()
    assert data_equivalence(env.step(action), again.step(action))
