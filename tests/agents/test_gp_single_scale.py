"""The GP at the target's scale: where it trains, what it learns from, what it predicts."""

from __future__ import annotations

import numpy as np
import pytest

import agents
from agents.gp_single_scale import at_target_scale
from mixenv.problem import Experiment

PAPER_STEPS = tuple(range(100, 19_501, 100))


def test_trains_at_the_targets_scale_alone(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    agent = agents.make("gp-single-scale", problem, 0)
    asked = []
    for _ in range(26):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    assert {e.scale for e in asked} == {problem.target[0]}
    assert {e.steps for e in asked[:20]} <= set(range(100, 901, 100))
    assert {e.steps for e in asked[20:]} <= {6000, 12_000, 19_500}
    mean, sd = agent.predict(asked[-1].mixture, *problem.target)
    assert abs(mean[0] - lab.quadratic(Experiment(asked[-1].mixture, *problem.target))) < 1.0
    assert sd[0] > 0


def test_does_not_learn_from_other_scales(lab):
    problem = lab.make_problem()
    agent = agents.make("gp-single-scale", problem, 0)
    before = agent.ask()
    low, high = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    agent.tell(Experiment(low, lab.SCALES[0], 2000), lab.outcome(0.0))
    np.testing.assert_array_equal(agent.ask().mixture, before.mixture)
    np.testing.assert_allclose(agent.recommend(), 0.25)
    agent.tell(Experiment(high, lab.SCALES[-1], 2000), lab.outcome(1.0))
    np.testing.assert_allclose(agent.recommend(), high)


def test_predicts_at_the_targets_scale_alone(lab):
    agent = agents.make("gp-single-scale", lab.make_problem(), 0)
    with pytest.raises(ValueError, match=r"expected the target's scale, 1e\+09 parameters, got 1e"):
        agent.predict(np.full(4, 0.25), 1e7, 2000)
    with pytest.raises(ValueError, match="expected at least one outcome told"):
        agent.predict(np.full(4, 0.25), 1e9, 2000)


def test_the_problem_with_one_scale(lab):
    pools = {s: np.full((3, 4), 0.25) for s in lab.SCALES}
    problem = lab.make_problem(1.0, pools=pools)
    single = at_target_scale(problem)
    assert single.scales == lab.SCALES[-1:]
    assert set(single.pools) == set(single.scales)
    assert single.price(*problem.target) == problem.price(*problem.target) == 1.0
