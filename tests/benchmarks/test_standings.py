"""Leaderboards, ranks, profiles, pairs, arrivals and calibration over results made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration import calibration, forecast
from benchmarks.paired import by_task, comparisons
from benchmarks.standings import (
    any_time,
    arrival_curves,
    field,
    improvements,
    leaderboard,
    profiles,
    ranking,
)
from benchmarks.statistics import compare

# Who is compared


def test_everyone_is_compared_on_the_tasks_that_all_have_played(results, without):
    assert field(results).tasks == ("arxiv", "book")
    found = field(without(("book", "random")))
    assert (found.tasks, found.left_out) == (("arxiv",), ())


def test_an_agent_that_fails_does_not_take_the_tasks_away(results, without):
    none = field(without(("arxiv", "random"), ("book", "random")))
    assert (none.agents, none.left_out) == (("corners", "hyperband"), ("random",))
    found = field(without(("arxiv", "random"), ("book", "corners")))
    assert len(found.agents) == 2
    assert len(found.left_out) == 1
    assert field(replace(results, records=[])).agents == ()


# Standings


def test_the_leaderboard(results):
    found = leaderboard(results)
    assert [s.agent for s in found] == ["corners", "hyperband", "random"]  # any-time decides
    first = found[0]
    assert first.costs == (1.0, 2.0, 4.0, 8.0)
    assert [i.value for i in first.regret] == [2.0, 0.05, 0.05, 0.05]
    assert (first.tasks, first.seeds) == (2, 10)
    assert leaderboard(results, [1.0])[0].agent == "corners"
    assert leaderboard(replace(results, records=[])) == []


def test_ranking(results):
    found = ranking(results)
    assert found is not None
    assert found.agents == ("corners", "hyperband", "random")
    assert found.means == (1.5, 1.5, 3.0)
    assert ranking(results, 2.0).means == (1.0, 2.5, 2.5)
    assert ranking(replace(results, records=[])) is None


def test_profiles_and_improvements(results):
    assert profiles(results, 2.0, [0.04, 0.05])["corners"].value.tolist() == [0.0, 1.0]
    found = improvements(results, 2.0)
    assert found["corners", "hyperband"].value == 1.0
    assert found["hyperband", "corners"].value == 0.0
    assert improvements(results)["hyperband", "corners"].value == 0.5


def test_any_time(results):
    found = any_time(results)
    assert found["arxiv", "random"].value == pytest.approx(3.0)
    assert found["arxiv", "corners"].value < found["arxiv", "hyperband"].value < 3.0


def test_arrival_curves_leave_random_search_to_its_law(results):
    found = arrival_curves(results, "arxiv", 0.5)
    assert set(found) == {"corners", "hyperband"}
    np.testing.assert_array_equal(found["hyperband"].at, [0, 6, 8])
    np.testing.assert_array_equal(found["hyperband"].value, [0, 1, 1])


# Pairs


def test_pairs_are_told_apart_by_what_seeds_share(noisy):
    found = {(c.agent, c.against): c for c in comparisons(noisy)}
    assert found["b", "a"].verdict == "a is better than b"
    assert found["b", "a"].difference.value == pytest.approx(0.5, abs=0.05)
    assert found["b", "a"].task == "all 2"
    assert found["c", "a"].verdict == "no difference shown"
    assert found["b", "a"].corrected == pytest.approx(3 * found["b", "a"].p)


def test_unpaired_the_same_difference_does_not_show(noisy):
    sides = [np.array([r.regrets[-1] for r in noisy.groups["arxiv", a]]) for a in "ab"]
    rng = np.random.default_rng(1)
    assert compare(sides[0], rng.permutation(sides[1])).verdict == "no difference shown"
    (on_arxiv, on_book) = by_task(noisy, "a", "b")
    assert on_arxiv.verdict == on_book.verdict == "a is better than b"
    assert (on_arxiv.task, on_arxiv.difference.seeds) == ("arxiv", 10)


def test_only_seeds_that_both_have_played_are_paired(noisy):
    def kept(record):
        return record.seed < 12 - 4 * (record.agent == "b")

    few = replace(noisy, records=[r for r in noisy.records if kept(r)])
    (first, _) = by_task(few, "a", "b")
    assert (first.difference.seeds, first.verdict) == (8, "too few seeds")
    none = replace(noisy, records=[r for r in noisy.records if (r.seed < 5) == (r.agent == "a")])
    assert by_task(none, "a", "b") == []
    assert by_task(noisy, "a", "nobody") == []


def test_pairs_by_cost(results):
    (found,) = comparisons(results, "cost")  # random search is not paired
    assert (found.agent, found.against) == ("corners", "hyperband")
    assert found.difference.value == pytest.approx(2 / 6)
    assert found.verdict == "corners is better than hyperband"
    assert by_task(results, "random", "corners", "cost") == []
    stuck = comparisons(results, "cost", at=0.01)[0]  # neither gets there: the budget for both
    assert (stuck.difference.value, stuck.verdict) == (1.0, "no difference shown")


# Calibration


def test_calibration_by_place_and_cost(predicting):
    found = {(c.where, c.cost): c for c in calibration(predicting)}
    assert {c.agent for c in found.values()} == {"corners"}
    assert {cost for _, cost in found} == {2.0, 4.0, 8.0}  # 5.5 is under 8, and the last
    early, late = (found["uniform mixtures", cost].coverage for cost in (2.0, 8.0))
    assert early.levels[0.95].value == 0.0  # 1 sd of the task off, with an sd of 0.3 of it
    assert late.levels[0.5].value == 1.0
    assert found["own recommendation", 2.0].coverage.levels[0.95].value == 1.0
    expected = -0.5 * np.log(2 * np.pi) - np.log(0.3)
    assert late.log_density.value == pytest.approx(expected, rel=1e-6)
    assert early.log_density.value == pytest.approx(expected - 0.5 / 0.3**2, rel=1e-6)
    assert early.levels[0.95].seeds == 10
    assert calibration(predicting, "book") == []


def test_a_forecast_is_the_first_from_a_cost_on(predicting):
    record = predicting.records[0]
    assert forecast(record, 1.0, "own recommendation") is None
    np.testing.assert_array_equal(
        forecast(record, 4.0, "uniform mixtures"), forecast(record, 8.0, "uniform mixtures")
    )
    assert forecast(predicting.records[-1], 8.0, "uniform mixtures") is None
