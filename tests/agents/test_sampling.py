"""Random search: where it draws, and what it recommends."""

from __future__ import annotations

import numpy as np

import agents
from mixenv import simplex
from mixenv.problem import Experiment


def draws(name, problem, lab, n):
    agent = agents.make(name, problem, 0)
    asked = []
    for _ in range(n):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(1.0))
    assert all((e.scale, e.steps) == problem.target for e in asked)
    return np.array([e.mixture for e in asked])


def test_random_is_uniform_over_the_region(lab):
    problem = lab.make_problem(0.5)
    drawn = draws("random", problem, lab, 600)
    expected = problem.region.sample(np.random.default_rng(9), 50_000)
    np.testing.assert_allclose(drawn.mean(axis=0), 0.25, atol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0), expected.std(axis=0), atol=0.01)


def test_logit_is_the_projected_box(lab):
    problem = lab.make_problem(0.5)
    box = np.random.default_rng(9).uniform(-3, 3, (50_000, 4))
    weights = np.exp(box) / np.exp(box).sum(axis=1, keepdims=True)
    expected = simplex.project(weights, 0.5)
    drawn = draws("random-logit", problem, lab, 600)
    np.testing.assert_allclose(drawn.std(axis=0), expected.std(axis=0), atol=0.012)
    assert (
        abs((drawn.max(axis=1) > 0.5 - 1e-9).mean() - (expected.max(axis=1) > 0.4999).mean()) < 0.06
    )


def test_recommends_the_best_at_target_only(lab):
    problem = lab.make_problem()
    agent = agents.make("random", problem, 0)
    scale, steps = problem.target
    low, mid, high = np.array([[0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.3, 0.1], [0.1, 0.2, 0.3, 0.4]])
    agent.tell(Experiment(low, scale, steps - 100), lab.outcome(0.0))  # cut short
    np.testing.assert_allclose(agent.recommend(), 0.25)
    agent.tell(Experiment(mid, scale, steps), lab.outcome(2.0))
    agent.tell(Experiment(high, scale, steps), lab.outcome(3.0))
    np.testing.assert_allclose(agent.recommend(), mid)
