"""The Gaussian density: dense formula, slopes by finite differences, padding, failure."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from agents.gp import gaussian

pytestmark = pytest.mark.usefixtures("float64")
density = jax.jit(gaussian.negative_log_density)
slopes = jax.jit(jax.grad(gaussian.negative_log_density, argnums=(0, 1)))


def made_up(n=9, seed=0):
    """A positive definite matrix [n, n] and a residual [n]."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, n))
    return factor @ factor.T + 0.5 * np.eye(n), rng.normal(size=n)


def test_density_is_scipys():
    matrix, residual = made_up()
    expected = -multivariate_normal(np.zeros(9), matrix).logpdf(residual)
    found = density(matrix, residual) + 0.5 * 9 * np.log(2 * np.pi)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_slopes_are_finite_differences():
    matrix, residual = made_up(5)
    by_matrix, by_residual = slopes(matrix, residual)
    for i in range(5):
        move = 1e-6 * np.eye(5)[i]
        expected = (density(matrix, residual + move) - density(matrix, residual - move)) / 2e-6
        np.testing.assert_allclose(by_residual[i], expected, rtol=1e-6, atol=1e-8)
        for j in range(i + 1):  # the factor reads one triangle, so both halves move
            both = np.zeros((5, 5))
            both[i, j] += 5e-7
            both[j, i] += 5e-7
            expected = (density(matrix + both, residual) - density(matrix - both, residual)) / 2e-6
            np.testing.assert_allclose(by_matrix[i, j], expected, rtol=1e-6, atol=1e-8)


def test_padding_is_exact():
    covariance, residual = made_up(6)
    noise = np.linspace(0.1, 0.6, 6)
    larger = np.full((10, 10), 7.0)
    larger[:6, :6] = covariance
    mask = np.r_[np.ones(6), np.zeros(4)]
    padded = gaussian.masked(larger, np.pad(noise, (0, 4)), mask)
    exact = covariance + np.diag(noise)
    np.testing.assert_array_equal(padded[:6, :6], exact)
    some = np.pad(residual, (0, 4))
    np.testing.assert_allclose(density(padded, some), density(exact, residual), rtol=1e-12)
    found, expected = slopes(padded, some), slopes(exact, residual)
    np.testing.assert_allclose(found[0][:6, :6], expected[0], rtol=1e-10)
    np.testing.assert_allclose(found[1][:6], expected[1], rtol=1e-10)
    same = gaussian.masked(larger, 0.3, mask)
    np.testing.assert_array_equal(same[:6, :6], covariance + 0.3 * np.eye(6))


def test_inverse_root():
    matrix, _ = made_up()
    root = np.asarray(gaussian.inverse_root(matrix))
    np.testing.assert_allclose(root @ matrix @ root.T, np.eye(9), atol=1e-10)
    np.testing.assert_array_equal(np.triu(root, 1), 0)


def test_many_at_once():
    one, two = made_up(seed=1), made_up(seed=2)
    both = [np.stack(pair) for pair in zip(one, two, strict=True)]
    found = jax.vmap(gaussian.negative_log_density)(*both)
    np.testing.assert_allclose(found, [density(*one), density(*two)], rtol=1e-12)


def test_what_is_not_positive_definite_is_nan():
    matrix, residual = made_up()
    assert np.isnan(density(matrix - 100 * np.eye(9), residual))
