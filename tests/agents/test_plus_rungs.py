"""The rounds of the race of MFMS-GP+: prices, steps and numbers of runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.plus.rungs import Rung, meeting, rungs
from agents.plus.settings import Settings

PAPER_STEPS = tuple(range(100, 19_501, 100))


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half, three scales."""
    return replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)


def ladder(problem):
    return rungs(problem, Settings(), Settings().race_rounds)


def test_dearer_and_fewer(problem):
    found = ladder(problem)
    prices = [problem.price(scale, steps) for scale, steps, _ in found]
    assert prices == sorted(prices)
    assert [rung.most for rung in found] == [41, 12, 7, 5, 3, 2, 2]
    assert found[-1][:2] == problem.target


@pytest.mark.parametrize("budget", [0.1, 1.0, 4.0])
def test_a_small_budget_makes_it_cheaper(problem, budget):
    found = ladder(replace(problem, budget=budget))
    fresh = {}
    cost = 0.0
    for scale, steps, count in found:  # runs at one scale go on
        price = problem.price(scale, steps)
        cost += count * (price - fresh.get(scale, 0.0))
        fresh[scale] = price
    assert cost < 0.95 * budget
    assert all(rung.most >= 1 for rung in found)


def test_one_scale_gives_longer_runs(lab):
    problem = replace(lab.make_problem(steps=PAPER_STEPS, scales=(1e9,)), budget=60.0)
    steps = [rung.steps for rung in ladder(problem)]
    assert steps == sorted(set(steps))
    assert steps[-1] == 19_500


def test_fidelities_that_fall_together_count_once(lab):
    problem = replace(lab.make_problem(steps=(2000,), scales=(1e9,)), budget=60.0)
    assert len(ladder(problem)) == 1


def test_a_round_listed_twice_is_run_anew_where_it_is_cheap(lab, problem):
    cheap = [rung for rung in ladder(problem) if rung.scale == 1e7]
    assert [rung.most for rung in cheap] == [41, 12]
    assert cheap[0][:2] == cheap[1][:2]
    dear = replace(lab.make_problem(steps=(2000,)), budget=60.0)
    assert [rung.scale for rung in ladder(dear)].count(1e7) == 1


@pytest.mark.parametrize(
    ("scales", "where"),
    [
        ((1e7, 1e8, 3e8, 5e8, 1e9), Rung(3e8, 8200, 2)),  # the cheapest that is dear enough
        ((1e7, 1e8, 1e9), Rung(1e9, 4100, 2)),  # at a dearer one to fewer steps
        ((5e8, 1e9), Rung(1e9, 4100, 2)),  # not where the first round is run
        ((1e9,), Rung(1e9, 4100, 2)),  # never held: nothing goes on to another scale
    ],
)
def test_equal_shares_are_met_near_the_targets_scale(lab, scales, where):
    problem = replace(lab.make_problem(steps=PAPER_STEPS, scales=scales), budget=60.0)
    assert meeting(problem, Settings(), ladder(problem)) == where


def test_a_meeting_is_as_much_shorter_as_the_last_round(lab, problem):
    poor = replace(problem, budget=2.0)
    part = ladder(poor)[-1].steps / 19_500
    assert part < 0.6
    steps = meeting(poor, Settings(), ladder(poor)).steps
    assert steps == pytest.approx(4100 * part, abs=100)
