"""The mixtures that MFMS-GP+ races for one loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.plus.blends import blends
from agents.plus.settings import Settings
from mixenv.problem import Experiment


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half."""
    return lab.make_problem()


def test_equal_shares_extreme_points_and_midpoints_of_edges(problem):
    found = blends(problem, Settings(), 41, np.random.default_rng(0))
    kinds = [tuple(np.sort(w)[::-1].round(6)) for w in found]
    assert kinds[0] == (0.25, 0.25, 0.25, 0.25)
    assert kinds.count((0.5, 0.5, 0, 0)) == 6
    assert kinds.count((0.5, 0.25, 0.25, 0)) == 12  # not (0.25, ...): no edge goes through it
    assert len(found) == 19
    assert len(np.unique(found, axis=0)) == 19


def test_extreme_points_first_where_there_are_too_many(problem):
    found = blends(problem, Settings(), 9, np.random.default_rng(0))
    assert len(found) == 9
    assert sum(np.isclose(np.sort(w)[-2:], 0.5).all() for w in found) == 6
    assert len(blends(problem, Settings(), 4, np.random.default_rng(0))) == 4


def test_without_extreme_points(problem):
    found = blends(problem, Settings(extremes=False), 12, np.random.default_rng(0))
    assert len(found) == 12
    assert not any(np.isclose(w.max(), 0.5) for w in found)


@pytest.mark.parametrize(("domains", "cap"), [(2, 1.0), (2, 0.6), (5, 0.4), (30, 0.5)])
def test_distinct_ones_of_few_and_many_domains(problem, lab, domains, cap):
    names = tuple(f"d{i}" for i in range(domains))
    region = type(problem.region)(domains, cap)
    problem = replace(problem, domains=names, max_share=cap, region=region)
    found = blends(problem, Settings(), 41, np.random.default_rng(0))
    assert 3 <= len(found) <= 41
    assert len(np.unique(found.round(6), axis=0)) == len(found)  # edges cross at a cap of 0.4
    for mixture in found:
        lab.check(problem, Experiment(mixture, 1e9, 100))
