"""The GP engine's mathematics: NumPy, SciPy and scikit-learn as oracles, slopes, failures."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from agents.gp.data import LARGEST, Data, pad
from agents.gp.engine import fit, inverse, kernel, posterior
from agents.gp.engine.buckets import bucket, screened, starts
from agents.gp.engine.programs import options
from agents.gp.engine.schedule import Schedule

pytestmark = pytest.mark.usefixtures("float64")
FREE = np.array([-0.4, 0.1, -0.7, 0.3, 0.5, -3.0, 0.2])  # four features
jit = partial(jax.jit, compiler_options=options())  # as the engine is compiled
evaluate = jit(fit.evaluate)
learn = jit(fit.learn)
condition = jit(posterior.condition)
moments = jit(posterior.moments)


def made_up(n, seed=0):
    """Features [n, 4] and values [n] of a smooth function with little noise."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 4))
    return x, np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.05 * rng.normal(size=n)


def dense(a, b, free=FREE):
    """The covariance by its definition."""
    lengths = np.exp(free[:4])
    s = np.sqrt(5) * cdist(a / lengths, b / lengths)
    return np.exp(free[4]) * (1 + s + s**2 / 3) * np.exp(-s)


def noise(free=FREE):
    return kernel.NOISE_FLOOR + np.exp(free[5])


def log_prior(free):
    far = (free[:4] - 0.5 * np.log(4)) ** 2
    return -0.5 * (far.sum() + (free[4] / 2) ** 2 + ((free[5] + 5) / 2.5) ** 2 + free[6] ** 2)


def test_density_is_scipys():
    x, y = made_up(20)
    expected = multivariate_normal(np.full(20, FREE[6]), dense(x, x) + noise() * np.eye(20))
    loss, _, solved = evaluate(FREE, pad(x, y, 64))
    np.testing.assert_allclose(loss, -expected.logpdf(y) - log_prior(FREE), rtol=1e-10)
    inverted = np.linalg.inv(dense(x, x) + noise() * np.eye(20))
    np.testing.assert_allclose(solved.inverse[:20, :20], inverted, rtol=1e-7, atol=1e-8)
    np.testing.assert_array_equal(solved.inverse[20:, 20:], np.eye(44))
    np.testing.assert_allclose(solved.weights[:20], inverted @ (y - FREE[6]), rtol=1e-7)


@pytest.mark.parametrize("scale", [0.0, 0.5, 1.5])
def test_slope_is_the_finite_difference(scale):
    data = pad(*made_up(25), 64)
    free = FREE + scale * np.random.default_rng(1).normal(size=7)
    moves = 1e-5 * np.eye(7)
    expected = [(evaluate(free + m, data)[0] - evaluate(free - m, data)[0]) / 2e-5 for m in moves]
    np.testing.assert_allclose(evaluate(free, data)[1], expected, rtol=1e-5, atol=1e-6)


