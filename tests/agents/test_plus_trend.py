"""What the trend that a run ends with would add up to the target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.plus.settings import Settings
from agents.plus.trend import onward
from mixenv.problem import Experiment, Outcome


@pytest.fixture
def problem(lab):
    """Steps up to 19 500."""
    return lab.make_problem(steps=tuple(range(100, 19_501, 100)))


def ahead(problem, steps, curve_steps, values, last):
    run = Experiment(np.full(4, 0.25), 1e9, steps)
    curve = np.array(values, dtype=float)[:, None]
    outcome = Outcome(np.array([last]), 0.4, np.array(curve_steps), curve)
    return onward(problem, Settings(), run, outcome)


def test_goes_on_as_it_went_in_log_steps(problem):
    slope = -0.3
    steps = np.array([1000, 4900, 8800])
    values = 2 + slope * np.log(steps)
    found = ahead(problem, 8800, steps, values, values[-1])
    assert found == pytest.approx(slope * np.log(19_500 / 8800))


def test_of_the_nearest_checkpoint(problem):
    found = ahead(problem, 10_000, [4100, 5500, 8400, 10_000], [9.0, 3.0, 7.0, 2.0], 2.0)
    assert found == pytest.approx(-1.0 * np.log(1.95) / -np.log(0.55))


def test_no_farther_than_twice_what_was_seen(problem):
    found = ahead(problem, 1000, [600, 1000], [3.0, 2.0], 2.0)
    assert found == pytest.approx(-2.0)


def test_nothing_at_the_target(problem):
    assert ahead(problem, 19_500, [10_000, 19_500], [3.0, 2.0], 2.0) == 0


@pytest.mark.parametrize("curve_steps", [[], [300, 900, 1000]])
def test_not_known_where_no_checkpoint_shows_it(problem, curve_steps):
    assert np.isnan(ahead(problem, 1000, curve_steps, [1.0] * len(curve_steps), 2.0))


def test_not_known_of_a_failed_run(problem):
    assert np.isnan(ahead(problem, 1000, [600, 1000], [3.0, np.nan], np.nan))


def test_by_the_objective_of_several_metrics(problem):
    several = replace(problem.objective, index=(0, 1), gain=(0.5, 0.5), shift=(0.0, 0.0))
    both = replace(problem, metrics=problem.metrics * 2, objective=several)
    run = Experiment(np.full(4, 0.25), 1e9, 9750)
    curve = np.array([[3.0, 5.0], [2.0, 2.0]])
    outcome = Outcome(curve[-1], 0.4, np.array([4875, 9750]), curve)
    assert onward(both, Settings(), run, outcome) == pytest.approx(-2.0)
