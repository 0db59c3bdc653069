"""What a vector refuses: actions, steps outside an episode, masks, options."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from mixenv.vector import DataMixtureVectorEnv


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
def test_actions_outside_the_space_are_refused(lab, make, name, place, value, message):
    native = DataMixtureVectorEnv(3, **make("default"))
    native.reset(seed=0)
    asked = lab.valid(3)
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
def test_actions_of_another_shape_are_refused(lab, make, change, message):
    native = DataMixtureVectorEnv(3, **make("default"))
    native.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        native.step(lab.valid(3) | change)
    incomplete = lab.valid(3)
    del incomplete["steps"]
    with pytest.raises(ValueError, match="expected mixture, scale and steps, got no steps"):
        native.step(incomplete)


def test_actions_of_episodes_that_begin_are_not_looked_at(lab, make):
    native = DataMixtureVectorEnv(2, **make("default") | {"max_experiments": 2})
    native.reset(seed=0)
    for _ in range(2):
        *_, truncated, _ = native.step(lab.valid(2))
    assert truncated.all()
    asked = lab.valid(2)
    asked["mixture"][:], asked["scale"][:] = np.nan, 99
    observation, reward, *_ = native.step(asked)
    assert not observation["mask"].any()
    assert reward.tolist() == [0, 0]
    native.step(lab.valid(2))


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


def test_episodes_must_begin_and_must_not_have_ended(lab, make):
    native = DataMixtureVectorEnv(2, autoreset_mode="Disabled", **make("tiny"))
    with pytest.raises(ResetNeeded, match="expected running episodes, got none that has begun"):
        native.step(lab.valid(2))
    mask = {"reset_mask": np.array([True, False])}
    with pytest.raises(ResetNeeded, match="expected episodes that have begun, got none"):
        native.reset(options=mask)
    native.reset(seed=0)
    assert native.step(lab.valid(2) | {"scale": np.array([0, 6])})[2].tolist() == [False, True]
    with pytest.raises(ResetNeeded, match="got 1 that have ended, the first at 1; reset"):
        native.step(lab.valid(2))


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
