"""Statistics on samples whose answers are known."""

import numpy as np
import pytest

from benchmarks.statistics import LEAST_COST, Costs, median, quotient, ratio


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
