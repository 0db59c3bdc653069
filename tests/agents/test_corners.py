"""The extreme points, and the order in which they are trained."""

from __future__ import annotations

import numpy as np
import pytest

import agents
from agents.corners import LIMIT, extreme_points
from mixenv import simplex

PAPER_STEPS = tuple(range(100, 19_501, 100))


@pytest.mark.parametrize(("cap", "count"), [(1.0, 4), (0.5, 6), (0.4, 12)])
def test_all_extreme_points(lab, cap, count):
    points = extreme_points(lab.make_problem(cap), np.random.default_rng(0))
    assert points.shape == (count, 4)
    np.testing.assert_allclose(np.sort(points[:, ::-1].sum(axis=1)), 1)


def test_too_many_extreme_points_are_sampled(lab):
    problem = lab.make_problem(0.15, domains=20)
    points = extreme_points(problem, np.random.default_rng(0))
    assert LIMIT / 2 < len(points) <= LIMIT
    full = np.isclose(points, 0.15)
    assert (full.sum(axis=1) == 6).all()
    np.testing.assert_allclose(points.sum(axis=1), 1)
    np.testing.assert_allclose(np.where(full, 0, points).max(axis=1), 0.1)


def test_a_pools_extreme_rows(lab):
    rows = np.array(
        [[0.9, 0.1, 0, 0], [0.1, 0.7, 0.1, 0.1], [0.2, 0.2, 0.3, 0.3], [0.3, 0.3, 0.2, 0.2]]
    )
    problem = lab.make_problem(1.0, pools=dict.fromkeys(lab.SCALES, rows))
    np.testing.assert_array_equal(extreme_points(problem, np.random.default_rng(0)), rows[:3])


def test_short_runs_then_the_better_half_for_longer(lab):
    problem = lab.make_problem(0.5, PAPER_STEPS)
    agent = agents.make("corners", problem, 0)
    asked = []
    for _ in range(20):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    steps = [e.steps for e in asked]
    assert steps[:13] == [1000] * 6 + [2000] * 3 + [4000, 8000, 16_000, 19_500]
    assert steps[13:] == [19_500] * 7
    best = min(simplex.extremes(4, 0.5), key=lambda w: ((w - lab.BEST) ** 2).sum())
    for i in (6, 9, 10, 11, 12, 18, 19):  # first of each round; at the end, run again
        np.testing.assert_array_equal(asked[i].mixture, best)
    assert len({tuple(e.mixture) for e in asked[12:18]}) == 6
    np.testing.assert_array_equal(agent.recommend(), best)
