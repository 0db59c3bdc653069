"""The loop between an agent and an environment."""

from __future__ import annotations

import numpy as np

import agents


class Scripted:
    """Asks for what it was given and keeps what it is told."""

    def __init__(self, experiments):
        self.experiments, self.told = list(experiments), []

    def ask(self):
        return self.experiments[len(self.told)]

    def tell(self, experiment, outcome):
        self.told.append((experiment, outcome))

    def recommend(self):
        return self.experiments[0].mixture


def test_plays_to_truncation_and_reports_each_step(lab):
    problem, seen = lab.make_problem(), []
    env = lab.FakeEnv(problem, limit=7)
    agent = agents.make("random", problem, 1)
    history = agents.rollout(agent, env, 5, on_step=lambda *step: seen.append(step))
    assert env.seed == 5
    assert len(history) == len(seen) == 7
    for (experiment, outcome), (same, also, seconds) in zip(history, seen, strict=True):
        assert experiment is same
        assert outcome is also
        assert seconds >= 0
        assert outcome.metrics[0] == lab.quadratic(experiment)
        assert outcome.cost == 1.0


def test_a_step_that_showed_nothing_is_not_told(lab):
    problem = lab.make_problem()
    asked = [agents.make("random", problem, seed).ask() for seed in range(4)]
    agent = Scripted(asked)
    history = agents.rollout(agent, lab.FakeEnv(problem, budget=2.5), 0)
    assert len(history) == len(agent.told) == 2
    np.testing.assert_array_equal(history[1][0].mixture, asked[1].mixture)
