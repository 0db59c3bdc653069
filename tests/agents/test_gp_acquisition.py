"""Expected improvement and its maximum."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx
from scipy.stats import norm

from agents.gp import acquisition, kernel
from agents.gp.data import pad
from agents.gp.posterior import condition, predict
from agents.gp.suggest import suggest
from mixenv import simplex

pytestmark = pytest.mark.usefixtures("float64")
HYPER = kernel.Hyper(np.array([0.3, 0.8, 0.5]), 1.2, 0.01, np.zeros(6), 0.1)
FIDELITIES = np.array([[0.0, 0.5], [0.3, 1.0], [1.0, 1.0]])


conditioned = jax.jit(condition)
scored = jax.jit(acquisition.score)
maximised = jax.jit(acquisition.maximise)


def known(n=24):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.dirichlet(np.ones(4), n), rng.random((n, 2))], axis=1)
    return pad(x, rng.normal(size=n))


@pytest.mark.parametrize("z", [-4.0, -1.0, -0.3, 0.0, 0.7, 3.0])
def test_log_improvement_is_the_integral(z):
    mean, sd = 1.3, 0.4
    best = mean + z * sd
    expected, _ = quad(lambda f: (best - f) * norm.pdf(f, mean, sd), mean - 12 * sd, best)
    np.testing.assert_allclose(
        acquisition.log_improvement(mean, sd, best), np.log(expected), rtol=1e-7
    )


@pytest.mark.parametrize("z", [-6.0, -15.0, -24.99, -25.01, -39.0, -80.0])
def test_log_improvement_far_out(z):
    tail = 1 + z * np.sqrt(np.pi / 2) * erfcx(-z / np.sqrt(2))  # EI over the density
    expected = np.log(tail) + norm.logpdf(z)
    np.testing.assert_allclose(acquisition.log_improvement(-z, 1.0, 0.0), expected, rtol=1e-8)


def test_log_improvement_always_has_a_slope():
    slope = jax.jit(jax.vmap(jax.grad(lambda z: acquisition.log_improvement(-z, 1.0, 0.0))))
    got = np.asarray(slope(np.linspace(-1e3, 30, 400)))
    assert np.isfinite(got).all()
    assert (got > 0).all()
    assert (np.diff(got) < 0).all()  # log EI is concave in the mean


def test_projection_is_mixenvs():
    points = np.random.default_rng(1).normal(size=(50, 4))
    for cap in (0.3, 0.5, 1.0):
        np.testing.assert_allclose(
            acquisition.project(points, cap), simplex.project(points, cap), atol=1e-10
        )


def test_score_is_the_improvement_at_each_fidelity():
    posterior = conditioned(HYPER, known())
    mixtures = np.random.default_rng(2).dirichlet(np.ones(4), (3, 5))
    got = scored(posterior, mixtures, FIDELITIES, -0.5)
    for row, w, where in zip(got, mixtures, FIDELITIES, strict=True):
        x = np.concatenate([w, np.tile(where, (5, 1))], axis=1)
        np.testing.assert_allclose(row, acquisition.log_improvement(*predict(posterior, x), -0.5))


@pytest.mark.parametrize("cap", [0.4, 1.0])
def test_the_ascent_beats_a_thousand_draws(cap):
    rng, posterior = np.random.default_rng(3), conditioned(HYPER, known())
    draws = np.tile(simplex.sample(rng, 1000, 4, cap), (3, 1, 1))
    screened = scored(posterior, draws, FIDELITIES, -2.0).max(axis=1)
    mixtures, scores = maximised(posterior, draws[:, :40], FIDELITIES, -2.0, cap)
    assert (scores.max(axis=1) > screened - 1e-3).all()
    assert mixtures.max() <= cap + 1e-9
    np.testing.assert_allclose(mixtures.sum(axis=-1), 1, atol=1e-9)
    ends = mixtures[np.arange(3), scores.argmax(axis=1)]
    moves = rng.normal(scale=0.02, size=(3, 1000, 4))
    near = simplex.project(np.asarray(ends)[:, None] + moves, cap)
    around = scored(posterior, near, FIDELITIES, -2.0).max(axis=1)
    assert (around < scores.max(axis=1) + 2e-3).all()


def test_compiles_once_a_bucket():
    starts = np.random.default_rng(4).dirichlet(np.ones(4), (2, 3))
    before = suggest._cache_size()
    for n in (3, 9, 16):
        suggest(known(n), 1.0, starts, FIDELITIES[:2], 0.5)
    assert suggest._cache_size() == before + 1
