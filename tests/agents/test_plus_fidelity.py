"""What scale and steps do in the model of MFMS-GP+: trend, loadings, bends, and their priors."""

from __future__ import annotations

import numpy as np
import pytest

from agents.plus import kernel
from agents.plus.geometry import Geometry
from agents.plus.priors import held, priors, unpack
from agents.plus.settings import Settings

SETTINGS, DOMAINS = Settings(), 4
HYPER = unpack(sum(priors(SETTINGS, DOMAINS, bent=True)), np)  # an sd away from the priors' means


def test_what_scale_and_steps_change_is_held_near_nothing_where_cheap_runs_rank_alike():
    free, near = (
        unpack(priors(SETTINGS, DOMAINS, bent=True, loadings=loadings)[1], np)
        for loadings in (None, held(SETTINGS))
    )
    changed = {name for name, sd in free._asdict().items() if np.any(sd != getattr(near, name))}
    assert changed == {"scale_mean", "steps_mean"}
    assert near.scale_mean == SETTINGS.race_scale_loading < free.scale_mean
    assert near.steps_mean == SETTINGS.race_steps_loading < free.steps_mean


def test_trend_terms_and_loadings_at_the_target():
    origin = np.zeros((1, 2))
    np.testing.assert_array_equal(kernel.trend(origin, np), [[1, 0, 0, 0, 0, 0]])
    np.testing.assert_array_equal(kernel.loadings(HYPER, origin, np), [[1, 0, 0]])


@pytest.mark.parametrize(
    ("bend", "expected"), [(0.0, [-1, -0.5, 0]), (2.0, [-1, -0.7310586, 0]), (9.0, [-1, -0.989, 0])]
)
def test_scale_and_steps_are_bent_between_minus_one_and_the_target(bend, expected):
    x = np.array([[-1.0, -1.0], [-0.3, -0.5], [0.0, 0.0]])
    steps = kernel.bent(HYPER._replace(scale_bend=0.0, steps_bend=bend), x, np)
    scale = kernel.bent(HYPER._replace(scale_bend=bend, steps_bend=0.0), x[:, ::-1], np)
    np.testing.assert_allclose(steps[:, 1], expected, atol=2e-4)
    np.testing.assert_allclose(steps[:, 0], x[:, 0], atol=1e-8)
    np.testing.assert_array_equal(steps, scale[:, ::-1])


def test_steps_that_are_bent_fully_stand_as_steps_do(lab):
    """As many steps apart, as far apart: with the logarithm of the span, steps themselves."""
    geometry = Geometry(lab.make_problem(), SETTINGS)
    steps = np.array([500.0, 1000.0, 1500.0, 2000.0])  # of 2 000
    places = geometry.ratio(np.full(4, 1e9), steps) / [1.0, np.log(SETTINGS.steps_span)]
    hyper = HYPER._replace(steps_bend=np.log(SETTINGS.steps_span))
    apart = np.diff(kernel.bent(hyper, places, np)[:, 1])
    np.testing.assert_allclose(apart, apart[0], rtol=1e-6)


def test_only_a_plain_objective_has_scale_and_steps_bent():
    bent, straight = (priors(SETTINGS, DOMAINS, bent=b)[0] for b in (True, False))
    assert bent[-2:].tolist() == [SETTINGS.scale_bend, SETTINGS.steps_bend]
    assert straight[-2:].tolist() == [0, 0]
    np.testing.assert_array_equal(bent[:-2], straight[:-2])
