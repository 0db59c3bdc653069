"""Fitted surfaces: what they are fitted to they give back, and say how well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

import mixenv
from mixenv import RunTable, fit_surface, load_surface, make_task
from mixenv.metrics import accuracy, loss
from mixenv.runs.regmix import SPLITS
from mixenv.surfaces.fitted_error import scores

SCALES = np.array([1e7, 1e8])


def truth(mixture, scale, steps):
    """Two metrics [m, 2]: their effects shrink to a third, and to nine tenths, at 100M."""
    large = scale > 5e7
    power = (steps / 1000) ** -0.5
    effect = np.sqrt(mixture[:, 0]) - 2 * mixture[:, 1] ** 2
    first = 2.0 + power * (1 + 0.2 * effect) + effect * np.where(large, 0.3, 0.9)
    return np.stack([first - 0.4 * large, 0.4 + 0.1 * mixture[:, 2]], axis=1)


def table(lengths, n=50, noise=0.01, seed=0, **changed):
    """`n` runs, half at each scale, that log `lengths[scale]`."""
    rng = np.random.default_rng(seed)
    mixture, scale = rng.dirichlet(np.ones(3), n), np.tile(SCALES, n // 2)
    steps = [np.array(lengths[s]) for s in scale]
    run = np.repeat(np.arange(n), [len(s) for s in steps])
    at = np.concatenate(steps)
    values = truth(mixture[run], scale[run], at)
    values[:, 0] += noise * rng.normal(size=n)[run]
    fields = {
        "name": "made-up", "domains": ("web", "code", "books"),
        "metrics": (loss("web"), accuracy("quiz", 100)), "mixture": mixture, "scale": scale,
        "step_cost": scale * 6.0, "run": run, "steps": at, "values": values,
    }  # fmt: skip
    return RunTable(**fields | changed)


@pytest.fixture(scope="module")
def curves():
    grid = [100, 200, 400, 700, 1000]
    return table({1e7: grid, 1e8: [2 * s for s in grid]})


@pytest.fixture(scope="module")
def fitted(curves):
    return fit_surface(curves, model="gp")


def fresh(n=200):
    rng = np.random.default_rng(9)
    mixture = rng.dirichlet(np.ones(3), n)
    return mixture, rng.choice(SCALES, n), rng.choice([150, 200, 700, 1000], n)


def test_it_predicts_mixtures_it_has_not_seen(fitted):
    mixture, scale, steps = fresh()
    found, expected = fitted.metrics(mixture, scale, steps), truth(mixture, scale, steps)
    assert np.sqrt(np.mean((found - expected) ** 2, axis=0))[0] < 0.05
    for s in SCALES:
        one = scale == s
        both = found[one & (steps == 1000), 0], expected[one & (steps == 1000), 0]
        assert spearmanr(*both).statistic > 0.95  # pyright: ignore[reportAttributeAccessIssue]


def test_it_is_a_surface(fitted, curves):
    assert fitted.name == "fitted:made-up"
    assert fitted.provenance == "fitted"
    assert fitted.cost_unit == "FLOPs"
    assert fitted.scales == (1e7, 1e8)
    assert fitted.steps == (100, 200, 400, 700, 800, 1000, 1400, 2000)
    assert fitted.step_cost(1e8) == 6e8
    assert fitted.metric_names == ("web", "quiz")
    assert fit_surface(replace(curves, provenance="synthetic"), folds=0).provenance == "synthetic"
    task = make_task(fitted, metric="web", budget=2.0)
    assert task.cost("10M", 2000) == pytest.approx(0.1)
    assert task.regret(task.optimum.mixture) < 1e-9


def test_its_error_is_attached_and_printed(fitted):
    error = fitted.error
    assert (error.folds, error.runs.tolist()) == (5, [[25, 25], [25, 25]])
    assert error.r2[0].min() > 0.9
    assert error.spearman[0].min() > 0.95
    assert error.rmse[0].max() < 0.06
    lines = str(fitted).splitlines()
    assert lines[0].startswith("fitted:made-up: fitted to 50 runs on 50 mixtures")
    assert lines[1].startswith("5-fold cross-validation over mixtures, R^2 / Spearman")
    assert lines[2].split() == ["10M", "100M"]
    assert lines[3].split()[0] == "web"


def test_the_error_is_of_runs_left_out():
    noise = np.random.default_rng(1).normal(3.0, 1.0, size=(50, 2))
    flat = table({1e7: [10], 1e8: [10]}, values=np.abs(noise), metrics=(loss("a"), loss("b")))
    assert fit_surface(flat).error.r2.max() < 0.35


def test_a_curve_is_the_metrics_at_its_checkpoints(fitted):
    mixture, scale, _ = fresh(5)
    steps = np.array([[100, 450, 2000]] * 5)
    curve = fitted.curve(mixture, scale, steps)
    assert curve.shape == (5, 3, 2)
    for j in range(3):
        np.testing.assert_allclose(curve[:, j], fitted.metrics(mixture, scale, steps[:, j]))
    many = np.repeat(mixture, 900, axis=0)  # more than one chunk
    again = fitted.metrics(many, np.repeat(scale, 900), np.full(4500, 450))
    np.testing.assert_allclose(again[::900], curve[:, 1], atol=1e-12)


def test_accuracies_stay_fractions(curves):
    values = curves.values.copy()
    values[:, 1] = np.where(curves.mixture[curves.run, 2] > 0.3, 1.0, 0.0)
    surface = fit_surface(replace(curves, values=values), metrics=["quiz"], folds=0)
    mixture, scale, steps = fresh()
    found = surface.metrics(mixture, scale, steps)
    assert (found.min(), found.max()) == (0.0, 1.0)


def test_jax_gives_the_same(fitted, float64):
    import jax
    import jax.numpy as jnp

    mixture, scale, steps = fresh(20)
    found = jax.jit(lambda *query: fitted.metrics(*query, xp=jnp))(mixture, scale, steps)
    np.testing.assert_allclose(found, fitted.metrics(mixture, scale, steps), atol=1e-9)


def test_a_file_keeps_everything(fitted, tmp_path):
    path = tmp_path / "surface.npz"
    fitted.save(path)
    again = load_surface(f"fitted:{path}")
    assert again.fingerprint == fitted.fingerprint
    assert str(again) == str(fitted)
    query = fresh(9)
    np.testing.assert_array_equal(again.metrics(*query), fitted.metrics(*query))
    task = make_task(fitted, metric="web", max_share=0.6)
    task.save(tmp_path / "task.json")
    assert mixenv.load_task(tmp_path / "task.json").surface.fingerprint == fitted.fingerprint


def test_what_is_no_such_file_is_refused(tmp_path, recorded):
    with pytest.raises(FileNotFoundError):
        load_surface(f"fitted:{tmp_path / 'none.npz'}")
    recorded.save(tmp_path / "t.npz")
    with pytest.raises(ValueError, match=r"t\.npz: expected a surface that FittedSurface\.save"):
        load_surface(f"fitted:{tmp_path / 't.npz'}")


def test_shapes_are_checked(fitted):
    with pytest.raises(
        ValueError, match=r"fitted:made-up: expected level of shape \(2, 2, 2\), got"
    ):
        replace(fitted, level=fitted.level[:1])


def test_without_curves_an_experiment_is_a_whole_run():
    surface = fit_surface(table({1e7: [500], 1e8: [2000]}), folds=0)
    assert surface.steps == (2000,)
    assert surface.step_cost(1e7) * 2000 == 6e7 * 500
    assert surface.step_cost(1e8) * 2000 == 6e8 * 2000
    mixture, scale, _ = fresh()
    found = surface.metrics(mixture, scale, np.full(200, 2000))[:, 0]
    expected = truth(mixture, scale, np.where(scale == 1e7, 500, 2000))[:, 0]
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.06
    assert "-" in str(surface.error).splitlines()[-2]
    assert str(surface.error).endswith("model: Gaussian process (gp); there are no curves")


def test_a_run_that_ends_early_still_counts(curves):
    short = (curves.run % 5 == 0) & (
        curves.steps > np.where(curves.scale == 1e7, 400, 800)[curves.run]
    )
    kept = ~short
    cut = replace(
        curves, run=curves.run[kept], steps=curves.steps[kept], values=curves.values[kept]
    )
    mixture, scale, steps = fresh()
    found = fit_surface(cut, folds=0).metrics(mixture, scale, steps)[:, 0]
    assert np.sqrt(np.mean((found - truth(mixture, scale, steps)[:, 0]) ** 2)) < 0.05


def test_missing_outcomes_are_left_out(curves):
    values = curves.values.copy()
    values[curves.run == 3] = np.nan
    values[curves.run == 4, 0] = np.nan
    values[7, 0] = np.nan
    surface = fit_surface(replace(curves, values=values), folds=0)
    assert surface.runs == 49
    found = surface.metrics(*fresh())
    assert np.isfinite(found).all()


def test_what_cannot_be_fitted_is_refused(curves):
    with pytest.raises(ValueError, match="metrics: expected some of web, quiz, got 'c4'"):
        fit_surface(curves, metrics=["c4"])
    values = curves.values.copy()
    values[curves.run > 2, 1] = np.nan
    with pytest.raises(ValueError, match="expected at least 4 runs with 'quiz', got 3; fit other"):
        fit_surface(replace(curves, values=values))
    with pytest.raises(ValueError, match=r"folds: expected 0, or 2 to 50 \(distinct mix.*got 1"):
        fit_surface(curves, folds=1)


def test_too_few_pairs_have_no_score():
    nothing = scores(np.array([1.0, 2.0, np.nan]), np.arange(3.0))
    assert np.isnan(nothing).all()
    r2, rho, rmse = scores(np.ones(4), np.arange(4.0))
    assert np.isnan([r2, rho]).all()
    assert rmse == pytest.approx(1.5**0.5)
    r2, rho, _ = scores(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 4.0]))
    assert (r2, rho) == (pytest.approx(1 - 1 / (14 / 3)), 1.0)


def transfer(reference, metrics, folds=0):
    """Recorded and predicted losses [n, k] at each test split, fitted on the 512 runs at 1M."""
    runs = mixenv.read_table("regmix", reference / "runs")
    surface = fit_surface(runs.take(SPLITS["train-1m"]), metrics=metrics, folds=folds)
    names = [m.name for m in runs.metrics]
    columns = [names.index(name) for name in surface.metric_names]
    for split in ("test-1m", "test-60m", "test-1B"):
        test = runs.take(SPLITS[split])
        n = len(test.scale)
        found = surface.metrics(test.mixture, np.full(n, 1e6), np.full(n, surface.steps[0]))
        yield test.values[:, columns], found


def rank(a, b):
    return 100 * spearmanr(a, b).statistic  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.reference
def test_regmix_ranks_on_pile_cc(reference):
    found = [rank(y[:, 0], p[:, 0]) for y, p in transfer(reference, ["pile_cc"])]
    np.testing.assert_allclose(found, [99.4, 99.0, 96.7], atol=1.5)


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.timeout(900)
def test_regmix_ranks_of_the_mean_of_13_losses(reference):
    found = [rank(y.mean(axis=1), p.mean(axis=1)) for y, p in transfer(reference, None)]
    assert found[-1] >= 72


@pytest.mark.reference
def test_slimpajama7_is_predicted(reference):
    runs = mixenv.read_table("slimpajama-7", reference / "runs")
    error = fit_surface(runs, metrics=["arxiv", "wikipedia"], model="gp").error
    assert error.r2[:, :5].min() > 0.95
    assert error.spearman[:, :5].min() > 0.95
