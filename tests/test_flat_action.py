"""Flat actions: every point of the box is a mixture, a scale and steps."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mixenv.simplex import check_mixture, project, sample
from mixenv.wrappers import (
    FlatAction,
)
from mixenv.wrappers.flat import MODES


def make(**options):
    return gym.make("DataMixture-v0", **{"observation": "last", "curve": None} | options)


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
