"""Statistics on samples whose answers are known."""

import numpy as np
import pytest
from scipy.stats import binomtest, t

from benchmarks.statistics import (
    LEAST_COST,
    TOO_FEW,
    Costs,
    Interval,
    arrivals,
    coverage,
    improvement,
    interquartile_mean,
    mean,
    median,
    profile,
    quotient,
    ratio,
    share,
)

RNG = np.random.default_rng


def costs(*values, budget=60.0):
    return Costs(np.array(values), budget)


def test_a_median_and_its_interval():
    found = median(np.arange(1.0, 102.0))
    assert (found.value, found.seeds) == (51.0, 101)
    # order statistics of ranks 51 +- 1.96 * sqrt(101) / 2
    assert found.low == pytest.approx(41, abs=3)
    assert found.high == pytest.approx(61, abs=3)
    assert median(np.full(5, 2.0)).low == 2.0


def test_intervals_cover():
    rng = np.random.default_rng(4)
    truth, inside = np.log(2.0), 0
    for _ in range(300):
        found = median(rng.exponential(size=20))
        inside += found.low <= truth <= found.high
    assert 0.90 <= inside / 300 <= 0.99


def test_a_ratio_of_medians():
    found = ratio([costs(8, 10, 12)], [costs(4, 5, 6)])
    assert found.value == 2.0
    assert found.low < 2.0 < found.high


def test_several_tasks_give_the_geometric_mean():
    pairs = [costs(8, 8, 8), costs(2, 2, 2)], [costs(1, 1, 1), costs(1, 1, 1)]
    found = ratio(*pairs)
    assert found.value == pytest.approx(4.0)
    assert (found.low, found.high) == pytest.approx((4.0, 4.0))


def test_censored_seeds_count_once_for_the_baseline_and_twice_for_the_agent():
    never = costs(np.inf, np.inf, np.inf)
    assert quotient(never, costs(6, 6, 6)) == 10.0
    assert quotient(costs(6, 6, 6), never) == 0.05
    assert quotient(never, never) == 0.5


def test_over_the_budget_is_never():
    assert Costs(np.array([61.0]), 60.0).censored
    assert Costs(np.array([61.0]), 60.0).counted().tolist() == [60.0]
    assert not Costs(np.array([60.0]), 60.0).censored


def test_a_computed_cost_counts_beyond_the_budget_unless_the_agent_never_arrives():
    law = Costs(np.array([3000.0]), 60.0, computed=True)
    assert quotient(law, costs(6, 6, 6)) == 500.0
    assert ratio([law], [costs(6, 6, 6)]).value == pytest.approx(500.0)
    assert quotient(law, costs(np.inf, np.inf, np.inf)) == 0.5
    within = Costs(np.array([30.0]), 60.0, computed=True)
    assert quotient(within, costs(np.inf, np.inf, np.inf)) == 0.25


def test_a_median_is_censored_only_from_half_of_the_seeds():
    assert costs(1, 2, np.inf).median == 2.0
    assert not costs(1, 2, np.inf).censored
    assert costs(1, np.inf, np.inf).censored
    assert costs(1, 2, np.inf, np.inf).censored


def test_costs_of_nothing_keep_ratios_finite():
    assert costs(0, 0, 0).counted().tolist() == [LEAST_COST] * 3


# Means and shares


def test_the_mean_of_a_symmetric_sample_has_students_interval():
    values = np.array([-3.0, -1.0, -0.5, -0.2, 0.0, 0.0, 0.2, 0.5, 1.0, 3.0]) + 7
    half = t.ppf(0.975, 9) * values.std(ddof=1) / 10**0.5
    found = mean(values)
    assert (found.value, found.low, found.high) == pytest.approx((7, 7 - half, 7 + half))


def test_the_interval_of_a_skewed_mean_reaches_to_where_the_tail_is():
    values = RNG(2).lognormal(size=20)
    found, turned = mean(values), mean(3 - 2 * values)
    assert found.high - found.value > 1.3 * (found.value - found.low)
    assert (turned.low, turned.high) == pytest.approx((3 - 2 * found.high, 3 - 2 * found.low))


def test_equal_values_have_no_spread():
    found = mean(np.full(12, 0.1))
    assert found.low == found.value == found.high == pytest.approx(0.1)
    assert mean(np.array([2.0])) == Interval(2.0, 2.0, 2.0, 1)


def test_few_seeds_are_said_in_words():
    assert Interval(1.234, 1.0, 2.0, 10).shown() == "1.23 [1.00, 2.00]"
    assert Interval(1.234, 1.0, 2.0, 9).shown(1) == f"1.2 ({TOO_FEW})"


