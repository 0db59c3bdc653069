"""Scores of records made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.scores import any_time, cost_to, cost_to_level, levels_at, regret_at, untrained

CURVE = [3.0, 0.4, 2.0, 0.3, 0.05]  # before the first experiment, and after each


def test_regret_is_that_in_force(record):
    done = record([0.5, 0.5, 2.0, 5.0], CURVE)
    np.testing.assert_array_equal(
        regret_at(done, [0.1, 0.5, 0.99, 1, 2.99, 3, 8, 9]),
        [3.0, 0.4, 0.4, 2.0, 2.0, 0.3, 0.05, 0.05],
    )


def test_a_sum_of_costs_that_rounding_cut_short_counts(record):
    done = record([0.1] * 10, [3.0] * 10 + [1.0])
    assert done.spent[-1] < 1.0
    assert regret_at(done, [1.0])[0] == 1.0


def test_search_cost_is_from_when_regret_stays(record):
    done = record([0.5, 0.5, 2.0, 5.0], CURVE)
    assert [cost_to(done, t) for t in (0.5, 0.25, 0.01, 5.0)] == [3.0, 8.0, np.inf, 0.0]


def test_final_adds_a_run_where_the_recommendation_was_not_trained(record):
    short = record([0.5, 0.5, 2.0, 3.0], CURVE, steps=300)
    assert cost_to(short, 0.5, "final") == 4.0
    full = record([0.5, 0.5, 2.0, 3.0], CURVE)
    assert cost_to(full, 0.5, "final") == 3.0
    np.testing.assert_array_equal(untrained(full), [1, 0, 0, 0, 0])
    smaller = record([0.5, 0.5, 2.0, 3.0], CURVE, scale=20e6)
    np.testing.assert_array_equal(untrained(smaller), np.ones(5))


def test_final_takes_the_cheaper_of_buying_and_waiting(record):
    steps = np.array([300, 19_500, 300, 300])
    shares = np.array([[0.1, 0.9], [0.175, 0.825], [0.2, 0.8], [0.3, 0.7]])
    done = record([0.1, 0.2, 1.0, 1.0], [3, 0.1, 0.1, 0.1, 0.1], steps=steps, mixture=shares)
    done = replace(done, in_force=np.array([0, 1, 1, 1, 1]))
    assert cost_to(done, 0.5) == 0.1  # its recommendation is trained at the target at 0.3
    assert cost_to(done, 0.5, "final") == pytest.approx(0.3)


def test_as_the_paper_counts(record):
    truth = [2.1, 1.5, 3.0, 1.1]  # the level of 0.5 sd is 1 + 0.5 * 2
    base = record([1.0] * 4, [3.0] * 5, agent="hyperband", truth=truth, scale=20e6)
    assert cost_to(base, 0.5, "paper") == 2.0
    assert cost_to_level(base, 1.05) == np.inf
    agent = record([1.0] * 4, CURVE, truth=truth)
    assert cost_to(agent, 0.5, "paper") == 2.0  # there after one run, and one more at the target
    np.testing.assert_array_equal(levels_at(base, [0.5, 1, 3, 4]), [np.inf, 2.1, 1.5, 1.1])


def test_an_unknown_accounting(record):
    with pytest.raises(ValueError, match="accounting: expected one of search, final, paper, got"):
        cost_to(record([1.0], [1.0, 1.0]), 0.5, "creative")


def test_any_time_regret_weighs_every_doubling_of_the_cost_the_same(record):
    flat = record([1.0] * 8, [2.0] * 9)
    assert any_time(flat) == pytest.approx(2.0)
    # 3 from 0.08 (a hundredth of the budget) to 0.8, then 1 for the other decade
    assert any_time(record([0.8], [3.0, 1.0])) == pytest.approx(2.0)
    assert any_time(record([0.8, 7.2, 5.0], [3.0, 1.0, 9.0, 9.0])) == pytest.approx(2.0)
    late = record([2.0] * 5, [3.0, 3.0, 3.0, 1.0, 1.0, 1.0], budget=40.0)
    width = np.log(40 / 0.1)
    expected = (3 * np.log(6 / 0.1) + np.log(40 / 6)) / width
    assert any_time(late) == pytest.approx(expected)
