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
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.simplex import check_mixture, project, sample
from mixenv.surfaces.rows import RowsSurface
from mixenv.wrappers import (
    DiscreteArms,
    FixedScale,
    FixedSteps,
    FlatAction,
    MultiDiscreteAction,
    NormalisedReward,
)
from mixenv.wrappers.flat import MODES

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


@pytest.fixture
def pool(recorded):
    return DataMixtureEnv(task=make_task(RowsSurface(recorded), metric="web"))


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


# Flat actions


@pytest.mark.parametrize("mode", MODES)
@given(u=arrays(np.float32, 7, elements=st.floats(-1, 1, width=32)))
def test_every_point_of_the_box_is_an_action(flat, mode, u):
    env = flat[mode]
    action = env.action(u[: env.action_space.shape[0]])
    check_mixture(action["mixture"], 5, 0.5)
    assert 0 <= action["scale"] < 7
    assert 0 <= action["steps"] < 195


@pytest.fixture(scope="module")
def flat():
    return {mode: FlatAction(make(), mode) for mode in MODES}


def test_softmax_by_hand(flat):
    u = np.array([0.2, -0.4, 0.1, 0.0, 0.3])
    expected = np.exp(3 * u) / np.exp(3 * u).sum()
    np.testing.assert_allclose(flat["softmax"].action([*u, 0, 0])["mixture"], expected, rtol=1e-12)


def test_normalise_by_hand(flat):
    action = flat["normalise"].action([-0.5, 0.5, 0, 0, -1, 0, 0])
    np.testing.assert_allclose(action["mixture"], np.array([0.5, 1.5, 1, 1, 0]) / 4, rtol=1e-12)
    nothing = flat["normalise"].action([-1, -1, -1, -1, -1, 0, 0])
    assert nothing["mixture"].tolist() == [0.2] * 5


def test_a_mixture_over_the_cap_moves_to_the_nearest(flat):
    raw = np.array([2.0, 0.5, 0.25, 0, 0]) / 2.75
    moved = flat["normalise"].action([1, -0.5, -0.75, -1, -1, 0, 0])["mixture"]
    np.testing.assert_allclose(moved, project(raw, 0.5), atol=1e-12)
    others = sample(np.random.default_rng(0), 4096, 5, 0.5)
    assert np.square(moved - raw).sum() <= np.square(others - raw).sum(axis=1).min()
    assert moved.max() == pytest.approx(0.5)


def test_uniform_sticks_are_uniform_shares():
    u = np.random.default_rng(1).uniform(-1, 1, (40_000, 4))
    shares = np.array([MODES["stick-breaking"](row) for row in u])
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-12)
    uniform = np.random.default_rng(2).dirichlet(np.ones(5), 40_000)
    quantiles = np.linspace(0.05, 0.95, 19)
    expected = np.quantile(uniform, quantiles, axis=0)
    np.testing.assert_allclose(np.quantile(shares, quantiles, axis=0), expected, atol=0.01)


@pytest.mark.parametrize(
    ("coordinate", "scale", "steps"),
    [(-1, 0, 0), (-0.72, 0, 27), (-0.71, 1, 28), (0, 3, 97), (0.999, 6, 194), (1, 6, 194)],
)
def test_scales_and_steps_are_equal_bins(flat, coordinate, scale, steps):
    action = flat["softmax"].action([0, 0, 0, 0, 0, coordinate, coordinate])
    assert (action["scale"], action["steps"]) == (scale, steps)


def test_coordinates_outside_the_box_are_clipped(flat):
    inside, outside = (flat["softmax"].action([x, 0, 0, 0, -x, x, -x]) for x in (1, 7.5))
    assert data_equivalence(inside, outside, exact=True)


def test_wrong_flat_actions_are_refused(flat):
    message = r"action: expected \(7,\) coordinates, got \(5,\)"
    with pytest.raises(ValueError, match=message):
        flat["softmax"].action(np.zeros(5))
    with pytest.raises(ValueError, match=r"action: expected no NaN, got .*; replace NaN"):
        flat["softmax"].action([0, 0, np.nan, 0, 0, 0, 0])
    message = "mode: expected one of softmax, normalise, stick-breaking, got 'tanh'"
    with pytest.raises(ValueError, match=message):
        FlatAction(make(), "tanh")


