"""The environment through Gymnasium: every family, episodes, copies, specs, vectors, errors."""

from __future__ import annotations

import pickle
from functools import cache

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import data_equivalence
from hypothesis import given, settings
from hypothesis import strategies as st

import mixenv
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.simplex import sample
from mixenv.surfaces.rows import RowsSurface


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


def test_every_public_name_is_there_and_no_other():
    assert all(getattr(mixenv, name) is not None for name in mixenv.__all__)
    with pytest.raises(AttributeError, match="module 'mixenv' has no attribute 'absent'"):
        mixenv.absent  # noqa: B018


def test_the_spec_of_many_options_passes_through_json():
    env = gym.make(
        "DataMixture-v0", metric={"book": 2.0, "piqa": 1.0}, target=("300M", 9_000), budget=2,
        scales=["20M", "300M"], steps=[500, 9_000], noise="0.5sd", standardise=True, curve=None,
        reward="improvement", observation="last", resume=False, max_experiments=5,
    )  # fmt: skip
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.task.target == (3e8, 9_000)
    assert data_equivalence(play(env, 3), play(again, 3), exact=True)


# Episodes


@given(st.integers(0, 10_000), st.sampled_from([0.004, 0.3, 3.0]), st.booleans())
@settings(max_examples=30)
def test_costs_add_up_to_no_more_than_the_budget(make, seed, budget, resume):
    env = make(budget=budget, resume=resume, max_experiments=12)
    steps = play(env, seed)[1:]
    spent = sum(info["cost"] for *_, info in steps)
    assert spent <= budget + 1e-9 * (1 + 1e-6)
    assert steps[-1][0]["remaining"][0] == pytest.approx(max(budget - spent, 0), abs=1e-5)
    for observation, reward, terminated, truncated, _ in steps:
        assert observation in env.observation_space
        assert np.isfinite(reward)
        assert type(terminated) is type(truncated) is bool
    ended = [terminated or truncated for _, _, terminated, truncated, _ in steps]
    assert ended[:-1] == [False] * (len(steps) - 1)
    least = 10_703_622 / (825_687_276 * 195)
    if steps[-1][2] and steps[-1][4]["experiment"]["steps"]:
        assert budget - spent < least


def test_an_unaffordable_experiment_ends_the_episode_and_shows_nothing(make):
    env = make(budget=0.3)
    env.reset(seed=1)
    env.step(UNIFORM | {"scale": 6, "steps": 194})  # 58 of the 58.5 checkpoints that 0.3 buys
    before = env.step(UNIFORM)
    assert not before[2]
    observation, reward, terminated, truncated, info = env.step(UNIFORM | {"scale": 6})
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert info["cost"] == 0
    assert not info["metrics"].any()
    assert info["experiment"]["steps"] == info["experiment"]["scale"] == info["curve_count"] == 0
    assert not info["cut_short"]
    assert all(observation[key].tolist() == before[0][key].tolist() for key in observation)


def test_the_episode_ends_when_nothing_is_affordable(make):
    env = make(budget=58 / 195)
    env.reset(seed=1)
    *_, terminated, truncated, info = env.step(UNIFORM | {"scale": 6, "steps": 194})
    assert (terminated, truncated) == (True, False)
    assert info["cut_short"]
    assert info["cost"] == pytest.approx(58 / 195)


def test_the_end_forgives_what_the_budget_does(make):
    """Five of the cheapest, on a budget short of their sum by less than the slack."""
    price = 10_703_622 / (825_687_276 * 195)
    env = make(budget=5 * price - 5e-10, resume=False)
    env.reset(seed=1)
    assert [env.step(UNIFORM)[2] for _ in range(5)] == [False] * 4 + [True]


