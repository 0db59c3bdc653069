"""What agents are told: experiments, outcomes and prices."""

from __future__ import annotations

import numpy as np
import pytest

from mixenv.make_task import make_task
from mixenv.problem import Experiment, Outcome


@pytest.fixture(scope="module")
def problem(toy):
    return make_task(toy, scales=["60M", "1B"], steps=[100, 700, 19_500]).problem


def test_prices_are_those_of_fresh_runs(problem):
    assert problem.price(1e9, 19_500) == pytest.approx(1.0)
    expected = 26_684_900 * 7 / (825_687_276 * 195)
    assert problem.price(6e7, 700) == pytest.approx(expected, rel=1e-12)


def test_actions_are_positions_on_the_grid(problem):
    w = [0.1, 0.2, 0.3, 0.15, 0.25]
    action = problem.action(Experiment(np.array(w), 1e9, 700))
    assert (action["scale"], action["steps"]) == (1, 1)
    assert action["mixture"].tolist() == w
    assert problem.indices(6e7, 19_500) == (0, 2)


@pytest.mark.parametrize("ask", ["price", "indices"])
def test_experiments_off_the_grid_are_refused(problem, ask):
    with pytest.raises(ValueError, match=r"scale: expected one of \(60.*\) parameters, got 7"):
        getattr(problem, ask)(7e7, 700)
    message = "steps: expected one of 3 checkpoints from 100 to 19500, got 800"
    with pytest.raises(ValueError, match=message):
        getattr(problem, ask)(1e9, 800)


def test_actions_off_the_grid_are_refused(problem):
    with pytest.raises(ValueError, match="steps: expected one of 3 checkpoints"):
        problem.action(Experiment(np.full(5, 0.2), 1e9, 101))


def info(count=2):
    return {
        "metrics": np.array([2.5, 0.4]),
        "cost": 0.125,
        "cut_short": True,
        "resumed": False,
        "experiment": {"mixture": np.array([0.3, 0.7]), "scale": 6e7, "steps": 700},
        "curve": np.array([[3.0, 0.3], [2.5, 0.4], [0.0, 0.0]]),
        "curve_steps": np.array([100, 700, 0]),
        "curve_count": count,
    }


def test_experiments_and_outcomes_are_read_from_infos():
    source = info()
    done, outcome = Experiment.from_info(source), Outcome.from_info(source)
    assert (done.mixture.tolist(), done.scale, done.steps) == ([0.3, 0.7], 6e7, 700)
    assert outcome.metrics.tolist() == [2.5, 0.4]
    assert (outcome.cost, outcome.cut_short, outcome.resumed) == (0.125, True, False)
    assert outcome.curve_steps.tolist() == [100, 700]
    assert outcome.curve.tolist() == [[3.0, 0.3], [2.5, 0.4]]
    source["metrics"][:] = source["curve"][:] = 9.0
    assert outcome.metrics.tolist() == [2.5, 0.4]
    assert outcome.curve[0].tolist() == [3.0, 0.3]


def test_infos_without_a_curve_give_an_empty_one():
    bare = {k: v for k, v in info().items() if not k.startswith("curve")}
    for source in (bare, info(count=0)):
        outcome = Outcome.from_info(source)
        assert outcome.curve_steps.size == outcome.curve.size == 0
