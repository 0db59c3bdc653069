"""The wrappers: spaces, what reaches the environment, specs, errors."""

from __future__ import annotations

import pickle
import warnings
from copy import deepcopy

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.wrappers import FlattenObservation

from mixenv.simplex import check_mixture
from mixenv.wrappers import (
    DiscreteArms,
    FixedScale,
    FixedSteps,
    FlatAction,
    MultiDiscreteAction,
    NormalisedReward,
)

ARMS = [[0.5, 0.5, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]]
VIEWS = {
    "softmax": (FlatAction, {}),
    "normalise": (FlatAction, {"mode": "normalise"}),
    "stick-breaking": (FlatAction, {"mode": "stick-breaking"}),
    "lattice": (MultiDiscreteAction, {}),
    "coarse lattice": (MultiDiscreteAction, {"parts": 3}),
    "drawn arms": (DiscreteArms, {"arms": 4, "seed": 2}),
    "given arms": (DiscreteArms, {"arms": ARMS, "fidelities": [["20M", 500], [1e9, 19_500]]}),
    "scale": (FixedScale, {"scale": "300M"}),
    "steps": (FixedSteps, {"steps": 500}),
    "reward": (NormalisedReward, {"centre": True}),
}


def make(**options):
    return gym.make("DataMixture-v0", **{"observation": "last", "curve": None} | options)


def play(env, seed):
    """Everything an episode of six random actions returns."""
    env.action_space.seed(seed)
    out = [env.reset(seed=seed)]
    while len(out) < 7 and not any(out[-1][2:4]):
        out.append(env.step(env.action_space.sample()))
    return out


# Every wrapper


@pytest.mark.parametrize("name", VIEWS)
def test_gymnasiums_checker_finds_nothing_but_a_wrapper(name):
    wrapper, options = VIEWS[name]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is different from the unwrapped version.*")
        check_env(wrapper(make(), **options))


@pytest.mark.parametrize("name", VIEWS)
def test_the_spec_rebuilds_the_wrapped_environment(name):
    wrapper, options = VIEWS[name]
    env = wrapper(make(), **options)
    for spec in (env.spec, EnvSpec.from_json(env.spec.to_json())):
        again = gym.make(spec)
        assert again.action_space == env.action_space
        assert data_equivalence(play(again, 3), play(env, 3), exact=True)


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "reward"])
def test_the_action_that_reached_the_environment_is_shown(name):
    wrapper, options = VIEWS[name]
    env = wrapper(make(budget=50.0), **options)
    task = env.unwrapped.task
    for *_, info in play(env, 5)[1:]:
        reached = info["action"]
        assert set(reached) == {"mixture", "scale", "steps"}
        check_mixture(reached["mixture"], 5, task.max_share)
        done = info["experiment"]
        assert task.scales[reached["scale"]] == done["scale"]
        assert task.steps[reached["steps"]] == done["steps"]
        np.testing.assert_allclose(done["mixture"], reached["mixture"], atol=1.1e-6)


