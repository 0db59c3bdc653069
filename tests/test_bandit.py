"""The bandit: arms, pulls, rewards, the horizon, regret for evaluators, copies, specs, errors."""

from __future__ import annotations

import pickle
from copy import deepcopy

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import check_env, data_equivalence

from mixenv.bandit import BanditEnv
from mixenv.simplex import check_mixture

ID = "DataMixtureBandit-v0"
CLOSED = {"surface": "synthetic:easy:5:0"}  # a formula: quick


def play(env, seed, pulls=30):
    out = [env.reset(seed=seed)]
    return out + [env.step(np.int64(i * i % 16)) for i in range(pulls)]


def test_the_default_bandit():
    env = gym.make(ID).unwrapped
    assert isinstance(env, BanditEnv)
    assert env.action_space == Discrete(16)
    assert env.task.target == (1e9, 19_500)
    assert (env.task.noise, env.task.budget, env.task.resume) == ("1sd", 200.0, False)
    assert (env.task.scales, env.task.steps) == ((1e9,), (19_500,))
    for arm in env.arms:
        check_mixture(arm, 5, 0.5)
    check_env(env)


def test_an_episode_is_as_many_pulls_as_the_horizon():
    env = gym.make(ID, **CLOSED)
    _, info = env.reset(seed=2)
    assert info["arm"] == -1
    for pull in range(200):
        _, reward, terminated, truncated, info = env.step(pull % 16)
        assert (terminated, truncated) == (pull == 199, False)
        assert info["arm"] == pull % 16
        assert (info["cost"], info["resumed"], info["cut_short"]) == (1.0, False, False)
        assert reward == -env.unwrapped.task.objective(info["metrics"])
    with pytest.raises(ResetNeeded, match="got one that has ended"):
        env.step(0)


def test_every_pull_is_a_new_run_with_noise_as_large_as_the_signal():
    env = gym.make(ID, **CLOSED, horizon=2_000).unwrapped
    env.reset(seed=3)
    rewards = np.array([env.step(4)[1] for _ in range(1_999)])
    assert len(set(rewards.tolist())) == 1_999
    assert rewards.std() == pytest.approx(env.task.sd, rel=0.06)
    assert -rewards.mean() == pytest.approx(env.task.value(env.arms[4]), abs=0.1 * env.task.sd)
    assert env.arms[4] == pytest.approx(env.step(4)[0]["mixture"], abs=1e-6)


def test_regrets_of_arms_are_against_the_best_arm():
    env = gym.make(ID, **CLOSED, arms=5).unwrapped
    values = [env.task.value(arm) for arm in env.arms]
    np.testing.assert_allclose(env.arm_regrets, np.array(values) - min(values))
    assert env.arm_regrets.min() == 0
    assert env.arm_regrets.max() > 0.1 * env.task.sd
    info = {**env.reset(seed=1)[1], **env.step(1)[-1]}
    assert not [key for key in info if "regret" in key]


def test_an_instance_is_a_set_of_arms():
    first, again, other = (
        gym.make(ID, **CLOSED, instance=i).unwrapped.arms.tolist() for i in (0, 0, 1)
    )
    assert first == again != other


def test_options_reach_the_task():
    env = gym.make(
        ID, surface="synthetic:deceptive:7:2", metric="loss_2", max_share=0.4, noise="0.5sd",
        target=("300M", 5_000), arms=3, horizon=9, observation="history", curve=4,
    ).unwrapped  # fmt: skip
    task = env.task
    assert (task.target, task.max_share, task.noise) == ((3e8, 5_000), 0.4, "0.5sd")
    assert task.objective.name == "loss_2"
    assert env.observation_space["mixture"].shape == (9, 7)
    assert env.arms.max() <= 0.4
    env.reset(seed=1)
    *_, info = env.step(2)
    assert info["curve_count"] == 1
    assert info["cost"] == pytest.approx(1.0)


def test_recorded_mixtures_as_arms():
    env = gym.make(ID, surface="rows:replica", max_share=1.0, noise=0.0).unwrapped
    env.reset(seed=1)
    *_, info = env.step(3)
    assert info["row_distance"] == pytest.approx(0, abs=1e-12)
    assert info["provenance"] == "synthetic"


def test_rollouts_specs_and_copies_agree():
    env = gym.make(ID, **CLOSED, horizon=40, arms=16)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    first = play(env, 7)
    assert data_equivalence(first, play(again, 7), exact=True)
    copies = [deepcopy(env), pickle.loads(pickle.dumps(env))]
    mine = env.step(3)
    for copy in copies:
        assert data_equivalence(mine, copy.step(3), exact=True)


def test_vectors_step_as_single_environments_do():
    vector = gym.make_vec(ID, num_envs=3, **CLOSED)
    seen, _ = vector.reset(seed=[3, 50, 700])
    assert seen in vector.observation_space
    single = gym.make(ID, **CLOSED)
    single.reset(seed=50)
    for _ in range(5):
        _, earned, *_, info = vector.step(np.array([1, 2, 3]))
        *_, mine = out = single.step(2)
        assert earned[1] == out[1]
        assert info["arm"].tolist() == [1, 2, 3]
        assert info["metrics"][1].tolist() == mine["metrics"].tolist()
    vector.close()


@pytest.mark.parametrize("arm", [16, -1, 2.0, "first", [1, 2], None])
def test_an_arm_that_there_is_not_is_refused(arm):
    env = gym.make(ID, **CLOSED).unwrapped
    env.reset(seed=1)
    with pytest.raises(ValueError, match="arm: expected an index from 0 to 15, got"):
        env.step(arm)
    assert env.step(0)[0]["count"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arms": 1}, "arms: expected a whole number from 2, got 1"),
        ({"arms": 2.5}, "arms: expected a whole number from 2, got 2.5"),
        ({"horizon": True}, "horizon: expected a whole number from 2, got True"),
        ({"horizon": 0}, "horizon: expected a whole number from 2, got 0"),
        ({"instance": -1}, "instance: expected a whole number from 0, got -1"),
        ({"noise": "loud"}, 'noise: expected "seed"'),
        ({"target": ("2B", 100)}, "scale: expected one of 20M, .*, got 2B"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gym.make(ID, **CLOSED | options)