def test_the_episode_is_truncated_after_so_many_experiments(make):
    env = make(max_experiments=3)
    env.reset(seed=1)
    ends = [env.step(UNIFORM | {"steps": i})[2:4] for i in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_an_episode_that_ends_is_not_truncated_too(make):
    env = make(budget=0.3, max_experiments=2)
    env.reset(seed=1)
    env.step(UNIFORM)
    ends = env.step(UNIFORM | {"scale": 6, "steps": 194})[2:4]
    assert ends == (False, True)
    env = make(budget=58 / 195, max_experiments=2, resume=False)
    env.reset(seed=1)
    env.step(UNIFORM | {"scale": 6, "steps": 56})
    assert env.step(UNIFORM | {"scale": 6, "steps": 194})[2:4] == (True, False)


def test_what_info_holds(make):
    env = make(curve=16)
    _, first = env.reset(seed=1)
    assert first["curve_count"] == first["cost"] == 0
    asked = {"mixture": np.array([0.1, 0.2, 0.3, 0.15, 0.25]), "scale": 3, "steps": 60}
    *_, info = env.step(asked)
    assert set(info) == {
        "metrics", "cost", "cut_short", "resumed", "experiment", "provenance", "curve",
        "curve_steps", "curve_count",
    }  # fmt: skip
    count = info["curve_count"]
    assert info["curve"].shape == (16, 11)
    assert info["curve"].dtype == info["metrics"].dtype == np.float64
    assert info["curve_steps"][count - 1] == info["experiment"]["steps"] == 6_100
    assert info["curve"][count - 1].tolist() == info["metrics"].tolist()
    assert not info["curve"][count:].any()
    assert not info["curve_steps"][count:].any()
    assert info["experiment"]["mixture"].tolist() == asked["mixture"].tolist()
    assert info["experiment"]["scale"] == 3e8
    expected = 121_979_326 * 61 / (825_687_276 * 195)
    assert info["cost"] == pytest.approx(expected, rel=1e-12)
    assert (info["resumed"], info["cut_short"]) == (False, False)
    *_, info = env.step(asked | {"steps": 70})
    assert info["resumed"]
    assert info["curve_steps"][0] > 6_100
    assert info["cost"] == pytest.approx(expected / 6.1, rel=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_the_mixture_that_info_echoes_is_taken_again_and_goes_on_with_its_run(make, seed):
    """Also where it lies on the cap, as far over it and off the sum as an action may be."""
    env, rng = make(budget=1e3, observation="last"), np.random.default_rng(seed)
    asked = np.array([0.5, 0.5, 0.0, 0.0, 0.0]) if seed % 2 else sample(rng, 1, 5, 0.5)[0]
    asked = np.minimum(rng.permutation(asked) + rng.uniform(-1e-6, 1e-6) / 5, 0.5 + 1e-6)
    env.reset(seed=seed)
    first = env.step({"mixture": asked, "scale": 1, "steps": 2})[-1]
    echoed = first["experiment"]["mixture"]
    assert env.action_space["mixture"].contains(echoed)
    second = env.step({"mixture": echoed, "scale": 1, "steps": 9})[-1]
    np.testing.assert_array_equal(second["experiment"]["mixture"], echoed)
    assert second["resumed"]
    assert not first["resumed"]
    task = env.task
    whole = task.cost(task.scales[1], task.steps[9])
    assert first["cost"] + second["cost"] == pytest.approx(whole, rel=1e-12)
    env.reset(seed=seed)
    alone = env.step({"mixture": asked, "scale": 1, "steps": 9})[-1]
    np.testing.assert_array_equal(second["metrics"], alone["metrics"])


def test_without_a_curve_info_has_none(make):
    env = make(curve=None)
    env.reset(seed=1)
    *_, info = env.step(UNIFORM)
    assert not [key for key in info if key.startswith("curve")]


def test_one_point_is_the_last(make):
    env = make(curve=1)
    env.reset(seed=1)
    *_, info = env.step(UNIFORM | {"steps": 100})
    assert (info["curve_count"], info["curve_steps"].tolist()) == (1, [10_100])


def test_a_pools_info_says_which_row_and_how_far(recorded):
    env = DataMixtureEnv(task=make_task(RowsSurface(recorded), metric="web", budget=1.2))
    assert env.reset(seed=1)[1]["row"] == -1
    *_, info = env.step({"mixture": [0.45, 0.35, 0.2], "scale": 1, "steps": 3})
    assert (info["row"], info["row_distance"]) == (2, pytest.approx(0.05))
    *_, terminated, _, info = env.step({"mixture": [0.1, 0.8, 0.1], "scale": 1, "steps": 3})
    assert (terminated, info["row"], info["row_distance"]) == (True, -1, 0.0)


def numbers(x):
    if isinstance(x, dict):
        return np.concatenate([numbers(v) for v in x.values()])
    return np.empty(0) if isinstance(x, str) else np.asarray(x, dtype=np.float64).ravel()


def test_nothing_shown_is_the_noise_free_truth(make, toy):
    env = make(budget=50.0)
    mixture = np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    steps = play(env, 9, [{"mixture": mixture, "scale": 6, "steps": t} for t in (50, 194)])
    truth = env.task.value(mixture)
    shown = np.concatenate([numbers(part) for out in steps for part in (out[0], out[-1])])
    shown = np.append(shown, [out[1] for out in steps[1:]])
    for hidden in (truth, env.task.regret(mixture), env.task.optimum.value, env.task.sd):
        assert np.abs(shown - hidden).min() > 1e-9
    for *_, info in steps[1:]:
        n = info["curve_count"]
        at = (np.tile(mixture, (n, 1)), np.full(n, 1e9), info["curve_steps"][:n])
        assert np.abs(info["curve"][:n] - toy.metrics(*at)).min() > 1e-9


def test_two_agents_on_one_seed_see_the_same_experiment_alike(make):
    env = make(budget=50.0)
    wanted = {"mixture": np.array([0.1, 0.2, 0.3, 0.15, 0.25]), "scale": 3, "steps": 60}
    before = [UNIFORM | {"scale": i, "steps": 9 * i} for i in range(5)]
    first = play(env, 4, [wanted])[-1][-1]
    second = play(env, 4, [*before, wanted])[-1][-1]
    assert data_equivalence(first, second, exact=True)
    other = play(env, 5, [wanted])[-1][-1]
    assert np.abs(first["metrics"] - other["metrics"]).min() > 0


def test_episodes_without_a_seed_differ(make):
    env = make()
    env.reset(seed=4)
    first = env.step(UNIFORM)[-1]["metrics"]
    env.reset()
    assert env.step(UNIFORM)[-1]["metrics"].tolist() != first.tolist()


# Errors


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"mixture": [np.nan, 0.25, 0.25, 0.25, 0.25]}, "mixture: expected finite shares"),
        ({"mixture": [-0.2, 0.3, 0.3, 0.3, 0.3]}, "mixture: expected shares of at least 0"),
        ({"mixture": [0.25] * 4}, r"mixture: expected 5 shares, got an array of shape \(4,\)"),
        ({"mixture": [0.18] * 5}, "mixture: expected shares that sum to 1, got 0.9"),
        ({"mixture": [0.6, 0.1, 0.1, 0.1, 0.1]}, "mixture: expected shares of at most 0.5"),
        ({"scale": 7}, "scale: expected an index from 0 to 6, got 7"),
        ({"scale": -1}, "scale: expected an index from 0 to 6, got -1"),
        ({"scale": 1e9}, "scale: expected an index from 0 to 6, got 1000000000.0"),
        ({"scale": "1B"}, "scale: expected an index from 0 to 6, got '1B'"),
        ({"steps": 195}, "steps: expected an index from 0 to 194, got 195"),
        ({"steps": 0.5}, "steps: expected an index from 0 to 194, got 0.5"),
        ({"steps": [1, 2]}, r"steps: expected an index from 0 to 194, got \[1, 2\]"),
    ],
)
def test_a_wrong_action_is_refused_and_changes_nothing(make, action, message):
    env = make()
    env.reset(seed=1)
    with pytest.raises(ValueError, match=message):
        env.step(UNIFORM | action)
    assert env.step(UNIFORM)[0]["count"] == 1


