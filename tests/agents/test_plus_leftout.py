"""What runs near the target say of forecasts, each made without that run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.plus import leftout, model
from agents.plus import rows as rowing
from agents.plus.geometry import Geometry
from agents.plus.outputs import Moments, Outputs
from agents.plus.priors import priors
from agents.plus.settings import Settings
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective

SETTINGS = Settings()
NONE = rowing.empty(4, 2)


@pytest.fixture
def told(lab):
    """Runs of three rows each at two scales, of two outputs; the last two are at the target."""
    rng = np.random.default_rng(5)
    mixtures = rng.dirichlet(np.ones(4), 8)[np.arange(24) // 3]
    scales = np.repeat([1e7, 1e9], [18, 6])
    steps = np.tile([500, 1000, 2000], 8)
    return rowing.Rows(mixtures, scales, steps, np.arange(24) // 3, rng.normal(size=(24, 2)))


def built(lab, rows, changes=None, worst=False):
    settings = replace(SETTINGS, **(changes or {}))
    problem = lab.make_problem()
    objective = Objective("two", (0, 1), (0.5, 0.5), (0.0, 0.0), worst=worst)
    free = np.tile(priors(settings, 4, bent=False)[0], (2, 1))
    geometry, outputs = Geometry(problem, settings), Outputs(objective, settings)
    return model.build(free, rows, NONE, geometry, outputs, settings)


def test_a_run_is_forecast_as_if_it_had_not_been_told(lab, told):
    """Conditioned anew on the other runs' rows; noise is of the row left out."""
    found = built(lab, told)
    given = found._given
    mean, variance = leftout.forecasts(found.forecast, given.values, told.runs, np.array([20, 23]))
    for at, end in enumerate((20, 23)):
        rest = told.take(np.flatnonzero(told.runs != told.runs[end]))
        points = found.geometry.points(rest.mixtures, rest.scales, rest.steps)
        level = found.geometry.level(rest.scales, rest.steps)
        without = given._replace(
            points=points, level=level, runs=rest.runs, values=given.values[told.runs != end // 3]
        )
        asked = found.geometry.at_target(told.mixtures[[end]])
        expected = without.posterior(found.forecast.hypers)
        white = model.posterior.whiten(expected, asked)
        noise = [h.run_noise + h.row_noise for h in expected.hypers]
        np.testing.assert_allclose(
            mean[:, at], model.posterior.mean(expected, asked)[:, 0], rtol=1e-6
        )
        np.testing.assert_allclose(
            variance[:, at],
            model.posterior.variance(expected, asked, white)[:, 0] + noise,
            rtol=1e-5,
        )


def test_of_a_run_near_the_target_its_longest_row_counts(lab, told):
    geometry = Geometry(lab.make_problem(), SETTINGS)

    def ends(rows):
        points = geometry.points(rows.mixtures, rows.scales, rows.steps)
        return sorted(leftout.ends(geometry, points, rows.runs).tolist())

    assert ends(told) == [20, 23]
    assert ends(replace(told, steps=np.tile([2000, 500, 1000], 8))) == [18, 21]
    assert ends(replace(told, steps=np.tile([300, 400, 999], 8))) == []  # under half the steps
    assert ends(told.take(np.arange(18))) == []


def test_errors_in_sds_are_weighed_against_runs_that_are_as_expected():
    expected = Moments(np.array([1.0, 2.0]), np.array([4.0, 0.25]), np.ones((1, 2)))
    assert leftout.scale(expected, np.array([5.0, 2.5]), 0.0) == pytest.approx((4 + 1) / 2)
    assert leftout.scale(expected, np.array([5.0, 2.5]), 8.0) == pytest.approx((8 + 5) / 10)
    assert leftout.scale(expected, np.array([1.0, 2.0]), 8.0) == pytest.approx(8 / 10)


@pytest.mark.parametrize("worst", [False, True])
def test_a_prediction_is_as_wide_as_runs_near_the_target_were_off(lab, told, worst):
    """Where they are where they were expected it narrows; a run far off widens it."""
    known = {"doubt_effect": 0.2, "doubt_noise": 1.0}
    alone = told.take(np.arange(18))
    assert built(lab, alone, known, worst).error_scale == 1.0
    calm = replace(told, values=told.mixtures[:, :2] + [1, 2] + 0.1 * told.values)
    as_said = built(lab, calm, known, worst)
    wild = calm.values.copy()
    wild[18:] += np.array([[40.0], [-40.0]]).repeat(3, 0)
    surprised = built(lab, replace(calm, values=wild), known, worst)
    assert as_said.error_scale < 1.0 < surprised.error_scale
    target = as_said.geometry.at_target(told.mixtures[:1])
    wider = built(lab, calm, known | {"prior_runs": 1e9}, worst).predict(target)
    np.testing.assert_allclose(
        as_said.predict(target).variance, as_said.error_scale * wider.variance, rtol=1e-6
    )


def test_a_prediction_is_as_wide_as_if_runs_were_noisier(lab, told):
    """Its mean is the same: only where runs are at the target it is much wider."""
    known = {"prior_runs": 1e9}
    plain, noisier = (built(lab, told, known | {"doubt_noise": k}) for k in (1.0, 2.0))
    assert all(
        h.run_noise == 2 * g.run_noise and h.row_noise == 2 * g.row_noise
        for h, g in zip(noisier.spread.hypers, plain.spread.hypers, strict=True)
    )
    at_runs = plain.geometry.at_target(told.mixtures[18:])
    as_said, wider = plain.predict(at_runs), noisier.predict(at_runs)
    assert (wider.variance > 1.1 * as_said.variance).all()
    np.testing.assert_array_equal(wider.mean, as_said.mean)


def test_errors_of_parts_are_shared_in_a_prediction(lab, told):
    """Two parts of the same error add up; independent ones would partly cancel."""
    known = {"prior_runs": 1e9}
    target = Geometry(lab.make_problem(), SETTINGS).at_target(told.mixtures[:3])
    own, shared, alike = (
        built(lab, told, known | {"shared_error": c}).predict(target).variance for c in (0, 0.9, 1)
    )
    np.testing.assert_allclose(shared, 0.1 * own + 0.9 * alike)
    assert (alike > 1.5 * own).all()


@pytest.mark.parametrize(
    ("metrics", "parts", "effect"),
    [
        ((accuracy("a", items=500), loss("b")), 1, "doubt_effect"),
        ((accuracy("a", items=500), loss("b")), 2, "doubt_effect"),
        ((loss("a"), loss("b")), 1, "doubt_effect"),
        ((loss("a"), loss("b")), 2, "doubt_effect_losses"),
        ((), 1, "doubt_effect_losses"),
    ],
)
def test_forecasts_doubt_by_what_the_objective_is(lab, told, metrics, parts, effect):
    """Effects more where there are several losses; an accuracy's level in accuracy."""
    settings = replace(SETTINGS, companions=False)
    found = doubting(lab, told, metrics, settings, (1.0,) * parts)
    assert {h.doubt.effect for h in found.forecast.hypers} == {getattr(SETTINGS, effect)}
    levels = [h.doubt.level for h in found.forecast.hypers]
    counted = [bool(metrics) and metrics[i].items is not None for i in range(parts)]
    assert [level > settings.doubt_level for level in levels] == counted


@pytest.mark.parametrize("form", ["parts", "whole", "companions"])
def test_the_doubt_about_an_accuracy_is_so_much_of_the_objective(lab, told, form):
    """Whatever it is modelled by: its sd times the accuracy's weight, in the objective's unit."""
    settings = replace(
        SETTINGS, doubt_level=0.0, companions=form == "companions", parts=form != "whole"
    )
    found = doubting(lab, told, (accuracy("a", items=500), loss("b")), settings, (-3.0, 0.0))
    variance = [h.doubt.level for h in found.forecast.hypers]
    of_objective = found.natural(np.zeros((len(variance), 1)), np.array(variance)[:, None])
    np.testing.assert_allclose(np.sqrt(of_objective.variance), 3 * settings.doubt_accuracy)


def doubting(lab, told, metrics, settings, gain):
    """A model of an objective: the metrics' weighted sum, or its parts."""
    objective = Objective("any", tuple(range(len(gain))), gain, (0.0,) * len(gain))
    outputs = Outputs(objective, settings, metrics)
    rows = replace(told, values=told.values[:, : outputs.count])
    free = np.tile(priors(settings, 4, bent=False)[0], (outputs.count, 1))
    geometry = Geometry(lab.make_problem(), settings)
    return model.build(free, rows, rowing.empty(4, outputs.count), geometry, outputs, settings)
