"""The capped simplex: checks, identity, projection, sampling, extreme points, lattice."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize

from mixenv import simplex
from mixenv.spaces import Simplex

REGIONS = [(5, 0.5), (5, 1.0), (3, 0.4), (4, 0.3), (17, 0.2)]
P = 1e-3  # a right sampler fails one in a thousand seeds; these seeds are fixed


def marginal(x: np.ndarray, domains: int, cap: float) -> np.ndarray:
    """P(share <= x) under the uniform law on the capped simplex, exact: sums of powers."""
    c, one = Fraction(cap).limit_denominator(1000), Fraction(1)

    def volume(total: Fraction) -> Fraction:
        terms = (
            (-1) ** k * comb(domains - 1, k) * max(total - k * c, Fraction(0)) ** (domains - 1)
            for k in range(domains)
        )
        return sum(terms, Fraction(0))

    below = [volume(one) - volume(one - Fraction(float(v)).limit_denominator(10**6)) for v in x]
    return np.array([float(b / (volume(one) - volume(one - c))) for b in below])


def cdf(domains: int, cap: float):
    knots = np.linspace(0, cap, 401)
    values = marginal(knots, domains, cap)
    return lambda x: np.interp(x, knots, values)


def mixtures(domains: int = 5):
    share = st.floats(0, 1, allow_nan=False, width=32)
    shares = st.lists(share, min_size=domains, max_size=domains).filter(lambda w: sum(w) > 1e-3)
    return shares.map(lambda w: np.array(w, np.float64) / np.sum(w, dtype=np.float64))


@pytest.mark.parametrize("cap", [0.25, 0.2, 1.0001, -1.0, float("nan")])
def test_a_cap_without_interior_is_refused(cap):
    with pytest.raises(ValueError, match=r"max_share: expected more than 1/4 = 0.25 and at most 1"):
        simplex.check_cap(4, cap)


def test_caps_with_an_interior_pass():
    simplex.check_cap(4, 0.2500001)
    simplex.check_cap(4, 1.0)


@pytest.mark.parametrize(
    ("mixture", "message"),
    [
        ([0.5, 0.5], r"expected 3 shares, got an array of shape \(2,\)"),
        ([[0.2, 0.3, 0.5]], r"expected 3 shares, got an array of shape \(1, 3\)"),
        ([np.nan, 0.5, 0.5], r"expected finite shares, got \[nan, 0.5, 0.5\]; replace NaN"),
        ([np.inf, 0.5, 0.5], r"expected finite shares, got \[inf, 0.5, 0.5\]; replace NaN"),
        ([-0.1, 0.6, 0.5], "expected shares of at least 0, got -0.1; clip and renormalise"),
        ([0.2, 0.3, 0.4], "expected shares that sum to 1, got 0.9; divide by the sum"),
        ([0.1, 0.2, 0.7], "expected shares of at most 0.6, got 0.7; project on the capped simplex"),
    ],
)
def test_a_wrong_mixture_is_refused(mixture, message):
    with pytest.raises(ValueError, match=f"mixture: {message}"):
        simplex.check_mixture(mixture, 3, 0.6)


def test_a_mixture_within_tolerance_passes_unchanged():
    w = [0.6 + 9e-7, 0.4, -9e-7]
    assert simplex.check_mixture(w, 3, 0.6).tolist() == w


@given(mixtures())
def test_words_sum_exactly_move_little_and_are_idempotent(w):
    words = simplex.quantise(w)
    assert words.dtype == np.uint32
    assert int(words.sum()) == 1_000_000
    assert np.abs(words / 1e6 - w).max() <= 1e-6 + 1e-8  # and rounding
    assert simplex.quantise(words / 1e6).tolist() == words.tolist()


@given(mixtures(), st.integers(0, 2**32 - 1))
def test_mixtures_equal_up_to_rounding_have_equal_words(w, seed):
    exact = simplex.quantise(w) / 1e6
    jitter = np.random.default_rng(seed).uniform(-1e-11, 1e-11, size=5)
    again = np.maximum(exact + jitter, 0)
    assert simplex.quantise(again).tolist() == simplex.quantise(exact).tolist()


@pytest.mark.parametrize("domains", [3, 6, 7, 17, 30])
def test_the_uniform_mixture_is_one_mixture_however_it_was_rounded(domains):
    words = simplex.quantise(np.full(domains, 1 / domains))
    for i in range(domains):
        for toward in (0, 1):
            w = np.full(domains, 1 / domains)
            w[i] = np.nextafter(w[i], toward)
            assert simplex.quantise(w).tolist() == words.tolist()


def test_whole_millionths_stay_what_they_are():
    w = np.array([0.29, 0.57, 0.14])  # 0.29 * 1e6 and 0.57 * 1e6 round below the whole number
    assert simplex.quantise(w).tolist() == [290_000, 570_000, 140_000]
    assert simplex.quantise(np.array([0.123456, 0.876544])).tolist() == [123_456, 876_544]


@pytest.mark.parametrize("cap", [0.3, 1 / 3, 0.5, 0.7])
def test_what_a_tolerated_mixture_is_rounded_to_is_taken_again(cap):
    rng, farther = np.random.default_rng(0), 0
    for _ in range(2000):
        full = int(1 / cap - 1e-9)
        w = np.append(np.full(full, cap), rng.dirichlet(np.ones(5)) * (1 - full * cap))
        w += rng.uniform(-1, 1, len(w)) * 1e-6 / len(w)
        w[:full] = cap + rng.uniform(0.5, 1, full) * 1e-6
        w = np.maximum(w, 0)
        w[-1] = max(0.0, w[-1] - (w.sum() - 1 + 0.99e-6))  # the sum a little under 1
        try:
            simplex.check_mixture(w, len(w), cap)
        except ValueError:
            continue
        told = simplex.quantise(w) / simplex.PARTS
        farther += told.max() > cap + simplex.TOLERANCE
        assert simplex.check_mixture(told, len(w), cap).tolist() == told.tolist()
        assert Simplex(len(w), cap).contains(told)
        assert simplex.quantise(told).tolist() == simplex.quantise(w).tolist()
    assert farther > 10  # else this shows nothing


def test_whole_millionths_farther_over_the_cap_are_refused():
    told = np.array([500_003, 499_997, 0]) / simplex.PARTS
    with pytest.raises(ValueError, match=r"shares of at most 0\.5, got 0\.500003"):
        simplex.check_mixture(told, 3, 0.5)
    assert not Simplex(3, 0.5).contains(told)
    assert not Simplex(3, 0.5).contains(np.array([0.5000021, 0.4999979, 0.0]))


@pytest.mark.parametrize(("domains", "cap"), REGIONS)
def test_projection_agrees_with_a_quadratic_programme(domains, cap):
    rng = np.random.default_rng(domains)
    for x in rng.normal(0.3, 0.6, size=(5, domains)):
        found = minimize(
            lambda w, x=x: np.sum((w - x) ** 2),
            np.full(domains, 1 / domains),
            jac=lambda w, x=x: 2 * (w - x),
            bounds=[(0, cap)] * domains,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 300},
        )
        np.testing.assert_allclose(simplex.project(x, cap), found.x, atol=2e-6)


@pytest.mark.parametrize(("domains", "cap"), REGIONS)
def test_projection_satisfies_the_variational_inequality(domains, cap):
    """p projects x on a polytope if and only if (x - p).(v - p) <= 0 for every vertex v."""
    rng = np.random.default_rng(7)
    x = rng.normal(0.2, 1.0, size=(40, domains))
    p = simplex.project(x, cap)
    vertices = simplex.extremes(domains, cap)
    assert p.min() >= 0
    assert p.max() <= cap + 1e-12
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)
    assert np.einsum("nd,nvd->nv", x - p, vertices[None] - p[:, None]).max() <= 1e-9


def test_projection_leaves_the_region_alone_and_keeps_leading_axes():
    w = simplex.sample(np.random.default_rng(3), 24, 5, 0.5).reshape(2, 3, 4, 5)
    np.testing.assert_allclose(simplex.project(w, 0.5), w, atol=1e-12)


@pytest.mark.parametrize(("domains", "cap"), [(4, 0.3), (4, 0.5), (5, 0.4), (5, 1.0), (3, 0.35)])
def test_extremes_are_the_vertices_found_by_brute_force(domains, cap):
    """A vertex has every share but one at a bound, the last one takes the rest."""
    vertices = set()
    for free in range(domains):
        for others in product((0.0, cap), repeat=domains - 1):
            rest = 1 - sum(others)
            if -1e-9 <= rest <= cap + 1e-9:
                vertices.add(tuple(np.round(np.insert(others, free, rest), 9) + 0.0))
    found = [tuple(np.round(p, 9) + 0.0) for p in simplex.extremes(domains, cap)]
    assert len(found) == len(set(found))
    assert set(found) == vertices


def test_numbers_of_extremes_in_closed_form():
    assert len(simplex.extremes(5)) == 5
    assert len(simplex.extremes(5, 0.5)) == comb(5, 2)
    assert len(simplex.extremes(5, 0.4)) == comb(5, 2) * 3
    assert len(simplex.extremes(7, 1 / 3)) == comb(7, 3)


@pytest.mark.parametrize(("domains", "parts", "cap"), [(4, 10, 0.5), (3, 7, 0.5), (5, 6, 0.34)])
def test_the_lattice_is_what_brute_force_enumerates(domains, parts, cap):
    whole = [
        c for c in product(range(parts + 1), repeat=domains)
        if sum(c) == parts and max(c) <= cap * parts + 1e-9
    ]  # fmt: skip
    found = simplex.lattice(domains, parts, cap) * parts
    assert sorted(map(tuple, found.round().astype(int).tolist())) == whole
    np.testing.assert_allclose(found, found.round(), atol=1e-9)


def test_the_uncapped_lattice_has_the_binomial_number_of_points():
    assert len(simplex.lattice(5, 9)) == comb(13, 4)


@pytest.mark.parametrize(("domains", "cap"), [*REGIONS, (30, 0.05), (5, 0.21)])
def test_samples_lie_in_the_region(domains, cap):
    w = simplex.sample(np.random.default_rng(1), 500, domains, cap)
    assert w.shape == (500, domains)
    assert w.min() >= 0
    assert w.max() <= cap + 1e-12
    np.testing.assert_allclose(w.sum(axis=1), 1, atol=1e-12)


def test_no_samples_are_an_empty_array():
    assert simplex.sample(np.random.default_rng(0), 0, 5, 0.5).shape == (0, 5)


@pytest.mark.parametrize(
    ("domains", "cap", "gibbs"),
    [(5, 1.0, False), (5, 0.5, False), (3, 0.4, False), (5, 0.5, True), (4, 0.3, True),
     (30, 0.05, True)],
)  # fmt: skip
def test_marginals_are_those_of_the_uniform_law(domains, cap, gibbs):
    draw = simplex._gibbs if gibbs else simplex.sample
    w = draw(np.random.default_rng(11), 5000, domains, cap)
    for i in (0, domains - 1):
        assert stats.kstest(w[:, i], cdf(domains, cap)).pvalue > P


def test_a_tight_cap_is_sampled_like_the_flipped_simplex():
    """With cap <= 1/(d-1) the region is cap - (d cap - 1) u, u uniform on the whole simplex."""
    w = simplex.sample(np.random.default_rng(2), 5000, 5, 0.21)
    u = (0.21 - w) / (5 * 0.21 - 1)
    assert stats.kstest(u[:, 2], stats.beta(1, 4).cdf).pvalue > P
    assert stats.kstest(u[:, 0] + u[:, 3], stats.beta(2, 3).cdf).pvalue > P
    assert stats.kstest(u.max(axis=1), _largest_of_dirichlet).pvalue > P


def _largest_of_dirichlet(x):
    """P(max <= x) for Dirichlet(1) of five, by inclusion and exclusion."""
    terms = [(-1) ** k * comb(5, k) * np.maximum(1 - k * x, 0) ** 4 for k in range(6)]
    return np.sum(terms, axis=0)


def test_gibbs_and_rejection_draw_from_one_law():
    first = simplex.sample(np.random.default_rng(5), 5000, 5, 0.35)
    second = simplex._gibbs(np.random.default_rng(6), 5000, 5, 0.35)
    for statistic in (lambda w: w.max(axis=1), lambda w: (w**2).sum(axis=1), lambda w: w[:, 1]):
        assert stats.ks_2samp(statistic(first), statistic(second)).pvalue > P


@pytest.mark.parametrize(
    ("domains", "cap", "exact"), [(5, 0.5, 1 - 5 / 16), (5, 1.0, 1.0), (3, 0.5, 0.25)]
)
def test_the_acceptance_of_rejection_in_closed_form(domains, cap, exact):
    assert simplex._acceptance(domains, cap) == pytest.approx(exact, abs=1e-12)
    assert simplex._acceptance(5, 0.21) == pytest.approx(0.05**4, rel=1e-6)
