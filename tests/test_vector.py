"""The native vector environment against Gymnasium's SyncVectorEnv, step for step."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit

from mixenv.batch import state
from mixenv.batch.runs import Recorded
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface
from mixenv.vector import DataMixtureVectorEnv

N = 5
MODES = list(AutoresetMode)
OWN = ("reward", "observation", "curve", "max_experiments")

# Options of the task and of the environment; budgets small enough that episodes end all the time.
SETS = {
    "default": {},
    "last": {"observation": "last", "curve": None, "budget": 1.5},
    "improvement": {"reward": "improvement", "curve": 5, "budget": 4.0, "max_experiments": 9},
    "regret": {"reward": "regret", "observation": "last", "budget": 2.0, "metric": "worst_loss"},
    "fresh": {"resume": False, "curve": "all", "noise": "0.5sd", "scales": ["20M", "300M"]},
    "sides": {"noise": "heteroscedastic", "metric": {"github": 1.0, "piqa": 2.0}, "curve": 3},
    "quiet": {"noise": 0, "reward": "regret", "steps": (300, 700, 1000, 19_500), "curve": None},
    "tiny": {"budget": 0.002, "reward": "regret", "curve": None},
    "pool": {"surface": "rows", "budget": 3.0},
    "pool regret": {"surface": "rows", "reward": "regret", "budget": 2.0, "curve": None},
    "pool improvement": {"surface": "rows", "reward": "improvement", "observation": "last"},
    "pool grid": {"surface": "sparse", "steps": (100, 300, 350), "budget": 0.9, "curve": "all"},
}


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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SETS)
def test_native_equals_sync_step_for_step(make, name, mode):
    assert play(make(name), mode, 60) >= 10


@pytest.mark.parametrize("mode", MODES)
def test_native_equals_sync_over_a_thousand_steps(make, mode):
    assert play(make("last"), mode, 1000) > 300


@pytest.mark.parametrize("mode", MODES)
def test_runs_of_a_large_pool_are_searched_for(make, mode, monkeypatch):
    monkeypatch.setattr(state, "_ROWS", 0)
    assert play(make("pool"), mode, 60) >= 10


def test_runs_of_a_small_pool_have_places(make):
    """And a row that a former episode trained is untrained in the next one."""
    env = DataMixtureVectorEnv(N, autoreset_mode=AutoresetMode.SAME_STEP, **make("pool"))
    env.reset(seed=1)
    assert isinstance(env._state.runs, Recorded)
    asked = {
        "mixture": env.task.region.sample(np.random.default_rng(0), 1).repeat(N, axis=0),
        "scale": np.zeros(N, dtype=int),
        "steps": np.zeros(N, dtype=int),
    }
    assert not env.step(asked)[-1]["resumed"].any()
    assert env.step(asked | {"steps": np.full(N, 1)})[-1]["resumed"].all()
    env.reset(options={"reset_mask": np.arange(N) < 2})
    after = env.step(asked | {"steps": np.full(N, 2)})[-1]
    assert after["resumed"].tolist() == [False, False, True, True, True]


def test_what_a_former_episode_ran_is_not_resumed(make):
    """Longer runs on the same mixtures in each episode, none of them twice within one."""
    env = DataMixtureVectorEnv(N, autoreset_mode=AutoresetMode.SAME_STEP, **make("last"))
    env.reset(seed=1)
    mixtures, ended = env.task.region.sample(np.random.default_rng(2), 12), 0
    for step in range(48):
        asked = {
            "mixture": mixtures[[step % 12] * N],
            "scale": np.zeros(N, dtype=int),
            "steps": np.full(N, step),
        }
        info = env.step(asked)[-1]
        assert not info["resumed"].any()
        ended += "final_info" in info
    assert ended >= 3


@pytest.mark.parametrize("mode", MODES)
def test_a_limit_on_the_steps_truncates(make, mode):
    assert play(make("regret") | {"max_experiments": 50}, mode, 40, limit=3) >= 40


def test_every_grid_of_modes_is_named_in_the_metadata(make):
    for mode in MODES:
        for given in (mode, mode.value):
            env = DataMixtureVectorEnv(2, autoreset_mode=given, **make("default"))
            assert env.metadata["autoreset_mode"] is mode


def test_spaces_are_those_of_sync(make):
    sync, native = pair(make("default"), AutoresetMode.NEXT_STEP)
    for name in ("action_space", "observation_space"):
        for prefix in ("", "single_"):
            assert getattr(sync, prefix + name) == getattr(native, prefix + name)
    native.action_space.seed(3)
    observation, _ = native.reset(seed=1)
    assert observation in native.observation_space
    assert native.step(native.action_space.sample())[0] in native.observation_space


def test_make_vec_makes_it_and_sync():
    native = gym.make_vec("DataMixture-v0", num_envs=2, observation="last", curve=None)
    assert isinstance(native.unwrapped, DataMixtureVectorEnv)
    sync = gym.make_vec(
        "DataMixture-v0", num_envs=2, vectorization_mode="sync", observation="last", curve=None
    )
    equal(native.reset(seed=3), sync.reset(seed=3))
    asked = native.action_space.sample()
    equal(native.step(asked), sync.step(asked))
    assert native.spec.kwargs["num_envs"] == 2
    again = gym.make_vec(native.spec)
    equal(native.reset(seed=4), again.reset(seed=4))


def test_make_vec_passes_the_limit_on_the_steps():
    native = gym.make_vec("DataMixture-v0", num_envs=2, max_episode_steps=1)
    native.reset(seed=0)
    assert native.step(native.action_space.sample())[3].all()
    assert DataMixtureVectorEnv(1, max_episode_steps=-1).max_episode_steps is None


@pytest.mark.parametrize("seed", [None, [5, None, 5, 8, 9]])
def test_seeds_may_be_lists_and_episodes_go_on_from_them(make, seed):
    sync, native = pair(make("last"), AutoresetMode.NEXT_STEP)
    equal(sync.reset(seed=2), native.reset(seed=2))
    for _ in range(20):  # several resets: more words than are drawn at once
        equal(sync.reset(seed=seed), native.reset(seed=seed))
        asked = actions(native, np.random.default_rng(1))
        equal(sync.step(asked), native.step(asked))
    assert native.np_random_seed == sync.np_random_seed


def test_without_a_seed_episodes_differ(make):
    native = DataMixtureVectorEnv(3, **make("last"))
    native.reset()
    asked = {"mixture": np.full((3, 5), 0.2), "scale": [1, 1, 1], "steps": [9, 9, 9]}
    metrics = native.step(asked)[4]["metrics"]
    assert np.abs(np.diff(metrics, axis=0)).min() > 0
    assert len(native.np_random) == len(set(native.np_random_seed)) == 3


@pytest.mark.parametrize("name", ["default", "last"])
def test_no_two_answers_share_memory(make, name):
    native = DataMixtureVectorEnv(N, **make(name))
    rng = np.random.default_rng(0)
    answers = [native.reset(seed=0)]
    answers += [native.step(actions(native, rng)) for _ in range(3)]
    arrays = [
        [*answer[0].values(), *(v for v in answer[-1].values() if isinstance(v, np.ndarray))]
        for answer in answers
    ]
    for i, one in enumerate(arrays):
        for other in arrays[i + 1 :]:
            assert not any(np.shares_memory(a, b) for a in one for b in other)
    for array in arrays[-1]:
        array[...] = 0
    again = DataMixtureVectorEnv(N, **make(name))
    again.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(3):
        again.step(actions(again, rng))
    asked = actions(native, rng)
    equal(again.step(asked), native.step(asked))


def valid(n):
    return {
        "mixture": np.full((n, 5), 0.2),
        "scale": np.zeros(n, dtype=int),
        "steps": np.zeros(n, dtype=int),
    }


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("mixture", (1, 2), np.nan, "environment 1: mixture: expected finite shares, got"),
        ("mixture", (2, 0), 0.3, "environment 2: mixture: expected shares that sum to 1, got 1.1"),
        ("mixture", (0, 0), -0.1, "environment 0: mixture: expected shares of at least 0"),
        ("mixture", (1, slice(None)), [0.6, 0.4, 0, 0, 0], "environment 1: .* of at most 0.5"),
        ("scale", 2, 7, "environment 2: scale: expected an index from 0 to 6, got"),
        ("steps", 1, -1, "environment 1: steps: expected an index from 0 to 194, got"),
    ],
)
def test_actions_outside_the_space_are_refused(make, name, place, value, message):
    native = DataMixtureVectorEnv(3, **make("default"))
    native.reset(seed=0)
    asked = valid(3)
    asked[name][place] = value
    with pytest.raises(ValueError, match=message):
        native.step(asked)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mixture": np.full(5, 0.2)}, r"mixture: expected 3 x 5 shares, got .* shape \(5,\)"),
        ({"scale": np.zeros(3)}, "scale: expected 3 indices from 0 to 6, got an array of float64"),
        ({"steps": np.zeros(2, int)}, r"steps: expected 3 indices .* of shape \(2,\)"),
    ],
)
def test_actions_of_another_shape_are_refused(make, change, message):
    native = DataMixtureVectorEnv(3, **make("default"))
    native.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        native.step(valid(3) | change)
    incomplete = valid(3)
    del incomplete["steps"]
    with pytest.raises(ValueError, match="expected mixture, scale and steps, got no steps"):
        native.step(incomplete)


def test_actions_of_episodes_that_begin_are_not_looked_at(make):
    native = DataMixtureVectorEnv(2, **make("default") | {"max_experiments": 2})
    native.reset(seed=0)
    for _ in range(2):
        *_, truncated, _ = native.step(valid(2))
    assert truncated.all()
    asked = valid(2)
    asked["mixture"][:], asked["scale"][:] = np.nan, 99
    observation, reward, *_ = native.step(asked)
    assert not observation["mask"].any()
    assert reward.tolist() == [0, 0]
    native.step(valid(2))


def test_a_strict_pool_names_the_episode_that_it_refuses(make):
    task = replace(make("pool")["task"], strict=True)
    native = DataMixtureVectorEnv(2, task=task)
    native.reset(seed=0)
    mixture = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])
    asked = {"mixture": mixture, "scale": [1, 1], "steps": [0, 0]}
    with pytest.raises(ValueError, match="environment 1: mixture: expected one recorded at this"):
        native.step(asked)
    ended = False
    held = asked | {"mixture": np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])}
    for _ in range(60):  # through several ends: a beginning episode's action is not looked at
        terminated = native.step(held | {"steps": [3, 3]})[2]
        ended = ended or terminated.any()
    assert ended


def test_episodes_must_begin_and_must_not_have_ended(make):
    native = DataMixtureVectorEnv(2, autoreset_mode="Disabled", **make("tiny"))
    with pytest.raises(ResetNeeded, match="expected running episodes, got none that has begun"):
        native.step(valid(2))
    mask = {"reset_mask": np.array([True, False])}
    with pytest.raises(ResetNeeded, match="expected episodes that have begun, got none"):
        native.reset(options=mask)
    native.reset(seed=0)
    assert native.step(valid(2) | {"scale": np.array([0, 6])})[2].tolist() == [False, True]
    with pytest.raises(ResetNeeded, match="got 1 that have ended, the first at 1; reset"):
        native.step(valid(2))


@pytest.mark.parametrize(
    "mask", [[True, False], np.array([1, 0]), np.array([True]), np.zeros(2, dtype=bool)]
)
def test_other_masks_are_refused(make, mask):
    native = DataMixtureVectorEnv(2, **make("default"))
    native.reset(seed=0)
    with pytest.raises(ValueError, match="reset_mask: expected an array of 2 booleans, at least"):
        native.reset(options={"reset_mask": mask})


def test_other_options_are_refused(make):
    native = DataMixtureVectorEnv(2, **make("default"))
    with pytest.raises(ValueError, match=r"expected none but reset_mask, got \['budget'\]"):
        native.reset(options={"budget": 3})
    with pytest.raises(ValueError, match="seed: expected 2 of them, got 3"):
        native.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="num_envs: expected a whole number from 1, got 0"):
        DataMixtureVectorEnv(0)
    with pytest.raises(ValueError, match="render_mode: expected None for many episodes at once"):
        DataMixtureVectorEnv(2, render_mode="ansi")


def test_observations_that_are_held_do_not_change(make):
    native = DataMixtureVectorEnv(3, **make("default"))
    held = [native.reset(seed=0)[0]]
    told = [{name: value.copy() for name, value in held[0].items()}]
    for _ in range(6):
        held.append(native.step(valid(3))[0])
        told.append({name: value.copy() for name, value in held[-1].items()})
    equal({str(i): seen for i, seen in enumerate(held)}, dict(zip("0123456", told, strict=True)))