@pytest.mark.parametrize("key", ["mixture", "scale", "steps"])
def test_an_action_without_a_key_is_refused(make, key):
    env = make()
    env.reset(seed=1)
    with pytest.raises(
        ValueError, match=f"action: expected mixture, scale and steps, got no {key}"
    ):
        env.step({k: v for k, v in UNIFORM.items() if k != key})


def test_indices_come_as_integers_of_any_kind(make):
    env = make()
    env.reset(seed=1)
    *_, info = env.step(UNIFORM | {"scale": np.int64(3), "steps": np.array([4])})
    assert (info["experiment"]["scale"], info["experiment"]["steps"]) == (3e8, 500)


def test_no_step_before_a_reset(make):
    message = r"step: expected a running episode, got one that has not begun; reset\(\)"
    with pytest.raises(ResetNeeded, match=message):
        make().step(UNIFORM)


def test_no_step_after_the_end(make):
    env = make(budget=0.005)
    env.reset(seed=1)
    assert env.step(UNIFORM | {"scale": 6})[2]
    with pytest.raises(ResetNeeded, match="expected a running episode, got one that has ended"):
        env.step(UNIFORM)
    env.reset()
    assert env.step(UNIFORM)[0]["count"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reward": "profit"}, "reward: expected one of 'outcome', 'improvement', 'regret', got"),
        ({"observation": "all"}, "observation: expected one of 'history', 'last', got 'all'"),
        ({"max_experiments": 1}, "max_experiments: expected a whole number from 2, got 1"),
        ({"curve": 0}, 'curve: expected a positive number, "all" or None, got 0'),
        ({"curve": "some"}, 'curve: expected a positive number, "all" or None, got'),
        ({"metric": "perplexity"}, "metric: expected one of .*, got 'perplexity'"),
        ({"noise": "loud"}, 'noise: expected "seed"'),
        ({"noise": -1.0}, 'noise: expected "seed"'),
        ({"budget": 0}, "budget: expected target runs, more than 0, got 0"),
        ({"max_share": 0.2}, "max_share: expected more than 1/5"),
        ({"target": ("2B", 100)}, "scale: expected one of 20M, .*, got 2B"),
        ({"scales": ["13B"]}, "scale: expected one of 20M, .*, got 13B"),
        ({"steps": [-100]}, "steps: expected positive checkpoints"),
        ({"surface": "simulator"}, "surface: expected one of surrogate, .*, got 'simulator'"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gym.make("DataMixture-v0", **options)


def test_an_unknown_render_mode_is_refused(make, toy):
    message = r"render_mode: expected one of None.*, got 'hologram'"
    with pytest.raises(ValueError, match=message):
        DataMixtureEnv(task=make().task, render_mode="hologram")


def test_reset_takes_no_options(make):
    with pytest.raises(ValueError, match=r"reset options: expected none, got \['difficulty'\]"):
        make().reset(seed=1, options={"difficulty": 3})
    assert make().reset(seed=1, options={})[1]["cost"] == 0


def test_a_task_takes_no_task_option_beside_it(toy):
    task = mixenv.make_task(toy)
    with pytest.raises(ValueError, match=r"budget: expected its default beside task="):
        gym.make("DataMixture-v0", task=task, budget=3.0)


def test_an_environment_pickles_right_after_a_reset(toy):
    env = DataMixtureEnv(task=mixenv.make_task(toy))
    env.reset(seed=3)
    again = pickle.loads(pickle.dumps(env))
    action = env.action_space.sample()
    assert data_equivalence(env.step(action), again.step(action))