def test_padding_is_exact_whatever_it_holds():
    x, y = made_up(25)
    padded = pad(x, y, 64)
    padded.x[25:], padded.y[25:] = 0.7, 1e6
    exact = Data(x, y, np.ones(25))
    for found, expected in zip(evaluate(FREE, padded)[:2], evaluate(FREE, exact)[:2], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    for found, expected in zip(
        moments(condition(kernel.constrain(FREE), padded)[0], x + 0.1),
        moments(condition(kernel.constrain(FREE), exact)[0], x + 0.1),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_scikit_learn_agrees():
    gp = pytest.importorskip("sklearn.gaussian_process")
    (x, y), (new, _) = made_up(40), made_up(9, seed=1)
    parts = gp.kernels
    theirs = (
        parts.ConstantKernel(np.exp(FREE[4])) * parts.Matern(np.exp(FREE[:4]), nu=2.5)
        + parts.WhiteKernel(noise())
    )  # fmt: skip
    oracle = gp.GaussianProcessRegressor(theirs, alpha=0.0, optimizer=None).fit(x, y - FREE[6])
    loss, _, _ = evaluate(FREE, pad(x, y, 64))
    expected = oracle.log_marginal_likelihood(theirs.theta)
    np.testing.assert_allclose(loss, -expected - log_prior(FREE), rtol=1e-8)
    known, jitter = condition(kernel.constrain(FREE), pad(x, y, 64))
    mean, sd = moments(known, new)
    their_mean, their_sd = oracle.predict(new, return_std=True)
    np.testing.assert_allclose(mean, their_mean + FREE[6], rtol=1e-7)
    np.testing.assert_allclose(np.hypot(sd, np.sqrt(noise())), their_sd, rtol=1e-7)
    assert jitter == 0


def test_inverse_by_halves(monkeypatch):
    monkeypatch.setattr(inverse, "LEAF", 16)
    rng = np.random.default_rng(0)
    factor = rng.normal(size=(72, 72))
    matrix = factor @ factor.T + np.eye(72)
    found, half_log_det = inverse.inverse(matrix)
    np.testing.assert_allclose(found, np.linalg.inv(matrix), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(half_log_det, 0.5 * np.linalg.slogdet(matrix)[1], rtol=1e-12)
    root = np.asarray(inverse.triangular(np.linalg.cholesky(matrix)))
    np.testing.assert_array_equal(np.triu(root, 1), 0)


def test_appending_is_conditioning_on_all():
    x, y = made_up(30)
    hyper = kernel.constrain(FREE)
    known, _ = condition(hyper, pad(x[:25], y[:25], 64))
    append = jit(posterior.append)
    for row in range(25, 30):
        mean, sd = moments(known, x[row : row + 1])
        known, foreseen, variance = append(known, row, x[row], y[row])
        np.testing.assert_allclose(foreseen, mean[0], rtol=1e-9)
        np.testing.assert_allclose(variance, sd[0] ** 2 + noise(), rtol=1e-8)
    whole, _ = condition(hyper, pad(x, y, 64))
    for found, expected in zip(jax.tree.leaves(known), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_draws_have_the_posterior_as_their_law():
    (x, y), (new, _) = made_up(20), made_up(4, seed=1)
    known, _ = condition(kernel.constrain(FREE), pad(x, y, 64))
    new = np.concatenate([new, new[:1]])  # one point twice: the same value in every draw
    normals = np.random.default_rng(0).normal(size=(40_000, 5))
    drawn = np.asarray(jit(posterior.draw)(known, new, normals))
    solved = np.linalg.solve(dense(x, x) + noise() * np.eye(20), dense(x, new))
    covariance = dense(new, new) - dense(new, x) @ solved
    np.testing.assert_allclose(drawn.mean(axis=0), FREE[6] + (y - FREE[6]) @ solved, atol=0.01)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.02 * covariance.max())
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 4], atol=1e-5)


def test_slope_of_the_moments():
    x, y = made_up(20)
    known, _ = condition(kernel.constrain(FREE), pad(x, y, 64))
    at = np.array([0.3, 0.2, 0.8, 0.4])

    @jax.jit
    def total(point):
        mean, sd = posterior.moments(known, point[None])
        return mean[0] + 3 * sd[0]

    expected = [(total(at + m) - total(at - m)) / 2e-6 for m in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(jax.jit(jax.grad(total))(at), expected, rtol=1e-5)
    assert np.isfinite(jax.jit(jax.grad(total))(x[0])).all()  # at an observation


def test_a_fit_ends_where_it_is_flat_and_below_the_truth():
    x, _ = made_up(60)
    rng = np.random.default_rng(2)
    y = rng.multivariate_normal(np.full(60, FREE[6]), dense(x, x) + noise() * np.eye(60))
    data = pad(x, y, 64)
    found = learn(data, starts(kernel.origin(4), 64))
    assert found.finite
    assert found.evaluations < fit.EVALUATIONS
    loss, slope, solved = evaluate(found.free, data)
    np.testing.assert_allclose(found.loss, loss, rtol=1e-9)
    assert np.abs(slope).max() <= 4 * fit.FLAT  # of the best start; others may end first
    assert loss < evaluate(FREE, data)[0]
    np.testing.assert_allclose(found.posterior.inverse, solved.inverse, rtol=1e-6, atol=1e-8)


def test_a_fit_of_many_rows_ends_sooner_and_loses_hardly_anything(monkeypatch):
    x, _ = made_up(200)
    rng = np.random.default_rng(3)
    y = rng.multivariate_normal(np.full(200, FREE[6]), dense(x, x) + noise() * np.eye(200))
    data, begin = pad(x, y, 256), starts(kernel.origin(4), 256)
    found = learn(data, begin)
    monkeypatch.setattr(fit, "SMALLEST", 256)  # as flat as with few rows
    flatter = jax.jit(lambda *given: fit.learn(*given))(data, begin)
    assert found.evaluations < flatter.evaluations
    assert 0 <= found.loss - flatter.loss < 0.01


def test_a_warm_start_takes_fewer_evaluations():
    x, y = made_up(60)
    cold = learn(pad(x, y, 64), kernel.origin(4)[None])
    more = pad(*made_up(62), 64)
    warm = learn(more, np.asarray(cold.free)[None])
    assert warm.evaluations < cold.evaluations
    np.testing.assert_allclose(warm.loss, learn(more, kernel.origin(4)[None]).loss, atol=0.05)


def test_the_best_of_several_starts():
    data = pad(*made_up(30), 64)
    several = kernel.origin(4) + np.random.default_rng(0).normal(size=(2, 7))
    together = learn(data, several)
    alone = [float(learn(data, start[None]).loss) for start in several]
    np.testing.assert_allclose(together.loss, min(alone), rtol=1e-9)


def test_nothing_finite_is_told():
    x, y = made_up(20)
    found = learn(pad(x, np.where(np.arange(20) == 3, np.nan, y), 64), FREE[None])
    assert not found.finite


def test_jitter_where_there_is_no_factor():
    x = np.repeat(made_up(5)[0], 8, axis=0)
    hyper = kernel.constrain(FREE)._replace(noise=0.0)
    known, jitter = condition(hyper, pad(x, np.ones(40), 64))
    assert 0 < jitter <= 1e-4 * np.exp(FREE[4])
    np.testing.assert_allclose(known.hyper.noise, jitter)
    assert np.isfinite(known.inverse).all()


def test_sizes():
    assert [bucket(n) for n in (1, 64, 65, 200, 257, 500, 1000, LARGEST)] == [
        64, 64, 128, 256, 384, 512, 1024, 1024,
    ]  # fmt: skip
    assert [screened(size) for size in (64, 256, 384)] == [384, 384, 192]
    np.testing.assert_array_equal(starts(FREE, 64), [FREE, kernel.origin(4)])
    np.testing.assert_array_equal(starts(FREE, 128), [FREE])
    with pytest.raises(ValueError, match="observations: expected at most 1024, got 1025"):
        bucket(1025)


def test_when_to_fit():
    schedule = Schedule()
    assert not schedule.due(0)
    assert schedule.due(1)
    for fitted, later in ((5, 6), (50, 55), (400, 420)):
        schedule.fitted(fitted)
        assert not schedule.due(later - 1) or later == fitted + 1
        assert schedule.due(later)


def test_surprises_bring_the_fit_forward():
    schedule = Schedule()
    schedule.fitted(500)
    for _ in range(8):
        schedule.seen(1.0)
    assert not schedule.due(508)
    schedule.seen(12.0)
    assert schedule.due(509)
    schedule.fitted(509)
    assert not schedule.due(510)