# Lattices


def test_the_lattice_is_named_in_order():
    env = MultiDiscreteAction(make(), parts=4)
    assert env.action_space.nvec.tolist() == [len(env.mixtures), 7, 195]
    shares = env.mixtures * 4
    np.testing.assert_allclose(shares, shares.round(), atol=1e-12)
    assert len(env.mixtures) == 70 - 5 - 20  # all, less those with a share of 4/4 or 3/4
    action = env.action([3, 2, 1])
    assert action["mixture"].tolist() == env.mixtures[3].tolist()
    assert (action["scale"], action["steps"]) == (2, 1)


def test_the_default_lattice_is_as_fine_as_fits():
    env = MultiDiscreteAction(make(max_share=1.0))
    assert len(env.mixtures) == 1001  # ten parts of five domains


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (0, "parts: expected at least 1, got 0"),
        (40, "at most 20000 mixtures, got 135751 with 40 parts of 5 domains; take fewer"),
        (1, "parts: expected some mixture with no share above 0.5, got none with 1 parts; take"),
    ],
)
def test_lattices_that_do_not_fit_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        MultiDiscreteAction(make(), parts)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([1, 1], r"action: expected \(3,\) indices, got \(2,\)"),
        ([10, 1, 1], "mixture: expected an index from 0 to 9, got .*10"),
        ([1, 7, 1], "scale: expected an index from 0 to 6, got .*7"),
        ([1, 1, -1], "steps: expected an index from 0 to 194, got .*-1"),
        ([0.5, 1, 1], "mixture: expected an index from 0 to 9, got .*0.5"),
    ],
)
def test_wrong_indices_are_refused(action, message):
    with pytest.raises(ValueError, match=message):
        MultiDiscreteAction(make(), 2).action(action)


# Arms


def test_arms_are_numbered_by_mixture_then_fidelity():
    env = DiscreteArms(make(), np.array(ARMS), [("20M", 500), (1e9, 19_500)])
    assert env.action_space.n == 4
    assert env.fidelities == [(2e7, 500), (1e9, 19_500)]
    action = env.action(np.int64(1))
    assert action["mixture"].tolist() == ARMS[0]
    assert (action["scale"], action["steps"]) == (6, 194)
    action["mixture"][:] = 0  # a copy
    assert env.action(2)["mixture"].tolist() == ARMS[1]


def test_arms_are_drawn_by_their_own_seed():
    first, same, other = (DiscreteArms(make(), 3, seed=s).arms for s in (1, 1, 2))
    assert first.shape == (3, 5)
    assert first.tolist() == same.tolist() != other.tolist()
    assert DiscreteArms(make(), 3).fidelities == [(1e9, 19_500)]


def test_arms_of_a_pool_are_distinct_rows(pool):
    arms = DiscreteArms(pool, 2).arms
    rows = pool.task.region.reference().tolist()
    assert all(arm in rows for arm in arms.tolist())
    assert len(np.unique(arms, axis=0)) == 2


def test_more_arms_than_recorded_mixtures_are_refused(pool):
    message = "arms: expected at least 1 and at most 2, the recorded mixtures, got 3"
    with pytest.raises(ValueError, match=message):
        DiscreteArms(pool, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arms": 0}, "arms: expected at least 1, got 0"),
        ({"arms": []}, "arms: expected at least one mixture, got none"),
        ({"arms": [[1.0, 0, 0, 0, 0]]}, "mixture: expected shares of at most 0.5"),
        ({"fidelities": []}, r"fidelities: expected at least one \(scale, steps\), got none"),
        ({"fidelities": [("2B", 500)]}, "scale: expected one of 20M, .*, got '2B'"),
        ({"fidelities": [("1B", 7)]}, "steps: expected one of 195 .* 100 to 19500, got 7"),
    ],
)
def test_arms_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DiscreteArms(make(), **options)


def test_an_arm_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="action: expected an index from 0 to 15, got 16"):
        DiscreteArms(make()).action(16)


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
