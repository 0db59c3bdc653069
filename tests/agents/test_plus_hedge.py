"""MFMS-GP+ before it has seen a dear run: what it recommends is nearer to equal shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.settings import Settings
from mixenv import make_task
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

EVEN = np.full(4, 0.25)
CAP = 0.5
TRUSTING = Settings(hedge=1.0, race_hedge=1.0)


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half, three scales; one loss, so that a race begins."""
    return replace(lab.make_problem(CAP), budget=60.0)


@pytest.fixture
def mean(problem):
    """The same, of the mean of two losses: no race."""
    objective = Objective("mean", (0, 1), (0.5, 0.5), (0.0, 0.0))
    return replace(problem, metrics=(*problem.metrics, loss("b")), objective=objective)


def play(lab, agent, until=lambda told: False, most=200):
    """Ask and tell at real prices until `until` what was told; yields after each tell."""
    problem = agent.problem
    for _ in range(most):
        asked = agent.ask()
        values = np.full(len(problem.metrics), lab.quadratic(asked))
        agent.tell(asked, Outcome(values, problem.price(asked.scale, asked.steps)))
        if until(agent._told):
            return


def part_of_the_way(agent):
    """How far from equal shares to what leads the recommendation is, on one line with them."""
    leads, recommended = agent._leading() - EVEN, agent.recommend() - EVEN
    part = float(recommended @ leads / (leads @ leads))
    np.testing.assert_allclose(recommended, part * leads, atol=1e-9)
    return part


class TestHedge:
    def test_a_race_until_two_dear_runs_are_told(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        play(lab, agent, lambda told: told.dear == 1)
        assert agent._told.spent < agent.settings.hedge_until
        assert part_of_the_way(agent) == pytest.approx(agent.settings.race_hedge)
        play(lab, agent, lambda told: told.dear == 2)
        assert part_of_the_way(agent) == pytest.approx(1)

    def test_else_until_one_is(self, lab, mean):
        agent = MFMSPlus(mean, 0)
        play(lab, agent, lambda told: len(told) == 12)
        assert part_of_the_way(agent) == pytest.approx(agent.settings.hedge)
        dear = Experiment(EVEN, *mean.target)
        agent.tell(dear, Outcome(np.full(2, 2.0), 0.1))
        assert part_of_the_way(agent) == pytest.approx(1)

    def test_a_dear_run_that_failed_is_none(self, lab, mean):
        agent = MFMSPlus(mean, 0)
        play(lab, agent, lambda told: len(told) == 12)
        dear = Experiment(EVEN, *mean.target)
        agent.tell(dear, Outcome(np.full(2, np.nan), 0.1))
        assert part_of_the_way(agent) == pytest.approx(agent.settings.hedge)

    @pytest.mark.parametrize(("budget", "enough"), [(60.0, 0.8), (0.4, 0.2)])
    def test_until_that_much_or_half_the_budget_is_spent(self, lab, problem, budget, enough):
        agent = MFMSPlus(replace(problem, budget=budget), 0)
        cheap = Experiment(np.array([0.5, 0.5, 0, 0]), problem.scales[0], problem.steps[0])
        agent.tell(cheap, Outcome(np.array([2.0]), 0.09))
        assert part_of_the_way(agent) == pytest.approx(agent.settings.race_hedge)
        agent.tell(cheap, Outcome(np.array([2.0]), enough - 0.09))
        assert agent._told.dear < 2
        assert part_of_the_way(agent) == pytest.approx(1)

    def test_not_between_recorded_mixtures(self, lab):
        pools = {s: np.random.default_rng(0).dirichlet(np.ones(4), 30) for s in lab.SCALES}
        agent = MFMSPlus(lab.make_problem(1.0, pools=pools), 0)
        play(lab, agent, most=3)
        np.testing.assert_array_equal(agent.recommend(), agent._leading())

    def test_decisions_do_not_hang_on_it(self, lab, mean):
        asked = []
        for settings in (Settings(), TRUSTING):
            agent = MFMSPlus(mean, 0, settings)
            play(lab, agent, most=30)
            asked.append([(*e.mixture, e.scale, e.steps) for e, _ in agent._told.events])
        assert asked[0] == asked[1]

    @pytest.mark.parametrize("metric", ["loss_1", "mean_loss"])
    def test_less_regret_where_cheap_runs_deceive(self, metric):
        task = make_task(surface="synthetic:deceptive:5:3", metric=metric, max_share=CAP)
        regret = []
        for settings in (Settings(), TRUSTING):
            agent = MFMSPlus(task.problem, 0, settings)
            while agent._told.spent < 0.2:
                asked = agent.ask()
                shown = task.surface.metrics(
                    asked.mixture[None], np.array([asked.scale]), np.array([asked.steps])
                )[0]
                agent.tell(asked, Outcome(shown, task.problem.price(asked.scale, asked.steps)))
            regret.append(task.regret(agent.recommend()) / task.sd)
        assert regret[0] < 0.7 * regret[1]
