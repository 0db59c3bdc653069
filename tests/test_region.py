"""Regions: what they draw, and where they find the least of functions whose least is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog

from mixenv import simplex
from mixenv.region import CappedSimplex, RecordedMixtures


def test_a_cap_without_interior_is_refused():
    with pytest.raises(ValueError, match=r"max_share: expected more than 1/4 = 0\.25"):
        CappedSimplex(4, 0.25)


def test_reference_mixtures_are_fixed_uniform_and_allowed():
    region = CappedSimplex(5, 0.5)
    w = region.reference()
    assert w.shape == (65_536, 5)
    assert w.max() <= 0.5
    assert (region.reference() == w).all()
    whole = CappedSimplex(5).reference()
    assert stats.kstest(whole[:, 3], stats.beta(1, 4).cdf).pvalue > 1e-3


def test_samples_come_from_the_generator_given():
    region = CappedSimplex(4, 0.4)
    first = region.sample(np.random.default_rng(2), 100)
    assert (first == region.sample(np.random.default_rng(2), 100)).all()
    assert first.max() <= 0.4
    assert not (first == region.sample(np.random.default_rng(3), 100)).all()


@pytest.mark.parametrize(("domains", "cap"), [(5, 0.5), (5, 1.0), (9, 0.2)])
def test_the_least_of_a_linear_function_is_a_vertex(domains, cap):
    slopes = np.random.default_rng(domains).normal(size=domains)
    best = CappedSimplex(domains, cap).minimise(lambda w: w @ slopes)
    exact = linprog(slopes, A_eq=np.ones((1, domains)), b_eq=[1], bounds=(0, cap))
    assert best @ slopes == pytest.approx(exact.fun, abs=1e-6)
    assert best.max() <= cap + 1e-9
    assert best.sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("domains", "cap"), [(5, 0.5), (8, 0.3)])
@pytest.mark.parametrize("spread", [0.02, 0.5])
def test_the_least_distance_is_at_the_projection(domains, cap, spread):
    """Inside the region and on its border."""
    centre = 1 / domains + spread * np.random.default_rng(8).normal(size=domains)
    best = CappedSimplex(domains, cap).minimise(lambda w: ((w - centre) ** 2).sum(axis=1))
    np.testing.assert_allclose(best, simplex.project(centre, cap), atol=1e-4)


def test_the_deeper_of_two_kinked_valleys_is_found():
    """A narrow cone hides beside a wide one that is 0.5 less deep."""
    wide, narrow = np.array([0.6, 0.1, 0.1, 0.1, 0.1]), np.array([0.05, 0.05, 0.1, 0.35, 0.45])

    def function(w):
        near, far = (np.abs(w - c).sum(axis=1) for c in (narrow, wide))
        return np.minimum(far - 0.5, 8 * near - 1.0)

    best = CappedSimplex(5).minimise(function)
    np.testing.assert_allclose(best, narrow, atol=1e-4)


def test_recorded_mixtures_are_drawn_alike_and_searched_whole():
    rows = np.random.default_rng(1).dirichlet(np.ones(3), 7)
    region = RecordedMixtures(rows)
    assert region.reference() is rows
    draws = region.sample(np.random.default_rng(4), 3500)
    counts = [int((draws == row).all(axis=1).sum()) for row in rows]
    assert sum(counts) == 3500
    assert stats.chisquare(counts).pvalue > 1e-3
    assert region.minimise(lambda w: np.abs(w - rows[4]).sum(axis=1)).tolist() == rows[4].tolist()
