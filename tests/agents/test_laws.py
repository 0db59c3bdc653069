"""The regressions behind deterministic extrapolation: each finds what it was made from."""

from __future__ import annotations

import numpy as np
import pytest

from agents.exponential import exponential
from agents.power_law import Where, power_law
from agents.ridge import DESIGNS, features, ridge


def mixtures(n, d=4, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(d), n)


def explained(found, truth):
    return 1 - np.var(found - truth) / np.var(truth)


class TestRidge:
    @pytest.mark.parametrize("design", DESIGNS)
    def test_the_design_that_generalises_is_chosen(self, design):
        x, unseen = mixtures(80), mixtures(500, seed=1)
        slopes = np.random.default_rng(2).normal(size=features(x, design).shape[1])
        noise = np.random.default_rng(3).normal(scale=0.01, size=80)
        (fit,) = ridge(x, (features(x, design) @ slopes + 3 + noise)[:, None])
        assert explained(fit(unseen), features(unseen, design) @ slopes) > 0.99
        if design != "shares":
            assert fit.design != "shares"

    def test_its_error_is_that_of_runs_left_out(self):
        x, rng = mixtures(24), np.random.default_rng(1)
        y = (x @ rng.normal(size=4) + rng.normal(scale=0.1, size=24))[:, None]
        (fit,) = ridge(x, y)
        apart = []
        for i in range(24):  # one left out, with its own penalty: near the formula, not equal
            rest = np.arange(24) != i
            apart.append(float(ridge(x[rest], y[rest])[0](x[[i]])[0]) - y[i, 0])
        assert fit.error == pytest.approx(np.sqrt(np.mean(np.square(apart))), rel=0.35)

    def test_columns_are_fitted_apart(self):
        x = mixtures(40)
        both = np.stack([x[:, 0] * x[:, 1], 5 - x[:, 2]], axis=1)
        together, alone = ridge(x, both), [ridge(x, c[:, None])[0] for c in both.T]
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_allclose(one(x), other(x), rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("n", [1, 2, 5])
    def test_hardly_any_runs(self, n):
        x = mixtures(n)
        (fit,) = ridge(x, np.arange(n, dtype=float)[:, None])
        assert np.isfinite(fit(mixtures(50, seed=4))).all()


class TestExponential:
    @pytest.mark.parametrize("sign", [1.0, -1.0])
    def test_finds_its_own_law(self, sign):
        slopes = np.array([-2.0, 0.5, 1.0, -0.3])
        x, unseen = mixtures(60), mixtures(500, seed=1)
        law = lambda m: 2.0 + sign * 0.4 * np.exp(m @ slopes)  # noqa: E731
        fit = exponential(x, law(x) + np.random.default_rng(2).normal(scale=1e-3, size=60))
        assert explained(fit(unseen), law(unseen)) > 0.999
        assert fit.sign == sign

    @pytest.mark.parametrize("values", [np.ones(3), np.array([1e8, -1e8, 3.0]), np.array([2.0])])
    def test_what_is_no_law(self, values):
        fit = exponential(mixtures(len(values)), values)
        assert np.isfinite(fit(mixtures(50, seed=1))).all()


class TestPowerLaw:
    def test_extrapolates_its_own_law_in_scale_and_steps(self):
        rng, d = np.random.default_rng(0), 4
        e, a, b = (rng.normal(scale=0.5, size=d) for _ in range(3))

        def law(where):
            m, n, t = where
            return 1.5 + np.exp(m @ e - 1) + 0.3 * np.exp(m @ a - 0.35 * n) + 0.1 * np.exp(
                m @ b - 0.5 * t
            )  # fmt: skip

        x = mixtures(300)
        where = Where(
            x, np.log(rng.choice([0.02, 0.06, 0.2], 300)), np.log(rng.uniform(0.3, 1, 300))
        )
        noisy = law(where) + rng.normal(scale=0.003, size=300)
        fit = power_law(where, noisy)
        target = Where(mixtures(500, seed=1), 0.0, 0.0)
        truth, found = law(target), fit(target)
        assert explained(found, truth) > 0.97
        assert abs(np.mean(found - truth)) < 0.05

    @pytest.mark.parametrize("values", [np.ones(3), np.array([1e8, -1e8, 3.0]), np.array([2.0])])
    def test_what_is_no_law(self, values):
        x = mixtures(len(values))
        fit = power_law(Where(x, np.zeros(len(x)), np.zeros(len(x))), values)
        target = Where(mixtures(50, seed=1), 0.0, 0.0)
        assert np.isfinite(fit(target)).all()
