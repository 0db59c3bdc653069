"""Statistics on samples whose answers are known."""

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test, t

from benchmarks.statistics import (
    LEAST_COST,
    TOO_FEW,
    Costs,
    Interval,
    arrivals,
    compare,
    coverage,
    holm,
    improvement,
    interquartile_mean,
    mean,
    median,
    nemenyi,
    profile,
    quotient,
    ranks,
    ratio,
    share,
    sign_flips,
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


# Ranks


def test_nemenyis_difference_is_the_published_one():
    assert nemenyi(4, 14) == pytest.approx(1.25, abs=0.005)  # Demsar 2006, section 3.2.2
    assert nemenyi(5, 30) == pytest.approx(2.728 * np.sqrt(5 * 6 / 180), abs=1e-3)


def test_ranks_and_groups():
    rng = RNG(0)
    scores = np.array([3.0, 1.0, 1.1, 9.0]) + 0.15 * rng.normal(size=(20, 4))
    found = ranks(scores, ("c", "a", "b", "d"))
    assert found.agents[2:] == ("c", "d")
    assert sorted(found.agents[:2]) == ["a", "b"]
    assert found.p < 0.001
    assert found.groups == (found.agents[:2], ("c", "d")) or found.difference < 1
    assert found.tasks == 20
    assert sum(found.means) == pytest.approx(10)


def test_ties_share_their_rank():
    found = ranks(np.array([[1.0, 1.0 + 1e-9, 2.0], [1.0, 1.0, 3.0]]), ("a", "b", "c"))
    assert found.means == (1.5, 1.5, 3.0)


def test_where_friedman_finds_nothing_all_are_one_group():
    scores = np.array([[1.0, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]])
    found = ranks(scores, ("a", "b", "c"))
    assert found.p > 0.05
    assert found.groups == (found.agents,)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (np.arange(8.0).reshape(4, 2), "needs at least 3 agents, got 2"),
        (np.arange(3.0).reshape(1, 3), "needs at least 2 tasks, got 1"),
        (np.ones((4, 3)), "all agents tie"),
    ],
)
def test_no_test_says_why(scores, reason):
    found = ranks(scores, ("a", "b", "c")[: scores.shape[1]])
    assert reason in found.reason
    assert np.isnan(found.p)
    assert found.groups == ()


def test_scores_that_are_missing_are_refused():
    with pytest.raises(
        ValueError, match=r"scores: expected finite numbers \[tasks, 3\].*1 not fin"
    ):
        ranks(np.array([[1.0, np.nan, 2.0]]), ("a", "b", "c"))


# Pairs


def test_sign_flips_are_exact_for_few_differences():
    assert sign_flips(np.arange(1.0, 13.0)) == 2 / 2**12
    assert sign_flips(np.array([0.0, 0.0, 5.0])) == 1.0
    assert sign_flips(np.zeros(20)) == 1.0


@pytest.mark.parametrize("n", [9, 20, 150])
def test_sign_flips_agree_with_scipy(n):
    d = RNG(n).normal(0.3, 1, size=n)
    found = permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=20_000, rng=RNG(0)
    )
    assert sign_flips(d) == pytest.approx(found.pvalue, abs=0.015)


def test_what_two_agents_share_cancels():
    rng = RNG(0)
    noise = 10 * rng.normal(size=20)
    found = compare(noise + 0.1 * rng.normal(size=20), noise + 1.0, names=("x", "y"), task="arxiv")
    assert found.difference.low < -1.0 < found.difference.high < 0
    assert found.verdict == "x is better than y"
    assert found.turned().verdict == "x is better than y"
    assert (found.turned().agent, found.turned().difference.value) == ("y", -found.difference.value)


def test_costs_are_compared_by_their_ratio():
    rng = RNG(0)
    logs = rng.normal(size=20)
    found = compare(logs + np.log(2), logs + 0.01 * rng.normal(size=20), measure="cost")
    assert found.difference.value == pytest.approx(2.0, rel=0.01)
    assert (found.neutral, found.verdict) == (1.0, "B is better than A")
    assert found.turned().difference.high == pytest.approx(1 / found.difference.low)


def test_verdicts_without_enough():
    assert compare(np.zeros(9), np.ones(9)).verdict == "too few seeds"
    assert compare(np.ones(10), np.ones(10)).verdict == "no difference shown"
    noise = RNG(0).normal(size=20)
    assert compare(noise, -noise).verdict == "no difference shown"


def test_holm():
    one = compare(np.zeros(20), np.ones(20))
    given = [0.01, 0.04, 0.03, 0.005]
    found = holm([one.__class__(*("a", "b", "t", "regret", one.difference, p, p)) for p in given])
    assert [c.corrected for c in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [c.verdict for c in found][1:] == ["no difference shown"] * 2 + ["a is better than b"]
    assert [c.p for c in found] == given
    assert holm([]) == []


def test_pairs_that_are_none():
    with pytest.raises(ValueError, match=r"measure: expected one of regret, .* got 'speed'"):
        compare(np.ones(3), np.ones(3), measure="speed")
    with pytest.raises(ValueError, match=r"values: expected one a seed .* got \(3,\) and \(2,\)"):
        compare(np.ones(3), np.ones(2))


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
