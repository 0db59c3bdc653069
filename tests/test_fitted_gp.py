"""The process behind fitted surfaces: its gradient, its mean, and the slopes it finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import gamma, kv

from mixenv.surfaces import fitted_gp as gp


def runs(n=40, d=3, scales=3, seed=0):
    rng = np.random.default_rng(seed)
    x = np.sqrt(rng.dirichlet(np.ones(d), n))
    return gp.Runs(x, rng.integers(scales, size=n), rng.normal(size=n), scales)


@pytest.mark.parametrize("scales", [1, 3])
def test_the_gradient_is_that_of_the_loss(scales):
    some = runs(scales=scales)
    prior = gp._prior(some)
    theta = prior[0] + np.random.default_rng(1).normal(scale=0.3, size=len(prior[0]))
    found = gp._loss(theta, some, *prior)[1]
    expected = approx_fprime(theta, lambda t: gp._loss(t, some, *prior)[0], 1e-6)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_the_kernel_is_the_materns_own_formula():
    r = np.array([0.3, 1.1, 2.7])
    u = np.sqrt(5) * r
    expected = 2 ** (1 - 2.5) / gamma(2.5) * u**2.5 * kv(2.5, u)
    np.testing.assert_allclose(gp.matern52(r**2), expected, rtol=1e-12)
    assert gp.matern52(np.zeros(1))[0] == pytest.approx(1.0, abs=1e-9)


def test_the_mean_is_that_of_the_dense_formula():
    some = runs(n=12)
    process = gp.fit_process(some, iterations=3)
    weight, offset = gp.weights(process, some)
    x = np.sqrt(np.random.default_rng(2).dirichlet(np.ones(3), 5))
    s = np.array([0, 1, 2, 1, 0])

    def kernel(a, i, b, j):
        r2 = ((a[:, None] / process.length - b[None] / process.length) ** 2).sum(axis=-1)
        slopes = process.slope[i][:, None] * process.slope[j]
        same = i[:, None] == j
        return (slopes + same * process.departure[i][:, None]) * gp.matern52(r2) + same * 1.0

    full = kernel(some.x, some.s, some.x, some.s) + np.diag(process.noise[some.s] + 1e-5)
    expected = kernel(x, s, some.x, some.s) @ np.linalg.solve(full, some.y)
    near = gp.matern52(gp.squared_distance(x / process.length, some.x / process.length))
    found = (near @ weight)[np.arange(5), s] + offset[s]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_planted_slopes_are_found():
    some = runs(n=120, seed=3)
    effect = np.sin(3 * some.x[:, 0]) + some.x[:, 1] ** 2
    effect = (effect - effect.mean()) / effect.std()
    noise = 0.05 * np.random.default_rng(4).normal(size=120)
    process = gp.fit_process(some._replace(y=np.array([1.0, 0.2, 0.6])[some.s] * effect + noise))
    ratio = process.slope / process.slope[0]
    np.testing.assert_allclose(ratio, [1.0, 0.2, 0.6], atol=0.06)
    assert np.sqrt(process.noise) == pytest.approx(0.05, rel=0.6)


def test_pure_noise_is_called_noise():
    process = gp.fit_process(runs(n=150, scales=1))
    assert process.noise[0] > 3 * process.between[0, 0]
