"""Sobol points and lattices: how they fill the region."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

import agents
from mixenv.problem import Experiment


def draws(lab, name, problem, n, seed=0):
    agent = agents.make(name, problem, seed)
    asked = []
    for _ in range(n):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(1.0))
    assert all((e.scale, e.steps) == problem.target for e in asked)
    return np.array([e.mixture for e in asked])


@pytest.mark.parametrize("cap", [0.5, 1.0])
def test_sobol_points_are_uniform_and_evener_than_random_ones(lab, cap):
    problem = lab.make_problem(cap)
    reference = problem.region.sample(np.random.default_rng(9), 100_000).mean(axis=0)
    apart = {}
    for name in ("sobol", "random"):
        drawn = [draws(lab, name, problem, 128, seed) for seed in range(8)]
        apart[name] = np.mean([abs(d.mean(axis=0) - reference).mean() for d in drawn])
    assert apart["sobol"] < 0.5 * apart["random"]
    drawn, other = draws(lab, "sobol", problem, 512)[:, 0], problem.region.sample(
        np.random.default_rng(1), 20_000
    )[:, 0]  # fmt: skip
    assert kstest(drawn, other).pvalue > 0.01


def test_sobol_points_differ_by_seed(lab):
    problem = lab.make_problem()
    one, two = (draws(lab, "sobol", problem, 4, seed) for seed in (0, 1))
    assert abs(one - two).max() > 0.01


def test_sobol_where_hardly_a_point_is_under_the_cap(lab):
    problem = lab.make_problem(0.07, domains=15)
    drawn = draws(lab, "sobol", problem, 70)
    assert drawn.max() <= 0.07 + 1e-9
    assert len(np.unique(drawn.round(6), axis=0)) == 70


def test_grid_goes_from_coarse_to_fine(lab):
    problem = lab.make_problem(0.5)
    drawn = draws(lab, "grid", problem, 1 + 6 + 4 + 12)
    np.testing.assert_allclose(drawn[0], 0.25)
    np.testing.assert_allclose(np.sort(drawn[1:7]), np.tile([0, 0, 0.5, 0.5], (6, 1)))
    np.testing.assert_allclose(np.sort(drawn[7:11]), np.tile([0, 1 / 3, 1 / 3, 1 / 3], (4, 1)))
    np.testing.assert_allclose(drawn[11:] * 4, (drawn[11:] * 4).round(), atol=1e-9)
    assert len(np.unique(drawn.round(9), axis=0)) == len(drawn)


def test_grid_is_shuffled_by_the_seed(lab):
    one, two = (draws(lab, "grid", lab.make_problem(), 7, seed) for seed in (0, 1))
    assert abs(one - two).max() > 0
    np.testing.assert_array_equal(np.unique(one, axis=0), np.unique(two, axis=0))


def test_grid_goes_on_after_its_last_level(lab, monkeypatch):
    monkeypatch.setattr("agents.lattice._LIMIT", 20)  # parts 2 and 3 alone
    drawn = draws(lab, "grid", lab.make_problem(0.5), 40)
    assert len(np.unique(drawn.round(9), axis=0)) == 40


def test_grid_trains_every_row_of_a_pool_before_any_twice(lab):
    rows = np.random.default_rng(0).dirichlet(np.ones(4), 9)
    problem = lab.make_problem(1.0, pools=dict.fromkeys(lab.SCALES, rows))
    drawn = draws(lab, "grid", problem, 18)
    for part in (drawn[:9], drawn[9:]):
        assert len(np.unique(part, axis=0)) == 9
    nearest = np.abs(rows - 0.25).sum(axis=1).argmin()
    np.testing.assert_array_equal(drawn[0], rows[nearest])


@pytest.mark.parametrize("name", ["sobol", "grid"])
def test_recommends_the_best_at_the_target(lab, name):
    problem = lab.make_problem()
    agent = agents.make(name, problem, 0)
    seen = []
    for _ in range(12):
        asked = agent.ask()
        seen.append((lab.quadratic(asked), asked))
        agent.tell(asked, lab.outcome(seen[-1][0]))
    best = min(seen, key=lambda pair: pair[0])[1]
    np.testing.assert_array_equal(agent.recommend(), best.mixture)
    agent.tell(Experiment(np.full(4, 0.25), lab.SCALES[0], problem.target[1]), lab.outcome(-9.0))
    np.testing.assert_array_equal(agent.recommend(), best.mixture)
