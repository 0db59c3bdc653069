"""The study of intervals and comparisons: a small one that can fail, and what it prints."""

from functools import partial

import numpy as np
import pytest

from benchmarks.statistics import Interval, interquartile_mean, mean, share
from benchmarks.statistics.study import Rate, main
from benchmarks.statistics.synthetic import episodes, lognormal, normal, regrets
from benchmarks.statistics.trial import covered, family, flagged

trial = partial(covered, draws=1000, seeds=20)


def test_95_percent_intervals_cover():
    assert 0.93 <= trial(normal, 0.0, mean) <= 0.97
    for sigma in (0.5, 1.0):
        assert 0.91 <= trial(lognormal(sigma), np.exp(sigma**2 / 2), mean) <= 0.98
    assert 0.91 <= trial(episodes(0.9), 0.9, share) <= 0.98


def test_the_study_sees_an_interval_that_does_not_cover():
    def plain(values):
        half = 1.96 * values.std() / len(values) ** 0.5
        return Interval(0.0, values.mean() - half, values.mean() + half, len(values))

    assert trial(lognormal(1.0), np.exp(0.5), plain) < 0.88
    assert trial(normal, 0.5, mean, draws=100) < 0.6


def test_the_interquartile_mean_covers():
    draw, truth = regrets(2)
    found = covered(draw, truth, lambda v: interquartile_mean([v[:20], v[20:]]), draws=80, seeds=20)
    assert 0.86 <= found <= 0.99


def test_a_planted_difference_is_found_and_none_is_not():
    find = partial(flagged, draws=150, seeds=20)
    assert find(1.2, (0.1, 0.1)) > 0.95
    assert find(1.2, tasks=13) > 0.95
    assert 0.4 < find(1.2) < 0.75
    assert 0.02 <= find(1.0, draws=300) <= 0.085
    assert find(1.2, (0.1, 0.1), draws=10, seeds=9) == 0.0  # too few seeds for a verdict


def test_holm_keeps_a_table_of_equals_clean():
    assert family(4, draws=100, seeds=20) <= 0.11


def test_it_prints_and_fails_where_a_rate_is_off(capsys):
    assert main(["--draws", "2", "--seeds", "12"]) in (0, 1)
    printed = capsys.readouterr().out
    for part in ("Synthetic scores, 12 seeds, 2 draws", "mean, normal", "20% difference found"):
        assert part in printed


@pytest.mark.parametrize(("value", "met"), [(0.95, True), (0.99, False), (0.9, False)])
def test_a_rate_says_whether_it_is_met(value, met):
    rate = Rate("x", value, 100, (0.93, 0.97))
    assert rate.met is met
    assert str(rate).endswith(f"expected 93% to 97%: {'yes' if met else 'NO'}")
    assert Rate("x", value, 100).met is None
    assert "expected" not in str(Rate("x", value, 100))