def test_a_share_stays_between_0_and_1_and_is_never_sure():
    for value in (0.0, 1.0):
        found, exact = share(np.full(20, value)), binomtest(int(20 * value), 20).proportion_ci()
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    # shares that vary less than single trials would are known better than 20 trials
    half = binomtest(10, 20).proportion_ci()
    tight = share(np.tile([0.45, 0.55], 10), seeds=7)
    assert half.low < tight.low < 0.5 < tight.high < half.high
    assert tight.seeds == 7


# Many tasks


def test_the_interquartile_mean_ignores_the_outer_quarters():
    values = np.array([-1e6, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e6])
    assert interquartile_mean([values]).value == 3.5
    assert interquartile_mean([values[:4], values[4:]]).value == 3.5


def test_resampling_is_within_tasks():
    found = interquartile_mean([np.full(10, 1.0), np.full(10, 2.0)])
    assert (found.value, found.low, found.high, found.seeds) == (1.5, 1.5, 1.5, 10)
    unlike = interquartile_mean([RNG(0).normal(size=30), np.full(10, 9.0)])
    assert unlike.low < unlike.value < unlike.high
    assert unlike.seeds == 10


def test_a_profile_counts_runs():
    values = np.repeat([0.1, 0.3], [5, 15])
    found = profile([values, values + 0.1], np.array([0.05, 0.2, 0.3, 1.0]))
    np.testing.assert_allclose(found.value, [0, 0.25, 0.625, 1])
    one = profile([values], np.array([0.2])).point(0)
    wilson = binomtest(5, 20).proportion_ci(method="wilson")
    assert (one.value, one.low, one.high) == pytest.approx((0.25, wilson.low, wilson.high))
    assert one.low < found.low[1] < found.high[1] < one.high
    assert found.high[0] > 0.03  # ten runs more may find one


def test_the_probability_of_improvement():
    low, high = np.arange(10.0), np.arange(10.0) + 100
    assert improvement([low, low], [high, high]).value == 1.0
    assert improvement([low, high], [high, low]).value == 0.5
    assert improvement([low], [low]).value == pytest.approx(0.5)
    found = improvement([RNG(0).normal(size=20)], [RNG(1).normal(size=20) + 1])
    assert 0.5 < found.low < found.value < found.high < 1


def test_a_task_without_runs_is_refused():
    for call in (interquartile_mean, lambda g: profile(g, np.ones(1))):
        with pytest.raises(
            ValueError, match=r"groups: expected at least one task, .*runs \[2, 0\]"
        ):
            call([np.ones(2), np.ones(0)])
    with pytest.raises(ValueError, match="groups: expected at least one task"):
        improvement([], [])


# Arrivals and coverage


def test_arrivals():
    found = arrivals(costs(*[2.0] * 5, *[4.0] * 5, *[np.inf] * 10, budget=8.0))
    np.testing.assert_array_equal(found.at, [0, 2, 4, 8])
    np.testing.assert_allclose(found.value, [0, 0.25, 0.5, 0.5])
    wilson = binomtest(10, 20).proportion_ci(method="wilson")
    assert (found.low[3], found.high[3]) == pytest.approx((wilson.low, wilson.high))
    np.testing.assert_array_equal(arrivals(costs(np.inf, np.inf)).value, [0, 0])
    np.testing.assert_array_equal(arrivals(costs(1.0, 1.0)).value, [0, 1, 1])


def test_honest_predictions_are_covered():
    sd = RNG(0).uniform(0.5, 2, size=(40, 200))
    truth = 3 + sd * RNG(1).normal(size=sd.shape)
    found = coverage(np.full(sd.shape, 3.0), sd, truth, 20)
    for level, interval in found.levels.items():
        assert interval.low <= level <= interval.high
        assert interval.seeds == 20
    best = found.log_density.value
    for factor in (0.7, 1.5):
        other = coverage(np.full(sd.shape, 3.0), factor * sd, truth, 20)
        assert other.log_density.value < best
        assert (other.levels[0.8].high < 0.8) == (factor < 1)
    assert found.missing == 0


def test_predictions_that_are_missing_cover_nothing():
    mu, sd = np.zeros((10, 2)), np.ones((10, 2))
    mu[:, 0], sd[0, 1] = np.nan, 0.0
    found = coverage(mu, sd, np.zeros((10, 2)), 10)
    assert found.levels[0.95].value == pytest.approx(0.45)
    assert found.missing == pytest.approx(0.55)
    assert found.log_density.value == pytest.approx(-0.5 * np.log(2 * np.pi))
    assert np.isnan(coverage(np.full((2, 1), np.nan), sd[:2, :1], mu[:2, :1], 2).log_density.value)


def test_predictions_of_different_shapes():
    with pytest.raises(ValueError, match=r"predictions: expected mean, sd and truth of one shape"):
        coverage(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 2)), 2)
