"""Mixtures made to fit a problem: under the cap, or recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents import mixtures
from mixenv import simplex
from mixenv.region import RecordedMixtures


def test_what_fits_already_is_left_as_it_is(lab):
    problem = lab.make_problem(0.5)
    inside = np.array([0.5, 0.3, 0.2, 0.0])
    assert mixtures.fit(problem, inside, lab.SCALES[0]) is inside


def test_what_does_not_fit_is_projected_on_the_cap(lab):
    problem = lab.make_problem(0.5)
    over = np.array([[0.7, 0.3, 0.0, 0.0], [0.4, 0.3, 0.2, 0.1]])
    fitted = mixtures.fit(problem, over, lab.SCALES[0])
    np.testing.assert_allclose(fitted, simplex.project(over, 0.5))
    assert fitted.max() <= 0.5 + 1e-9
    np.testing.assert_allclose(mixtures.fit(problem, over[0] * 2, lab.SCALES[0]).sum(), 1)


def test_of_a_pool_the_nearest_row_of_that_scale(lab):
    rows = {s: np.eye(4)[[i, 3, 3]] for i, s in enumerate(lab.SCALES)}
    problem = lab.make_problem(1.0, pools=rows)
    for i, scale in enumerate(lab.SCALES):
        assert len(mixtures.recorded(problem, scale)) == 2  # each once
        near = np.full(4, 0.1) + 0.6 * np.eye(4)[i]
        np.testing.assert_array_equal(mixtures.fit(problem, near, scale), np.eye(4)[i])
        drawn = mixtures.draw(problem, scale, np.random.default_rng(0), 20)
        assert set(drawn.argmax(axis=1)) == {i, 3}
    assert mixtures.recorded(lab.make_problem(), lab.SCALES[0]) is None


def test_at_the_target_rows_that_end_early_are_not_recommended(lab):
    """The region holds the rows that reach the target; the pool, those that start there."""

    rows = np.eye(4)
    problem = lab.make_problem(1.0, pools=dict.fromkeys(lab.SCALES, rows))
    problem = replace(problem, region=RecordedMixtures(rows[:2]))
    assert len(mixtures.recorded(problem, lab.SCALES[-1])) == 2
    assert len(mixtures.recorded(problem, lab.SCALES[0])) == 4
