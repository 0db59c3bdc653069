"""What an environment refuses: actions, steps outside an episode, options."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

import mixenv
from mixenv.env import DataMixtureEnv


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
def test_a_wrong_action_is_refused_and_changes_nothing(lab, make, action, message):
    env = make()
    env.reset(seed=1)
    with pytest.raises(ValueError, match=message):
        env.step(lab.UNIFORM | action)
    assert env.step(lab.UNIFORM)[0]["count"] == 1


@pytest.mark.parametrize("key", ["mixture", "scale", "steps"])
def test_an_action_without_a_key_is_refused(lab, make, key):
    env = make()
    env.reset(seed=1)
    with pytest.raises(
        ValueError, match=f"action: expected mixture, scale and steps, got no {key}"
    ):
        env.step({k: v for k, v in lab.UNIFORM.items() if k != key})


def test_indices_come_as_integers_of_any_kind(lab, make):
    env = make()
    env.reset(seed=1)
    *_, info = env.step(lab.UNIFORM | {"scale": np.int64(3), "steps": np.array([4])})
    assert (info["experiment"]["scale"], info["experiment"]["steps"]) == (3e8, 500)


def test_no_step_before_a_reset(lab, make):
    message = r"step: expected a running episode, got one that has not begun; reset\(\)"
    with pytest.raises(ResetNeeded, match=message):
        make().step(lab.UNIFORM)


def test_no_step_after_the_end(lab, make):
    env = make(budget=0.005)
    env.reset(seed=1)
    assert env.step(lab.UNIFORM | {"scale": 6})[2]
    with pytest.raises(ResetNeeded, match="expected a running episode, got one that has ended"):
        env.step(lab.UNIFORM)
    env.reset()
    assert env.step(lab.UNIFORM)[0]["count"] == 1


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
