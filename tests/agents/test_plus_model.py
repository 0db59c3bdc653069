"""The model of MFMS-GP+ against dense formulas, finite differences and itself unpadded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from agents.gp.precision import float64
from agents.plus import model, posterior
from agents.plus import rows as rowing
from agents.plus.fit import fit, pad, value_and_slope
from agents.plus.geometry import Geometry
from agents.plus.outputs import Outputs
from agents.plus.priors import PRIORS, Doubt, priors, unpack
from agents.plus.settings import Settings

SETTINGS = Settings()
DOMAINS, SIZE = 4, 64


def free(seed=0, domains=DOMAINS):
    """Free hyper-parameters away from their priors' means, and from symmetry."""
    mean, sd = priors(SETTINGS, domains, bent=True)
    return mean + 0.6 * sd * np.random.default_rng(seed).normal(size=len(mean))


def made_up(lab, n, seed=0):
    """Rows of `n` checkpoints, three a run, some mixtures and fidelities more than once."""
    rng = np.random.default_rng(seed)
    runs = np.arange(n) // 3
    few = rng.dirichlet(np.ones(DOMAINS), max(2, n // 4))
    mixtures = few[rng.integers(len(few), size=n // 3 + 1)][runs]
    scales = np.array(lab.SCALES)[rng.integers(3, size=n // 3 + 1)][runs]
    return rowing.Rows(mixtures, scales, rng.choice(lab.STEPS, n), runs, rng.normal(size=(n, 1)))


def dense(hyper, w, x, v, z):
    """The covariance of one pair, from its definition: roots of shares, fidelities relative.

    The trend is of logarithms, the rest of both bent as Box and Cox have it, from -1 to 0.
    """
    p, q = (np.array([1, s, t, s * s, s * t, t * t]) for s, t in (x, z))
    c = np.array([hyper.scale_bend, hyper.steps_bend])
    x, z = ((np.exp(c * place) - 1) / (1 - np.exp(-c)) for place in (x, z))
    r = np.sqrt(5 * np.sum(((np.sqrt(w) - np.sqrt(v)) / hyper.lengths) ** 2) + 1e-12)
    matern = hyper.matern * (1 + r + r**2 / 3) * np.exp(-r)
    linear = hyper.linear * np.sum((w - 1 / len(w)) * (v - 1 / len(w)))
    lower = np.array(
        [[1, 0, 0], [hyper.scale_mean, hyper.scale_own, 0],
         [hyper.steps_mean, hyper.both, hyper.steps_own]]
    )  # fmt: skip
    loaded = np.array([1, *x]) @ lower @ lower.T @ np.array([1, *z])
    near = np.exp(-0.5 * np.sum((x - z) ** 2) / hyper.reach**2)
    found = (
        (matern + linear) * loaded + hyper.local * matern * near + hyper.drift * near
        + hyper.trend * p @ q
    )  # fmt: skip
    if hyper.doubt is None:
        return found
    level, effect, reach = hyper.doubt
    return found + (effect * (matern + linear) + level) * np.exp(-np.abs(x - z).sum() / reach)


def dense_matrix(hyper, a, b):
    pairs = [(a.shares[i], a.where[j]) for i, j in zip(a.which, a.at, strict=True)]
    others = [(b.shares[i], b.where[j]) for i, j in zip(b.which, b.at, strict=True)]
    return np.array([[dense(hyper, *one, *two) for two in others] for one in pairs])


def dense_noise(hyper, level, run):
    same = run[:, None] == run[None]
    own = np.eye(len(run)) * hyper.row_noise
    return (hyper.run_noise * same + own) * np.outer(level, level)


@pytest.fixture
def known(lab):
    """A geometry, 20 rows, their points and noise levels, and hyper-parameters."""
    geometry, rows = Geometry(lab.make_problem(), SETTINGS), made_up(lab, 20)
    points = geometry.points(rows.mixtures, rows.scales, rows.steps)
    return geometry, rows, points, geometry.level(rows.scales, rows.steps), unpack(free(), np)


@pytest.mark.parametrize("doubt", [None, Doubt(3.0, 0.3, 0.3)])
def test_covariance_is_the_dense_formula(known, doubt):
    geometry, rows, points, _, hyper = known
    hyper = hyper._replace(doubt=doubt)
    target = geometry.at_target(rows.mixtures[:5])
    for a, b in ((points, points), (target, points), (points, target), (target, target)):
        found = posterior.covariance(hyper, a, b)
        np.testing.assert_allclose(found, dense_matrix(hyper, a, b), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_covariance_is_positive_semidefinite(known, seed):
    _, _, points, _, _ = known
    values = np.linalg.eigvalsh(posterior.covariance(unpack(free(seed), np), points, points))
    assert values.min() > -1e-7 * values.max()


def test_the_target_is_the_origin_and_noise_grows_away_from_it(lab):
    geometry = Geometry(lab.make_problem(), SETTINGS)
    points = geometry.points(np.full((2, 4), 0.25), np.array([1e9, 1e7]), np.array([2000, 200]))
    np.testing.assert_allclose(points.where[points.at][0], 0)
    assert points.where[points.at][1][0] == pytest.approx(-1)  # the smallest of the scales
    np.testing.assert_allclose(geometry.level([1e9, 1e7], [2000, 200]), [1, 1000**0.25])


def test_loss_is_the_density_of_the_values_and_the_priors(known):
    _, rows, points, level, hyper = known
    mean, sd = priors(SETTINGS, DOMAINS, bent=True)
    covariance = dense_matrix(hyper, points, points) + dense_noise(hyper, level, rows.runs)
    covariance += SETTINGS.jitter * np.eye(20)
    normal = multivariate_normal(np.zeros(20), covariance)
    expected = -normal.logpdf(rows.values[:, 0]) - 10 * np.log(2 * np.pi)
    expected += 0.5 * np.sum(((free() - mean)[sd > 0] / sd[sd > 0]) ** 2)
    assert evaluated(rows, points, level)[0] == pytest.approx(expected, rel=1e-8)


def evaluated(rows, points, level, at=None, size=SIZE):
    mean, sd = priors(SETTINGS, DOMAINS, bent=True)
    values = np.pad(rows.values[:, 0], (0, size - len(rows)))
    inputs = pad(points, level, rows.runs, size)
    with float64():
        value, slope = value_and_slope(
            free() if at is None else at, inputs, values, None, mean, sd, SETTINGS.jitter
        )
        return float(value), np.asarray(slope)


def test_slope_agrees_with_finite_differences(known):
    _, rows, points, level, _ = known
    _, slope = evaluated(rows, points, level)
    for i in range(len(slope) - 1):  # the last, the trend's size, is fixed
        up, down = free(), free()
        up[i], down[i] = up[i] + 1e-5, down[i] - 1e-5
        sides = [evaluated(rows, points, level, at)[0] for at in (up, down)]
        assert slope[i] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=2e-4, abs=1e-5)


def test_padding_changes_nothing_and_a_bucket_compiles_once(known):
    _, rows, points, level, _ = known
    short = evaluated(rows, points, level)
    compiled = value_and_slope._cache_size()
    evaluated(rows, points, level, at=free(1))
    assert value_and_slope._cache_size() == compiled
    long = evaluated(rows, points, level, size=2 * SIZE)
    assert value_and_slope._cache_size() <= compiled + 1
    np.testing.assert_allclose(long[0], short[0], rtol=1e-10)
    np.testing.assert_allclose(long[1], short[1], rtol=1e-6, atol=1e-8)


def test_fits_of_any_number_of_rows_and_outputs_share_a_bucket(known, lab):
    _, rows, points, level, _ = known
    fit(None, points, level, rows.runs, rows.values, SETTINGS)
    compiled = value_and_slope._cache_size()
    more = made_up(lab, 50, 1)
    geometry = Geometry(lab.make_problem(), SETTINGS)
    places = geometry.points(more.mixtures, more.scales, more.steps)
    level = geometry.level(more.scales, more.steps)
    both = np.concatenate([more.values, more.values**2], axis=1)
    assert fit(None, places, level, more.runs, both, SETTINGS).shape == (2, len(free()))
    assert value_and_slope._cache_size() == compiled


def test_a_fit_lowers_the_loss_and_leaves_fixed_values(known):
    _, rows, points, level, _ = known
    start = free()[None]
    end = fit(start, points, level, rows.runs, rows.values, SETTINGS)
    assert evaluated(rows, points, level, end[0])[0] < evaluated(rows, points, level)[0] - 1
    assert end[0][-3:].tolist() == start[0][-3:].tolist()
    fixed = [PRIORS["trend"][0], SETTINGS.scale_bend, SETTINGS.steps_bend]
    assert start[0][-3:].tolist() == fixed


def test_a_fit_of_values_that_are_not_finite_keeps_its_start(known):
    _, rows, points, level, _ = known
    start = free()[None]
    end = fit(start, points, level, rows.runs, np.full((20, 1), np.nan), SETTINGS)
    np.testing.assert_array_equal(end, start)


def test_posterior_is_the_dense_formula(known):
    geometry, rows, points, level, hyper = known
    found = posterior.condition((hyper,), points, level, rows.runs, rows.values, 1e-8)
    noisy = dense_matrix(hyper, points, points) + dense_noise(hyper, level, rows.runs)
    noisy += 1e-8 * np.eye(20)
    scales, steps = np.array([1e9, 1e7] * 2), np.array([2000, 300] * 2)
    new = geometry.points(rows.mixtures[::3][:4], scales, steps)
    for asked in (new, geometry.at_target(rows.mixtures[:5])):
        cross = dense_matrix(hyper, asked, points)
        white = posterior.whiten(found, asked)
        np.testing.assert_allclose(
            posterior.mean(found, asked)[0], cross @ np.linalg.solve(noisy, rows.values[:, 0]),
            rtol=1e-5, atol=1e-7,
        )  # fmt: skip
        both = dense_matrix(hyper, asked, asked) - cross @ np.linalg.solve(noisy, cross.T)
        between = posterior.between(found, asked, white, asked, white)[0]
        np.testing.assert_allclose(between, both, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(
            posterior.variance(found, asked, white)[0], np.diag(both), rtol=1e-4, atol=1e-6
        )


def test_pending_rows_lower_variances_as_told_ones_and_move_no_mean(known):
    geometry, rows, points, level, hyper = known
    full = posterior.condition((hyper,), points, level, rows.runs, rows.values, 1e-8)
    waiting = posterior.condition((hyper,), points, level, rows.runs, rows.values[:15], 1e-8)
    first = rows.take(np.arange(15))
    places = geometry.points(first.mixtures, first.scales, first.steps)
    without = posterior.condition((hyper,), places, level[:15], first.runs, first.values, 1e-8)
    asked = geometry.at_target(rows.mixtures[:4])
    spread = [posterior.variance(p, asked, posterior.whiten(p, asked)) for p in (full, waiting)]
    np.testing.assert_allclose(*spread)
    np.testing.assert_allclose(posterior.mean(waiting, asked), posterior.mean(without, asked))
    assert not np.allclose(posterior.mean(full, asked), posterior.mean(waiting, asked))


def test_jitter_grows_until_there_is_a_factor():
    singular = np.ones((5, 5)) - 1e-6 * np.eye(5)
    root, jitter = posterior.factor(singular.copy(), 1e-12)
    assert 1e-7 < jitter < 1e-4
    np.testing.assert_allclose(root @ root.T, singular + jitter * np.eye(5), atol=1e-12)
    with pytest.raises(np.linalg.LinAlgError, match="no large negative eigenvalue, got 4 NaN"):
        posterior.factor(np.full((2, 2), np.nan), 1e-8)


def test_a_prediction_doubts_a_scale_without_runs(lab):
    """More than the model that decisions look at; runs there take most of the doubt away."""
    rows, problem = made_up(lab, 24), lab.make_problem()
    geometry, outputs = Geometry(problem, SETTINGS), Outputs(problem.objective, SETTINGS)
    target = geometry.at_target(rows.mixtures[::3])
    sure, doubtful = [], []
    for scale in (1e7, 1e9):
        told = replace(rows, scales=np.full(24, scale), steps=np.full(24, 2000))
        learned = model.build(free()[None], told, rowing.empty(4, 1), geometry, outputs, SETTINGS)
        white = posterior.whiten(learned.posterior, target)
        sure.append(posterior.variance(learned.posterior, target, white)[0])
        spread = learned._given.scaling.spread[0]
        doubtful.append(learned.predict(target).variance / spread**2)
    assert (doubtful[0] > sure[0] + SETTINGS.doubt_level).all()  # far from 1e7
    assert (doubtful[1] < 0.5 * doubtful[0]).all()


def test_learns_that_cheap_runs_point_the_other_way(lab):
    """At the smallest scale the effect is turned round; two target runs and five there show it."""
    rng = np.random.default_rng(4)
    problem = lab.make_problem(1.0)
    mixtures = rng.dirichlet(np.ones(4), 26)
    scales = np.where(np.arange(26) < 18, 1e7, 1e9)
    signs = np.where(scales == 1e9, 1.0, -1.0)
    effect = mixtures @ np.array([2.0, 0.5, -1.0, -1.5])
    values = 3 + signs * effect - 0.5 * np.log(scales / 1e9) + 0.01 * rng.normal(size=26)
    geometry = Geometry(problem, SETTINGS)
    rows = rowing.Rows(mixtures, scales, np.full(26, 2000), np.arange(26), values[:, None])
    outputs = Outputs(problem.objective, SETTINGS)
    none = rowing.empty(4, 1)
    found = model.learn(None, rows, geometry, SETTINGS)
    assert unpack(found[0], np).scale_mean > 1  # 1 + scale_mean x (-1) is under 0
    learned = model.build(found, rows, none, geometry, outputs, SETTINGS)
    fresh = rng.dirichlet(np.ones(4), 50)
    expected = 3 + fresh @ np.array([2.0, 0.5, -1.0, -1.5])
    at_target = learned.predict(geometry.at_target(fresh)).mean
    cheap = learned.predict(geometry.points(fresh, 1e7, 2000)).mean
    assert np.corrcoef(at_target, expected)[0, 1] > 0.95
    assert np.corrcoef(cheap, expected)[0, 1] < -0.95
