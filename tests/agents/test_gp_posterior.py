"""The GP engine against dense formulas, finite differences and itself unpadded."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from agents.gp import kernel, posterior
from agents.gp.data import Data, pad
from agents.gp.fit import fit

pytestmark = pytest.mark.usefixtures("float64")
HYPER = kernel.Hyper(
    np.array([0.5, 0.8, 0.3]), 1.7, 0.02, np.array([0.4, -0.2, 0.1, -1.3, -0.7]), 0.25
)


fitted = jax.jit(fit)


@jax.jit
def predicted(hyper, data, new):
    return posterior.predict(posterior.condition(hyper, data), new)


@jax.jit
def minus_log_likelihood(hyper, data):
    squared = kernel.squared_distances(data.x, data.x)
    return posterior.negative_log_likelihood(hyper, data, squared)


def made_up(n, seed=0):
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.dirichlet(np.ones(3), n), rng.random((n, 2))], axis=1)
    return x, rng.normal(size=n) + x @ HYPER.slopes


def dense_covariance(a, b):
    """One pair at a time, from the definition."""
    out = np.empty((len(a), len(b)))
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            out[i, j] = HYPER.amplitude * (
                np.exp(-0.5 * np.sum((p[:3] - q[:3]) ** 2) / HYPER.lengths[0] ** 2)
                * np.exp(-0.5 * (p[3] - q[3]) ** 2 / HYPER.lengths[1] ** 2)
                * np.exp(-0.5 * (p[4] - q[4]) ** 2 / HYPER.lengths[2] ** 2)
            )
    return out


def likelihood(data, hyper=HYPER):
    return float(minus_log_likelihood(hyper, data))


def test_marginal_likelihood_is_the_gaussians():
    x, y = made_up(20)
    matrix = dense_covariance(x, x) + HYPER.noise * np.eye(20)
    expected = -multivariate_normal(x @ HYPER.slopes + HYPER.offset, matrix).logpdf(y)
    np.testing.assert_allclose(likelihood(pad(x, y)), expected, rtol=1e-10)


def test_prediction_is_the_conditional():
    x, y = made_up(20)
    new, _ = made_up(7, seed=1)
    matrix = dense_covariance(x, x) + HYPER.noise * np.eye(20)
    cross = dense_covariance(new, x)
    prior, mean = x @ HYPER.slopes + HYPER.offset, new @ HYPER.slopes + HYPER.offset
    mean = mean + cross @ np.linalg.solve(matrix, y - prior)
    variance = np.diag(dense_covariance(new, new) - cross @ np.linalg.solve(matrix, cross.T))
    got, sd = predicted(HYPER, pad(x, y), new)
    np.testing.assert_allclose(got, mean, rtol=1e-9)
    np.testing.assert_allclose(sd, np.sqrt(variance), rtol=1e-8)


def test_gradient_is_the_finite_difference():
    data = pad(*made_up(18))

    @jax.jit
    def loss(free):
        return minus_log_likelihood(kernel.constrain(free), data)

    free = np.random.default_rng(2).normal(size=11) * 0.5
    moves = 1e-6 * np.eye(len(free))
    expected = [(loss(free + move) - loss(free - move)) / 2e-6 for move in moves]
    np.testing.assert_allclose(jax.jit(jax.grad(loss))(free), expected, rtol=2e-6, atol=1e-7)


def test_padding_changes_nothing():
    x, y = made_up(13)
    exact, padded = Data(x, y, np.ones(13)), pad(x, y, 64)
    new, _ = made_up(5, seed=1)
    np.testing.assert_allclose(likelihood(padded), likelihood(exact), rtol=1e-12)
    one, two = (predicted(HYPER, d, new) for d in (exact, padded))
    np.testing.assert_allclose(one, two, rtol=1e-10)
    for a, b in zip(fitted(exact).hyper, fitted(padded).hyper, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8)


def test_padding_may_hold_anything():
    x, y = made_up(13)
    padded = pad(x, y, 16)
    padded.x[13:], padded.y[13:] = 7.0, 1e6
    np.testing.assert_allclose(likelihood(padded), likelihood(pad(x, y)), rtol=1e-12)


def test_fit_explains_data_as_well_as_the_truth_they_came_from():
    x, _ = made_up(100)
    rng = np.random.default_rng(3)
    matrix = dense_covariance(x, x) + HYPER.noise * np.eye(100)
    y = rng.multivariate_normal(x @ HYPER.slopes + HYPER.offset, matrix)
    end = fitted(pad(x, y))
    assert end.finite
    assert likelihood(pad(x, y), end.hyper) < likelihood(pad(x, y)) + 2
    assert 0.25 < end.hyper.lengths[0] < 1.0


def test_a_fit_that_breaks_down_says_so_and_stays_at_the_origin():
    x, y = made_up(10)
    y[3] = np.nan
    end = fitted(pad(x, y))
    assert not end.finite
    np.testing.assert_allclose(end.hyper.lengths, np.log(2))


def test_repeated_rows_stay_positive_definite():
    x, y = made_up(4)
    data = pad(np.repeat(x, 10, axis=0), np.repeat(y, 10))
    mean, sd = predicted(fitted(data).hyper, data, x)
    assert np.isfinite(mean).all()
    assert (np.asarray(sd) >= 0).all()
