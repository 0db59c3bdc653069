"""Suggestions: the search against brute force, compiles, odd data, what is kept."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from agents.gp.acquisition import log_improvement
from agents.gp.engine import programs as compiled
from agents.gp.engine import suggester as module
from agents.gp.engine.posterior import moments
from agents.gp.engine.programs import options, programs
from agents.gp.engine.search import Grid, incumbent, project
from agents.gp.engine.suggester import Suggester
from agents.gp.precision import float64
from mixenv import simplex

GRID = np.stack(np.meshgrid(np.linspace(0, 1, 3), np.linspace(0, 1, 4), indexing="ij"), -1)
GRID = GRID.reshape(-1, 2)


def observations(n, seed=0, cap=0.6):
    """Features [n, 6] and values [n]: four shares, best at a mixture inside, and a place."""
    rng = np.random.default_rng(seed)
    shares = simplex.sample(rng, n, 4, cap)
    x = np.concatenate([shares, GRID[rng.integers(len(GRID), size=n)]], axis=1)
    far = ((shares - [0.4, 0.3, 0.2, 0.1]) ** 2).sum(axis=1)
    return x, 3 + 2 * far - 0.5 * x[:, 4] - 0.3 * x[:, 5] + 0.01 * rng.normal(size=n)


def told(x, y, penalty=None):
    agent = Suggester(4, 0.6, GRID, np.random.default_rng(0), penalty)
    for row, value in zip(x, y, strict=True):
        agent.add(row, value)
    return agent


def check(x, cap=0.6):
    """A valid experiment."""
    assert x.shape == (6,)
    assert simplex.check_mixture(x[:4], 4, cap) is not None
    assert (x[4:] == GRID).all(axis=1).any()


@pytest.mark.parametrize("cap", [0.3, 0.5, 1.0])
@pytest.mark.usefixtures("float64")
def test_projection_is_the_simplexs(cap):
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(200, 4)), simplex.sample(rng, 20, 4, cap), np.eye(4)])
    found = jax.jit(project)(points, cap)
    np.testing.assert_allclose(found, simplex.project(points, cap), atol=1e-12)


def test_search_is_as_good_as_brute_force():
    penalty = np.linspace(0, 1, len(GRID))
    agent = told(*observations(40), penalty=penalty)
    rng, place = np.random.default_rng(1), np.arange(len(GRID))
    with float64():
        known = agent._current()
        starts = agent._starts(384)
        found = programs().search(
            known, Grid(GRID, penalty), starts, rng.integers(len(GRID), size=384), 0.6
        )
        best = incumbent(known)

        @jax.jit
        def score(shares, where):
            x = jnp.concatenate([shares, jnp.asarray(GRID)[where]], axis=1)
            mean, sd = moments(known, x)
            return log_improvement(mean, sd, best) - jnp.asarray(penalty)[where]

        draws = simplex.sample(rng, 300, 4, 0.6)
        every = np.array([score(draws, np.full(300, f)) for f in place])
        tops = np.unravel_index(np.argsort(every, axis=None)[-3:], every.shape)
        ends = [
            -minimize(
                lambda u, f=f: float(-score(simplex.project(u, 0.6)[None], np.array([f]))[0]),
                draws[i], method="Nelder-Mead", options={"maxiter": 60},
            ).fun
            for f, i in zip(*tops, strict=True)
        ]  # fmt: skip
        at = float(score(found.shares[:1], found.place[:1])[0])
    scores = np.asarray(found.score)
    np.testing.assert_allclose(scores[0], at, atol=1e-6)
    assert scores[0] > max(ends) - 0.03
    assert (np.diff(scores) <= 0).all()


def test_compiles_at_most_once_a_bucket():
    x, y = observations(70)
    names = ("learn", "append", "search")
    agent = Suggester(4, 0.6, GRID, np.random.default_rng(0))
    compiled.programs.cache_clear()
    jax.clear_caches()  # functions jitted again share what earlier tests compiled
    counts = []
    for row, value in zip(x, y, strict=True):
        agent.add(row, value)
        if len(agent) in (1, 2, 9, 63, 66, 67, 70):
            agent.suggest()
            counts.append([getattr(programs(), name)._cache_size() for name in names])
    assert counts[0] == [1, 0, 1]
    assert counts[3] == [1, 1, 1]  # 63 observations: one bucket
    assert counts[-1] == [2, 2, 2]  # 70: two


def test_predictions_hold_what_was_seen():
    x, y = observations(60)
    agent = told(x[:50], y[:50])
    mean, sd = agent.predict(x[50:])
    assert mean.shape == sd.shape == (10,)
    far = (y[50:] - mean) / np.hypot(sd, agent.noise)
    assert np.abs(far).max() < 4
    assert np.abs(y[50:] - mean).max() < 0.1
    assert 0.002 < agent.noise < 0.03
    drawn = agent.sample(x[50:], 400)
    assert drawn.shape == (400, 10)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.02)


def test_appended_or_fitted_at_once():
    """What grows one by one tells what one fit of everything does, nearly."""
    x, y = observations(60)
    grown = told(x[:40], y[:40])
    for row in range(40, 60):
        grown.add(x[row], y[row])
        grown.predict(x[:1])
    fits = grown._schedule._fitted
    assert 50 <= fits < 60
    whole = told(x, y)
    new, _ = observations(20, seed=5)
    for a, b in zip(grown.predict(new), whole.predict(new), strict=True):
        np.testing.assert_allclose(a, b, atol=0.02)


def test_the_same_seed_suggests_the_same():
    one, two = (told(*observations(20)) for _ in range(2))
    np.testing.assert_array_equal(one.suggest(), two.suggest())


def test_finds_the_best():
    agent, values = told(*observations(30)), []
    for _ in range(15):
        x = agent.suggest()
        far = ((x[:4] - [0.4, 0.3, 0.2, 0.1]) ** 2).sum()
        values.append(3 + 2 * far - 0.5 * x[4] - 0.3 * x[5])
        agent.add(x, values[-1])
    assert 2.2 <= min(values) < 2.205  # 0.05 from the best mixture at the best place, or nearer


def test_a_penalty_keeps_away():
    penalty = np.where((GRID == 1).all(axis=1), 1e3, 0.0)
    assert not (told(*observations(30), penalty=penalty).suggest()[4:] == 1).all()


ODD = {
    "none": (np.empty((0, 6)), np.empty(0)),
    "one": observations(1),
    "two": observations(2),
    "constant": (observations(20)[0], np.full(20, 2.5)),
    "duplicated": tuple(np.repeat(part, 12, axis=0) for part in observations(3)),
    "duplicated, apart": (np.repeat(observations(2)[0], 10, axis=0), np.arange(20.0)),
    "huge": (observations(20)[0], 1e12 * observations(20)[1]),
    "tiny": (observations(20)[0], 1e-12 * observations(20)[1]),
    "an outlier": (observations(20)[0], np.r_[1e9, observations(20)[1][1:]]),
    "NaN": (observations(20)[0], np.where(np.arange(20) % 3 == 0, np.nan, 1.0)),
    "all NaN": (observations(9)[0], np.full(9, np.nan)),
    "extremes": (
        np.c_[0.6 * np.eye(4)[[0, 1, 2]] + 0.4 * np.eye(4)[[3, 3, 3]], GRID[:3]],
        [1, 2, 3],
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_always_a_valid_experiment(name):
    x, y = ODD[name]
    agent = told(x, y)
    for _ in range(3):
        suggested = agent.suggest()
        check(suggested)
        agent.add(suggested, 1.0)
    mean, sd = agent.predict(observations(5)[0])
    assert np.isfinite(mean).all()
    assert (sd > 0).all()


def test_what_is_not_finite_is_passed_over():
    agent = told(*observations(5))
    assert not agent.add(observations(1)[0][0], np.nan)
    assert not agent.add(np.r_[np.nan, observations(1)[0][0, 1:]], 1.0)
    assert len(agent) == 5
    assert agent.add(observations(1)[0][0], 1.0)
    assert len(agent) == 6


def test_mistakes_lose_nothing():
    agent = Suggester(4, 0.6, GRID, np.random.default_rng(0))
    with pytest.raises(ValueError, match="predict: expected at least one observation, got none"):
        agent.predict(observations(1)[0])
    with pytest.raises(ValueError, match="sample: expected at least one observation, got none"):
        agent.sample(observations(1)[0], 2)
    with pytest.raises(ValueError, match=r"features: expected 6, shares then place, got shape \(5"):
        agent.add(np.zeros(5), 1.0)
    with pytest.raises(ValueError, match="max_share: expected more than 1/4"):
        Suggester(4, 0.2, GRID, np.random.default_rng(0))
    assert len(agent) == 0


def test_a_fit_that_fails_leaves_the_origin(monkeypatch):
    fails = programs()._replace(learn=lambda *a: programs().learn(*a)._replace(finite=False))
    monkeypatch.setattr(module, "programs", lambda: fails)
    agent = told(*observations(20))
    check(agent.suggest())
    assert agent.status is not None
    assert agent.status == module.Status(False, agent.status.loss, agent.status.evaluations, 0.0)
    np.testing.assert_allclose(np.asarray(agent._posterior.hyper.lengths), 1.0)


def test_above_the_largest_bucket(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 30)
    monkeypatch.setattr(module, "keep", lambda values: keep(values, 30))
    x, y = observations(36)
    agent = told(x, y)
    check(agent.suggest())
    assert np.asarray(agent._posterior.data.mask).sum() == 30
    agent.add(x[0], y[0])
    check(agent.suggest())


keep = module.keep


def test_compiler_options_are_those_that_jax_knows():
    assert options({"xla_no_such_option": True}) == {}
    assert options({}) == {}
    known = options()
    assert known == {} or known == {"xla_cpu_use_fusion_emitters": False}


def test_status_of_a_fit():
    agent = told(*observations(20))
    assert agent.status is None
    agent.suggest()
    assert agent.status is not None
    assert agent.status.converged
    assert agent.status.evaluations > 0
    assert agent.status.jitter == 0
