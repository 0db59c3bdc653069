"""Ranks of agents, and pairs of them, on scores whose answers are known."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from benchmarks.statistics import (
    compare,
    holm,
    nemenyi,
    ranks,
    sign_flips,
)

# Ranks


def test_nemenyis_difference_is_the_published_one():
    assert nemenyi(4, 14) == pytest.approx(1.25, abs=0.005)  # Demsar 2006, section 3.2.2
    assert nemenyi(5, 30) == pytest.approx(2.728 * np.sqrt(5 * 6 / 180), abs=1e-3)


def test_ranks_and_groups():
    rng = np.random.default_rng(0)
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
    d = np.random.default_rng(n).normal(0.3, 1, size=n)
    found = permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(0)
    )
    assert sign_flips(d) == pytest.approx(found.pvalue, abs=0.015)


def test_what_two_agents_share_cancels():
    rng = np.random.default_rng(0)
    noise = 10 * rng.normal(size=20)
    found = compare(noise + 0.1 * rng.normal(size=20), noise + 1.0, names=("x", "y"), task="arxiv")
    assert found.difference.low < -1.0 < found.difference.high < 0
    assert found.verdict == "x is better than y"
    assert found.turned().verdict == "x is better than y"
    assert (found.turned().agent, found.turned().difference.value) == ("y", -found.difference.value)


def test_costs_are_compared_by_their_ratio():
    rng = np.random.default_rng(0)
    logs = rng.normal(size=20)
    found = compare(logs + np.log(2), logs + 0.01 * rng.normal(size=20), measure="cost")
    assert found.difference.value == pytest.approx(2.0, rel=0.01)
    assert (found.neutral, found.verdict) == (1.0, "B is better than A")
    assert found.turned().difference.high == pytest.approx(1 / found.difference.low)


def test_verdicts_without_enough():
    assert compare(np.zeros(9), np.ones(9)).verdict == "too few seeds"
    assert compare(np.ones(10), np.ones(10)).verdict == "no difference shown"
    noise = np.random.default_rng(0).normal(size=20)
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
