"""What MFMS-GP+ makes of outcomes: rows, which of them it keeps, outputs and the objective."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.plus import model
from agents.plus import rows as rowing
from agents.plus.geometry import Geometry
from agents.plus.outputs import Outputs
from agents.plus.settings import Settings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

SETTINGS = Settings()
GAIN, SHIFT = (np.array(x)[:, None, None] for x in ((0.5, -2.0), (2.0, 0.5)))


def drawn(lab, n):
    """Rows of `n` runs of one output, random in all."""
    rng = np.random.default_rng(0)
    mixtures, values = rng.dirichlet(np.ones(4), n), rng.normal(size=(n, 1))
    places = rng.choice(lab.SCALES, n), rng.choice(lab.STEPS, n)
    return rowing.Rows(mixtures, *places, np.arange(n), values)


def test_outputs_of_sums_and_of_the_largest():
    rng = np.random.default_rng(0)
    mean, variance = rng.normal(size=(2, 3)), rng.random((2, 3))
    objective = Objective("sum", (2, 0), (0.5, -2.0), (2.0, 0.5))
    metrics = rng.normal(size=(7, 3))
    for changes in ({}, {"worst": True}):
        asked = replace(objective, **changes)
        outputs = Outputs(asked, Settings(worst_draws=20_000))
        np.testing.assert_allclose(outputs.value(outputs.of(metrics)), asked(metrics))
        draws = mean[:, None] + np.sqrt(variance)[:, None] * rng.normal(size=(2, 40_000, 3))
        terms = (draws - SHIFT) * GAIN
        values = terms.max(0) if changes else terms.sum(0)
        found = outputs.moments(mean, variance)
        np.testing.assert_allclose(found.mean, values.mean(0), atol=0.03)
        np.testing.assert_allclose(found.variance, values.var(0), rtol=0.05)
        z = np.sqrt(0.6) * rng.normal(size=(1, 40_000, 1)) + np.sqrt(0.4) * rng.normal(
            size=(2, 40_000, 3)
        )
        signs = np.array([1.0, -1.0])[:, None, None]  # alike is what they add to the objective
        both = (mean[:, None] + signs * np.sqrt(variance)[:, None] * z - SHIFT) * GAIN
        alike = both.max(0) if changes else both.sum(0)
        found = outputs.moments(mean, variance, 0.6)
        np.testing.assert_allclose(found.mean, alike.mean(0), atol=0.03)
        np.testing.assert_allclose(found.variance, alike.var(0), rtol=0.05)
    found = outputs.moments(mean, variance)
    likely = (terms.argmax(0)[None] == np.arange(2)[:, None, None]).mean(1)
    np.testing.assert_allclose(found.weights, likely * np.array([[0.5], [-2.0]]), atol=0.02)
    whole = Outputs(asked, Settings(parts=False))
    np.testing.assert_allclose(whole.value(whole.of(metrics)), asked(metrics))
    assert whole.count == 1


def test_spread_is_around_the_trend_and_constants_stay_finite(lab):
    rows = drawn(lab, 40)
    geometry = Geometry(lab.make_problem(), SETTINGS)
    places = geometry.points(rows.mixtures, rows.scales, rows.steps)
    where = places.where[places.at]
    trended = replace(rows, values=rows.values + 50 * where[:, :1])
    plain, steep = (rowing.standardise(r, where)[1].spread for r in (rows, trended))
    np.testing.assert_allclose(steep, plain, rtol=0.05)
    constant = rowing.standardise(replace(rows, values=np.full((40, 1), 7.0)), where)[0]
    np.testing.assert_allclose(constant, 0, atol=1e-3)


def test_keeps_the_rows_nearest_to_the_target_and_the_best_of_others():
    far = np.array([5.0, 1.0, 4.0, 3.0, 2.0, 6.0])
    value = np.array([0.1, 9.0, 0.3, 0.2, 8.0, 0.4])
    rows = rowing.Rows(np.ones((6, 1)), far, far, far, value[:, None])
    np.testing.assert_array_equal(rowing.keep(rows, far, value, 4), [0, 1, 3, 4])
    np.testing.assert_array_equal(rowing.keep(rows, far, value, 6), np.arange(6))


def test_a_model_of_many_rows_is_made_from_the_kept_ones(lab):
    settings = Settings(rows=30)
    problem = lab.make_problem()
    rows, outputs = drawn(lab, 45), Outputs(problem.objective, settings)
    kept = model.select(rows, Geometry(problem, settings), outputs, settings)
    assert len(kept) == 30
    compute = rows.scales * rows.steps
    assert set(np.sort(compute)[-15:]) <= set(kept.scales * kept.steps)


def test_a_model_of_many_outputs_is_made_from_fewer_rows(lab):
    """Eight outputs of half as many rows take the work of one: it grows as the cube."""
    settings, problem = Settings(rows=30), lab.make_problem()
    rows = drawn(lab, 45)
    rows = replace(rows, values=np.tile(rows.values, (1, 8)))
    outputs = Outputs(Objective("m", tuple(range(8)), (0.125,) * 8, (0.0,) * 8), settings)
    assert len(model.select(rows, Geometry(problem, settings), outputs, settings)) == 15


def test_checkpoints_that_become_rows(lab):
    problem = replace(lab.make_problem(), metrics=(loss("a"),))
    outputs = Outputs(problem.objective, SETTINGS)
    known = np.array([30, 100, 300, 500, 900, 1000, 1600])
    curve = np.arange(7.0)[:, None]
    curve[3] = np.nan
    told = Outcome(np.array([9.0]), 0.1, known, curve)
    experiment = Experiment(np.full(4, 0.25), 1e9, 2000)
    made = rowing.of_outcome(experiment, told, 5, problem, outputs, SETTINGS)
    assert made.steps.tolist() == [2000, 1000]  # 500 is not finite
    assert made.values[:, 0].tolist() == [9.0, 5.0]
    assert made.runs.tolist() == [5, 5]
    assert (
        len(rowing.of_outcome(experiment, told, 5, problem, outputs, Settings(curve_points=0))) == 1
    )
