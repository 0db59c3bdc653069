"""MFMS-GP+ where it begins with a race, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.priors import unpack
from agents.plus.settings import Settings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment

PAPER_STEPS = tuple(range(100, 19_501, 100))


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half, three scales."""
    return replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)


class TestAgent:
    def test_one_loss_begins_with_a_race(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        asked = []
        for _ in range(agent._designed):
            asked.append(agent.ask())
            agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
        assert not agent._design
        assert [(e.scale, e.steps) for e in asked[-2:]] == [problem.target] * 2
        lab.check(problem, agent.ask())

    def test_recommends_the_leader_then_what_was_trained_to_the_target(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        seen, recommended = [], agent.recommend()
        for i in range(60):
            asked = agent.ask()
            seen.append(asked)
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
            recommended = agent.recommend()
            if i == 18:
                least = min(seen, key=lab.quadratic)
                np.testing.assert_array_equal(recommended, least.mixture)
        full = [e.mixture for e in seen if (e.scale, e.steps) == problem.target]
        assert len(full) > 1
        mean, _ = agent.predict(np.array(full), *problem.target)
        np.testing.assert_allclose(recommended, full[mean.argmin()])

    def test_not_where_cheap_runs_may_mislead_or_only_recorded_ones_can_be_had(self, lab, problem):
        mean = Objective("mean", (0, 1), (0.5, 0.5), (0.0, 0.0))
        several = replace(problem, metrics=(*problem.metrics, loss("b")), objective=mean)
        rng = np.random.default_rng(0)
        pools = {s: rng.dirichlet(np.ones(4), 30) for s in lab.SCALES}
        assert MFMSPlus(problem, 0)._race is not None
        assert MFMSPlus(problem, 0, Settings(race=False))._race is None
        assert MFMSPlus(several, 0)._race is None
        assert MFMSPlus(lab.make_problem(1.0, pools=pools), 0)._race is None

    def test_fitted_again_once_a_run_near_the_target_is_told(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        fitted = {True: [], False: []}
        while agent._design:
            asked = agent.ask()
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
            told, learned = agent._told, agent._learner.learned
            fitted[told.near(asked)].append(learned.fitted == len(told.rows))
        first = fitted[True][:2]  # later a run adds less than a fifth to the rows there
        assert first == [True, True]
        assert not all(fitted[False][15:])

    def test_not_so_without_a_race(self, lab, problem):
        agent = MFMSPlus(problem, 0, Settings(race=False))
        told, learner = agent._told, agent._learner
        while learner.learned.fitted < max(len(told.rows), 15):
            asked = agent._design[0]
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        assert told.near_rows(len(told.rows)) == 0
        dear = Experiment(asked.mixture, *problem.target)
        agent.tell(dear, lab.outcome(lab.quadratic(dear)))
        assert told.near_rows(len(told.rows)) > 0
        assert learner.learned.fitted < len(told.rows)

    def test_begins_again_where_cheap_runs_misled(self, lab, problem):
        """Dear runs rank mixtures the other way round."""
        agent = MFMSPlus(problem, 0)
        race = agent._race
        assert race is not None
        scales = []
        for _ in range(70):
            asked = agent.ask()
            scales.append((race.misled, asked.scale))
            sign = 1 if asked.scale == problem.target[0] else -1
            agent.tell(asked, lab.outcome(2 + sign * (lab.quadratic(asked) - 2)))
        after = [scale for misled, scale in scales if misled]
        assert race.misled
        assert after[0] == 1e8
        assert problem.target[0] in after
        assert race.waiting() == []
        lab.check(problem, agent.ask())

    @pytest.mark.parametrize(
        ("cheap", "misled", "least", "most"), [(0.05, 0, 0, 0.7), (-1, 1, 1, 9)]
    )
    def test_holds_loadings_near_one_unless_cheap_runs_mislead(
        self, lab, problem, cheap, misled, least, most
    ):
        """Whether effects are next to nothing below the target's scale, or turned round."""
        agent = MFMSPlus(problem, 0)
        for _ in range(41):
            before, asked = agent._race.misled, agent.ask()
            factor = 1 if asked.scale == problem.target[0] else cheap
            agent.tell(asked, lab.outcome(2 + factor * (lab.quadratic(asked) - 2)))
            if agent._race.misled > before:  # learned afresh, at once
                assert agent._learner.learned.fitted == len(agent._told.rows)
        loading = unpack(agent._learner.learned.free[0], np).scale_mean
        assert (agent._race.misled, least < loading < most) == (misled, True)

    def test_what_was_learned_from_cheap_runs_is_forgotten_once(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        for known in (False, True):
            while agent._learner.learned.free is None or len(agent._told.rows) < 15:
                asked = agent.ask()
                agent.tell(asked, lab.outcome(lab.quadratic(asked)))
            agent._learner.distrust()
            assert (agent._learner.learned.free is not None) == known

    def test_loadings_are_as_free_as_ever_without_a_race(self, lab, problem):
        agents = [MFMSPlus(problem, 0, Settings(race=race)) for race in (True, False)]
        assert [agent._learner.alike for agent in agents] == [True, False]

    def test_saved_once_cheap_runs_misled(self, lab, problem, tmp_path):
        agent = MFMSPlus(problem, 0)
        while not agent._race.misled:
            asked = agent.ask()
            sign = 1 if asked.scale == problem.target[0] else -1
            agent.tell(asked, lab.outcome(2 + sign * (lab.quadratic(asked) - 2)))
        agent.save(tmp_path / "agent.npz")
        other = MFMSPlus.load(tmp_path / "agent.npz")
        assert not other._learner.alike
        for _ in range(8):
            asked, also = agent.ask(), other.ask()
            np.testing.assert_array_equal(also.mixture, asked.mixture)
            for one in (agent, other):
                one.tell(asked, lab.outcome(4 - lab.quadratic(asked)))
        np.testing.assert_array_equal(other._learner.learned.free, agent._learner.learned.free)

    def test_keeps_a_leader_that_a_small_budget_left_short_of_the_target(self, lab, problem):
        agent = MFMSPlus(replace(problem, budget=1.0), 0)
        race = agent._race
        assert race is not None
        while race.waiting():
            asked = agent.ask()
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        assert not len(agent._told.full_mixtures())
        np.testing.assert_array_equal(agent.recommend(), race.best)

    def test_a_run_is_asked_for_again_where_another_was_told_in_its_place(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        race = agent._race
        assert race is not None
        first = agent.ask()
        own = Experiment(np.array([0.4, 0.3, 0.2, 0.1]), 1e8, 2000)
        agent.tell(own, lab.outcome(lab.quadratic(own)))
        for _ in range(len(race.waiting()) - 1):
            asked = agent.ask()
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        again = agent.ask()
        np.testing.assert_array_equal(again.mixture, first.mixture)
        assert (again.scale, again.steps) == (first.scale, first.steps)
        agent.tell(again, lab.outcome(lab.quadratic(again)))
        assert len(race.waiting()) == 12

    @pytest.mark.parametrize("moment", [7, 20, 24])
    def test_saved_amid_the_race(self, lab, problem, tmp_path, moment):
        agent = other = MFMSPlus(problem, 0)
        for i in range(30):
            if i == moment:
                agent.save(tmp_path / "agent.npz")
                other = MFMSPlus.load(tmp_path / "agent.npz")
            asked = agent.ask()
            if i >= moment:
                also = other.ask()
                np.testing.assert_array_equal(also.mixture, asked.mixture)
                assert (also.scale, also.steps) == (asked.scale, asked.steps)
                other.tell(also, lab.outcome(lab.quadratic(also)))
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        np.testing.assert_array_equal(agent.recommend(), other.recommend())

    def test_a_batch_beyond_the_round_is_decided_by_the_model(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        for _ in range(15):
            asked = agent.ask()
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        batch = agent.ask_batch(7)
        for experiment in batch:
            lab.check(problem, experiment)
            agent.tell(experiment, lab.outcome(lab.quadratic(experiment)))
        assert batch[3].steps == batch[0].steps != batch[4].steps
        assert 11 <= len(agent._design) <= 12
