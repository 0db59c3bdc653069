"""The exact GP: against SciPy's normal, by hand, and what the read-out of draws should spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from agents.oracles.process import Process, gaussian

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, (4, 9, 2))
KNOWN = Process(0.7, 1.3, 0.2)


def test_the_joint_is_the_normal_density():
    y = KNOWN.sample(X, RNG)
    for x, one, ours in zip(X, y, KNOWN.joint(X, y, 0), strict=True):
        normal = multivariate_normal(np.zeros(9), KNOWN.covariance(x))
        assert ours.sum() == pytest.approx(-normal.logpdf(one))


def test_later_terms_are_what_is_left_of_the_joint():
    y = KNOWN.sample(X, RNG)
    context = KNOWN.joint(X[:, :4], y[:, :4], 0).sum(axis=1)
    left = KNOWN.joint(X, y, 0).sum(axis=1) - context
    np.testing.assert_allclose(KNOWN.joint(X, y, 4).sum(axis=1), left)


def test_each_target_alone_is_its_conditional():
    y = KNOWN.sample(X, RNG)
    alone, joint = KNOWN.alone(X, y, 5), KNOWN.joint(X, y, 5)
    np.testing.assert_allclose(alone[:, 0], joint[:, 0])  # the first target is never with others
    mean, covariance = KNOWN.predict(X[:, :5], y[:, :5], X[:, 7:8])
    wanted = gaussian(y[:, 7:8], mean, covariance[..., 0] + 0.2)
    np.testing.assert_allclose(alone[:, 2:3], wanted)


def test_one_point_by_hand():
    one = Process(length=1.0, sd=1.0, noise=0.25)
    mean, covariance = one.predict(np.zeros((1, 1)), np.array([2.0]), np.array([[0.0], [1.0]]))
    near = np.exp(-0.5)
    np.testing.assert_allclose(mean, [1.6, 1.6 * near])
    np.testing.assert_allclose(np.diag(covariance), [0.2, 1 - near**2 / 1.25])


def test_readout_is_the_spread_of_means_over_imagined_outcomes():
    x, anchors, at = X[0, :3], X[0, 3:7], X[0, 7:]
    y = np.array([0.3, -1.0, 0.5])
    _, covariance = KNOWN.predict(x, y, anchors)
    here = KNOWN.predict(x, y, anchors)[0]
    imagined = RNG.multivariate_normal(here, covariance + 0.2 * np.eye(4), size=4000)
    every = np.concatenate([x, anchors])
    gain = np.linalg.solve(KNOWN.covariance(every), KNOWN.kernel(every, at))
    means = np.concatenate([np.tile(y, (4000, 1)), imagined], axis=1) @ gain
    np.testing.assert_allclose(np.cov(means.T), KNOWN.readout(x, anchors, at), atol=0.05)


def test_one_dimension_five_of_context_fifteen_targets():
    """About .49 nats a target, and single-step .2 more (Gaussian process of the claims)."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (2000, 20, 1))
    known = Process()
    y = known.sample(x, rng)
    joint, alone = known.joint(x, y, 5).mean(), known.alone(x, y, 5).mean()
    assert joint == pytest.approx(0.492, abs=0.02)
    assert alone - joint == pytest.approx(0.2225, rel=0.15)


@pytest.mark.parametrize("wrong", [{"length": 0.0}, {"sd": -1.0}, {"noise": -0.1}])
def test_impossible_numbers(wrong):
    with pytest.raises(ValueError, match=r"process: expected length > 0, sd > 0 and noise >= 0"):
        Process(**wrong)
