"""Tasks of the prior: on the simplex, as their formulas say, the same for a key."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from agents.sequence import families, inputs, prior


@pytest.fixture(scope="module")
def tasks(jit):
    sample = jit(prior.sample, static_argnums=(1, 2))
    one, two = (jax.tree.map(np.array, sample(jax.random.key(0), 256, 40)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    return one


def test_points_are_mixtures_at_scales_and_steps(tasks):
    x, _ = tasks
    shares = (x[..., :5] / 2.5 + 0.4) ** 2
    np.testing.assert_allclose(shares.sum(-1), 1, atol=1e-4)
    assert abs(x[..., 5:]).max() <= 1
    at_target = (x[..., 5:] == 1).all(-1)
    assert 0.3 < at_target.mean() < 0.6
    assert 0.05 < (shares[..., 4].max(1) < 1e-9).mean() < 0.15  # tasks with fewer domains
    assert 0.3 < (shares.max((1, 2)) < 0.501).mean() < 0.8  # tasks under a cap


def test_some_points_are_seen_again(tasks):
    x, _ = tasks
    again = [len(s) - len(np.unique(s[:, :5].round(5), axis=0)) for s in x]
    whole = [len(s) - len(np.unique(s.round(5), axis=0)) for s in x]
    assert 0.25 < np.mean(again) / x.shape[1] < 0.5
    assert 0.05 < np.mean(whole) / x.shape[1] < np.mean(again) / x.shape[1]


def test_outcomes_are_of_order_one_and_finite(tasks):
    _, z = tasks
    assert np.isfinite(z).all()
    assert abs(z).max() <= prior.LARGEST
    spread = np.quantile(z.std(1), [0.05, 0.5, 0.95])
    assert 0.2 < spread[0] < spread[1] < spread[2] < 5
    assert 0.6 < spread[1] < 1.6


def test_the_centroid_is_zero_up_to_offset_and_noise(jit):
    w, ones = np.full((3, 5), 0.2, np.float32), np.array([-1.0, 0.0, 1.0], np.float32)
    found = jit(prior.effect)(jax.random.key(1), w, ones, ones)
    np.testing.assert_allclose(found, 0, atol=1e-5)


def test_the_known_family_has_the_known_moments(jit):
    sample = jit(prior.known, static_argnums=(1, 2))
    x, z = jax.tree.map(np.array, sample(jax.random.key(2), 3000, 2))
    assert (x[..., 5:] == 1).all()
    sd, noise, length = (prior.KNOWN[n] for n in ("sd", "noise", "length"))
    roots = x[..., :5] / 2.5 + 0.4
    apart = ((roots[:, 0] - roots[:, 1]) ** 2).sum(1)
    kernel = sd**2 * np.exp(-apart / (2 * length**2))
    np.testing.assert_allclose((z**2).mean(), sd**2 + noise**2, rtol=0.06)
    np.testing.assert_allclose((z[:, 0] * z[:, 1]).mean(), kernel.mean(), atol=0.06)


def test_fourier_features_are_a_gaussian_process(jit):
    x = np.array([[0.0, 0.0], [0.5, 0.0], [0.5, 2.0]], np.float32)
    lengths = np.array([1.0, 2.0], np.float32)
    draw = jit(jax.vmap(lambda k: families.fourier(k, x, lengths)))
    found = np.cov(np.array(draw(jax.random.split(jax.random.key(3), 4000))).T)
    apart = (((x[:, None] - x[None]) / lengths) ** 2).sum(-1)
    np.testing.assert_allclose(found, np.exp(-apart / 2), atol=0.07)


def test_features():
    found = inputs.features(np.array([[0.16, 0.84]]), np.array([-1.0]), np.array([0.5]))
    np.testing.assert_allclose(found, [[0.0, 2.5 * (0.84**0.5 - 0.4), -1.0, 0.5]], atol=1e-12)