@pytest.mark.parametrize("name", VIEWS)
def test_copies_of_wrapped_environments_go_on_alike(name):
    wrapper, options = VIEWS[name]
    env = wrapper(make(), **options)
    env.reset(seed=2)
    env.action_space.seed(2)
    env.step(env.action_space.sample())
    action = env.action_space.sample()
    for copy in (deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert data_equivalence(copy.step(action), deepcopy(env).step(action), exact=True)


def test_wrapped_environments_form_vectors():
    vector = gym.make_vec(
        "DataMixture-v0", 3, vectorization_mode="sync", wrappers=(NormalisedReward, FlatAction)
    )
    vector.reset(seed=1)
    vector.action_space.seed(1)
    *_, info = vector.step(vector.action_space.sample())
    assert info["action"]["mixture"].shape == (3, 5)
    assert info["_action"].all()
    vector.close()


def test_wrappers_stack():
    env = FlatAction(FixedScale(FixedSteps(make())), "stick-breaking")
    assert env.action_space.shape == (4,)
    assert gym.make(env.spec).action_space == env.action_space
    env = MultiDiscreteAction(FixedScale(make(), "20M"), parts=2)
    assert env.action_space.nvec.tolist() == [10, 195]
    env.reset(seed=1)
    *_, info = env.step([9, 7])
    assert (info["action"]["scale"], info["action"]["steps"]) == (0, 7)


@pytest.mark.parametrize("wrapper", [FlatAction, MultiDiscreteAction, DiscreteArms, FixedScale])
def test_another_environment_is_refused(wrapper):
    message = f"{wrapper.__name__}: expected an environment whose action has .*got Discrete"
    with pytest.raises(ValueError, match=message):
        wrapper(gym.make("CartPole-v1"))


def test_arms_want_the_whole_action():
    message = "has the keys mixture, scale, steps, got mixture, steps; wrap"
    with pytest.raises(ValueError, match=message):
        DiscreteArms(FixedScale(make()))


def test_gymnasium_flattens_the_observation():
    env = FlattenObservation(FlatAction(make(observation="history", max_experiments=4)))
    assert env.observation_space.shape == (4 * (5 + 7 + 1 + 11 + 1 + 1) + 2,)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is different from the unwrapped version.*")
        check_env(env)


# Fixed parts


def test_what_is_fixed_is_the_targets_by_default():
    env = FixedScale(FixedSteps(make()))
    assert set(env.action_space.spaces) == {"mixture"}
    env.reset(seed=1)
    *_, info = env.step({"mixture": np.full(5, 0.2)})
    assert (info["experiment"]["scale"], info["experiment"]["steps"]) == (1e9, 19_500)
    assert info["cost"] == pytest.approx(1.0)


def test_fixed_parts_off_the_grid_are_refused():
    with pytest.raises(ValueError, match=r"scale: expected one of 20M, .*, got '2B'"):
        FixedScale(make(), "2B")
    with pytest.raises(ValueError, match=r"steps: expected one of 195 .* 100 to 19500, got 7"):
        FixedSteps(make(), 7)
    with pytest.raises(ValueError, match="has the keys scale, got mixture, steps; wrap"):
        FixedScale(FixedScale(make()))


# Reward


@pytest.mark.parametrize("reward", ["outcome", "improvement"])
def test_rewards_come_in_sds(reward):
    plain, scaled = make(reward=reward), NormalisedReward(make(reward=reward))
    pairs = zip(play(plain, 3)[1:], play(scaled, 3)[1:], strict=True)
    sd = plain.unwrapped.task.sd
    earned = [(a[1] / sd, b[1]) for a, b in pairs]
    np.testing.assert_allclose(*np.array(earned).T, rtol=1e-12)
    assert len(earned) > 2


def test_the_sd_is_that_of_the_episodes_own_task():
    options = {"instance": None, "domains": 3, "observation": "last", "cost_weight": 0.0}
    plain = gym.make("DataMixtureSynthetic-v0", **options)
    scaled = NormalisedReward(gym.make("DataMixtureSynthetic-v0", **options))
    sds = []
    for seed in (1, 2):
        earned, sd_units = (play(env, seed)[1][1] for env in (plain, scaled))
        sds.append(plain.unwrapped.task.sd)
        assert sd_units == pytest.approx(earned / sds[-1])
    assert sds[0] != sds[1]


def test_a_centre_takes_an_average_mixtures_objective_off():
    env = make(budget=1.5, noise=0.0, cost_weight=0.0)
    centred = NormalisedReward(env, centre=True)
    task = env.unwrapped.task
    rewards = []
    for mixture in task.region.sample(np.random.default_rng(3), 200):
        centred.reset(seed=1)
        full = {"mixture": mixture, "scale": 6, "steps": 194}
        rewards.append(centred.step(full)[1])
    assert np.mean(rewards) == pytest.approx(0, abs=0.2)
    assert np.std(rewards) == pytest.approx(1, abs=0.2)


def test_what_was_not_carried_out_earns_nothing():
    env = NormalisedReward(make(budget=0.3), centre=True)
    env.reset(seed=1)
    mixture = np.full(5, 0.2)
    env.step({"mixture": mixture, "scale": 6, "steps": 57})
    assert env.step({"mixture": mixture, "scale": 6, "steps": 0})[1:3] == (0.0, True)


def test_rewards_that_do_not_fit_are_refused():
    message = 'expected reward="outcome" or "improvement", got \'regret\'; the regret is in sd'
    with pytest.raises(ValueError, match=message):
        NormalisedReward(make(reward="regret"))
    with pytest.raises(ValueError, match="centre: expected reward=\"outcome\", got 'improvement'"):
        NormalisedReward(make(reward="improvement"), centre=True)
