"""What every agent must do, whatever it is told."""

from __future__ import annotations

import numpy as np
import pytest

import agents
from agents.registry import PEERS
from mixenv.problem import Experiment

NAMES = [name for name in agents.names() if name not in PEERS]  # see test_peers.py
FIXED = ("uniform", "proportional")  # which no outcome moves


def play(lab, name, value, rounds=30, seed=3, problem=None):
    problem = problem or lab.make_problem()
    agent = agents.make(name, problem, seed)
    asked = []
    for i in range(rounds):
        experiment = agent.ask()
        lab.check(problem, experiment)
        asked.append(experiment)
        agent.tell(experiment, lab.outcome(value(i, experiment)))
        recommended = agent.recommend()
        lab.check(problem, Experiment(recommended, *problem.target))
    return agent, asked


@pytest.mark.parametrize("name", NAMES)
class TestEveryAgent:
    @pytest.mark.parametrize("cap", [0.26, 0.4, 1.0])
    def test_stays_in_the_region_and_on_the_grid(self, lab, name, cap):
        play(lab, name, lambda i, e: lab.quadratic(e), 26, problem=lab.make_problem(cap))

    def test_is_deterministic(self, lab, name):
        runs = [play(lab, name, lambda i, e: lab.quadratic(e), 24)[1] for _ in range(2)]
        for one, two in zip(*runs, strict=True):
            assert (one.scale, one.steps) == (two.scale, two.steps)
            np.testing.assert_array_equal(one.mixture, two.mixture)

    def test_recommends_the_uniform_mixture_before_anything(self, lab, name):
        agent = agents.make(name, lab.make_problem(), 0)
        np.testing.assert_allclose(agent.recommend(), 0.25)

    def test_asks_the_same_until_told(self, lab, name):
        agent = agents.make(name, lab.make_problem(), 0)
        assert agent.ask().steps == agent.ask().steps
        np.testing.assert_array_equal(agent.ask().mixture, agent.ask().mixture)

    @pytest.mark.parametrize(
        "value",
        [
            lambda i, e: np.nan,
            lambda i, e: 1.5,
            lambda i, e: np.nan if i % 2 else float(i),
            lambda i, e: np.nan if i < 25 else 1.0,
            lambda i, e: 1e8 * np.sin(i),
        ],
        ids=["failed", "constant", "half-failed", "late", "wild"],
    )
    def test_survives(self, lab, name, value):
        play(lab, name, value)

    def test_failed_runs_leave_the_recommendation_alone(self, lab, name):
        agent, _ = play(lab, name, lambda i, e: np.nan, 22)
        np.testing.assert_allclose(agent.recommend(), 0.25)

    def test_one_experiment_again_and_again(self, lab, name):
        problem = lab.make_problem()
        agent = agents.make(name, problem, 0)
        same = Experiment(np.array([0.4, 0.3, 0.2, 0.1]), *problem.target)
        for _ in range(24):
            agent.tell(same, lab.outcome(1.0))
            lab.check(problem, agent.ask())
        if name not in FIXED:
            np.testing.assert_allclose(agent.recommend(), same.mixture)

    def test_beats_nothing_at_all(self, lab, name):
        problem = lab.make_problem()
        env = lab.FakeEnv(problem, limit=60)
        agent = agents.make(name, problem, 0)
        agents.rollout(agent, env, 0)
        at_target = [Experiment(w, *problem.target) for w in (agent.recommend(), np.full(4, 0.25))]
        if name in FIXED:  # which are that nothing
            np.testing.assert_array_equal(*(e.mixture for e in at_target))
        else:
            assert lab.quadratic(at_target[0]) < lab.quadratic(at_target[1])

    def test_plays_a_pool(self, lab, name):
        rng = np.random.default_rng(0)
        pools = {
            s: rng.dirichlet(np.ones(4), n) for s, n in zip(lab.SCALES, (5, 9, 7), strict=True)
        }
        problem = lab.make_problem(1.0, pools=pools)
        _, asked = play(lab, name, lambda i, e: lab.quadratic(e), 26, problem=problem)
        if name != "random-logit":  # whose box knows no pool: the environment takes the nearest
            for experiment in asked:
                apart = np.abs(pools[experiment.scale] - experiment.mixture).sum(axis=1)
                assert apart.min() < 1e-9

    def test_plays_a_grid_of_one_checkpoint(self, lab, name):
        problem = lab.make_problem(steps=(500,))
        play(lab, name, lambda i, e: lab.quadratic(e), 26, problem=problem)
