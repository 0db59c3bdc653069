"""Episodes: what they cost, how they end, and what their seeds decide."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from hypothesis import given, settings
from hypothesis import strategies as st


@given(st.integers(0, 10_000), st.sampled_from([0.004, 0.3, 3.0]), st.booleans())
@settings(max_examples=30)
def test_costs_add_up_to_no_more_than_the_budget(lab, make, seed, budget, resume):
    env = make(budget=budget, resume=resume, max_experiments=12)
    steps = lab.play(env, seed)[1:]
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


def test_an_unaffordable_experiment_ends_the_episode_and_shows_nothing(lab, make):
    env = make(budget=0.3)
    env.reset(seed=1)
    env.step(lab.UNIFORM | {"scale": 6, "steps": 194})  # 58 of the 58.5 checkpoints that 0.3 buys
    before = env.step(lab.UNIFORM)
    assert not before[2]
    observation, reward, terminated, truncated, info = env.step(lab.UNIFORM | {"scale": 6})
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert info["cost"] == 0
    assert not info["metrics"].any()
    assert info["experiment"]["steps"] == info["experiment"]["scale"] == info["curve_count"] == 0
    assert not info["cut_short"]
    assert all(observation[key].tolist() == before[0][key].tolist() for key in observation)


def test_the_episode_ends_when_nothing_is_affordable(lab, make):
    env = make(budget=58 / 195)
    env.reset(seed=1)
    *_, terminated, truncated, info = env.step(lab.UNIFORM | {"scale": 6, "steps": 194})
    assert (terminated, truncated) == (True, False)
    assert info["cut_short"]
    assert info["cost"] == pytest.approx(58 / 195)


def test_the_end_forgives_what_the_budget_does(lab, make):
    """Five of the cheapest, on a budget short of their sum by less than the slack."""
    price = 10_703_622 / (825_687_276 * 195)
    env = make(budget=5 * price - 5e-10, resume=False)
    env.reset(seed=1)
    assert [env.step(lab.UNIFORM)[2] for _ in range(5)] == [False] * 4 + [True]


def test_the_episode_is_truncated_after_so_many_experiments(lab, make):
    env = make(max_experiments=3)
    env.reset(seed=1)
    ends = [env.step(lab.UNIFORM | {"steps": i})[2:4] for i in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]


def test_an_episode_that_ends_is_not_truncated_too(lab, make):
    env = make(budget=0.3, max_experiments=2)
    env.reset(seed=1)
    env.step(lab.UNIFORM)
    ends = env.step(lab.UNIFORM | {"scale": 6, "steps": 194})[2:4]
    assert ends == (False, True)
    env = make(budget=58 / 195, max_experiments=2, resume=False)
    env.reset(seed=1)
    env.step(lab.UNIFORM | {"scale": 6, "steps": 56})
    assert env.step(lab.UNIFORM | {"scale": 6, "steps": 194})[2:4] == (True, False)


def test_two_agents_on_one_seed_see_the_same_experiment_alike(lab, make):
    env = make(budget=50.0)
    wanted = {"mixture": np.array([0.1, 0.2, 0.3, 0.15, 0.25]), "scale": 3, "steps": 60}
    before = [lab.UNIFORM | {"scale": i, "steps": 9 * i} for i in range(5)]
    first = lab.play(env, 4, [wanted])[-1][-1]
    second = lab.play(env, 4, [*before, wanted])[-1][-1]
    assert data_equivalence(first, second, exact=True)
    other = lab.play(env, 5, [wanted])[-1][-1]
    assert np.abs(first["metrics"] - other["metrics"]).min() > 0


def test_episodes_without_a_seed_differ(lab, make):
    env = make()
    env.reset(seed=4)
    first = env.step(lab.UNIFORM)[-1]["metrics"]
    env.reset()
    assert env.step(lab.UNIFORM)[-1]["metrics"].tolist() != first.tolist()
