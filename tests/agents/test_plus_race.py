"""The race that MFMS-GP+ begins with for one loss, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.race import Race
from agents.plus.settings import Settings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment

PAPER_STEPS = tuple(range(100, 19_501, 100))


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half, three scales."""
    return replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)


def make(problem, **settings):
    return Race(problem, Settings(**settings), np.random.default_rng(0))


def play_round(race, values):
    return [race.add(e, v) for e, v in zip(race.waiting(), values, strict=True)]


class TestRace:
    def test_the_best_go_on_and_equal_shares_with_them_once(self, problem):
        race = make(problem)
        first = race.waiting()
        values = np.random.default_rng(1).normal(size=len(first))
        values[0] = 9.0  # of equal shares
        assert play_round(race, values) == [False] * (len(first) - 1) + [True]
        best = [first[i].mixture for i in np.argsort(values)[:7]]
        np.testing.assert_array_equal([e.mixture for e in race.waiting()], best)
        np.testing.assert_array_equal(race.best, best[0])
        play_round(race, np.arange(7.0))
        beside = [best[0], [0.25] * 4, *best[1:4]]
        np.testing.assert_array_equal([e.mixture for e in race.waiting()], beside)
        play_round(race, [4.0, 6.0, 2.0, 3.0, 5.0])
        best = [best[1], best[2], best[0], best[3]]
        np.testing.assert_array_equal([e.mixture for e in race.waiting()], best)
        play_round(race, [4.0, 2.0, 3.0, 1.0])
        best = [best[3], best[1], best[2]]
        np.testing.assert_array_equal([e.mixture for e in race.waiting()], best)
        assert all((e.scale, e.steps) == problem.target for e in race.waiting())
        play_round(race, [2.0, 1.0, 3.0])
        assert race.waiting() == []
        np.testing.assert_array_equal(race.best, best[1])
        assert not race.misled

    def test_the_best_of_a_round_once_its_first_is_told(self, problem):
        race = make(problem)
        assert race.best is None
        play_round(race, np.arange(float(len(race.waiting()))))
        round_two = race.waiting()
        race.add(round_two[2], -1.0)
        np.testing.assert_array_equal(race.best, round_two[0].mixture)
        race.add(round_two[0], 0.0)
        np.testing.assert_array_equal(race.best, round_two[2].mixture)

    @pytest.mark.parametrize("control", [1.0, 0.0, -9.0])
    def test_begins_again_where_equal_shares_beat_what_was_preferred_to_them(
        self, problem, control
    ):
        race = make(problem)
        everyone = race.waiting()
        play_round(race, np.arange(float(len(everyone)))[::-1])
        play_round(race, np.arange(7.0))
        preferred, equal, other = race.waiting()[:3]
        assert not race.add(other, 0.5)
        assert not race.add(preferred, 2.0)
        assert race.add(equal, control)
        assert race.misled
        best = other if control > 0.5 else equal
        np.testing.assert_array_equal(race.best, best.mixture)
        again = race.waiting()
        np.testing.assert_array_equal(
            [e.mixture for e in again], [e.mixture for e in everyone[:16]]
        )
        assert everyone[0].scale < again[0].scale
        play_round(race, np.arange(16.0)[::-1])
        left = [everyone[i].mixture for i in (15, 14, 13)]
        np.testing.assert_array_equal([e.mixture for e in race.waiting()], left)  # no control now

    def test_goes_on_where_equal_shares_beat_another_only(self, problem):
        race = make(problem)
        play_round(race, np.arange(float(len(race.waiting())))[::-1])
        play_round(race, np.arange(7.0))
        play_round(race, [1.0, 2.0, 5.0, 4.0, 3.0])
        assert not race.misled
        assert [e.mixture.tolist() for e in race.waiting()][1] == [0.25] * 4

    def test_not_where_cheap_runs_prefer_equal_shares_too(self, problem):
        race = make(problem)
        play_round(race, np.arange(float(len(race.waiting()))))
        play_round(race, np.arange(7.0))
        assert len(race.waiting()) == 4
        play_round(race, [1.0, 2.0, 3.0, 4.0])
        assert not race.misled
        assert len(race.waiting()) == 4

    def test_in_any_order_and_each_run_once(self, problem):
        race = make(problem)
        first = race.waiting()
        assert not race.add(first[5], 1.0)
        assert not race.add(first[5], 0.0)
        assert len(race.waiting()) == len(first) - 1
        elsewhere = Experiment(first[0].mixture, 1e9, first[0].steps)
        assert not race.add(elsewhere, 0.0)
        assert len(race.waiting()) == len(first) - 1

    def test_failed_runs_drop_out(self, problem):
        race = make(problem)
        count = len(race.waiting())
        play_round(race, [np.nan] * (count - 2) + [1.0, 2.0])
        assert len(race.waiting()) == 2
        play_round(race, [np.nan, np.inf])
        assert race.waiting() == []
        assert race.best is not None

    def test_nothing_but_failures(self, problem):
        race = make(problem)
        play_round(race, [np.inf] * len(race.waiting()))
        assert race.waiting() == []
        assert race.best is None


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

    def test_recommends_the_leader_then_what_was_trained_near_the_target(self, lab, problem):
        agent = MFMSPlus(problem, 0)
        seen, recommended = [], agent.recommend()
        for i in range(50):
            asked = agent.ask()
            seen.append(asked)
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
            recommended = agent.recommend()
            if i == 18:
                least = min(seen, key=lab.quadratic)
                np.testing.assert_array_equal(recommended, least.mixture)
        near = [e.mixture for e in seen if agent._told.near(e)]
        assert len(near) > 2
        assert any(np.allclose(recommended, w) for w in near)
        mean, _ = agent.predict(np.array(near), *problem.target)
        np.testing.assert_allclose(recommended, near[mean.argmin()])

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
            fitted[agent._told.near(asked)].append(agent._fitted == len(agent._told.rows))
        first = fitted[True][:2]  # later a run adds less than a fifth to the rows there
        assert first == [True, True]
        assert not all(fitted[False][15:])

    def test_begins_again_where_cheap_runs_misled(self, lab, problem):
        """Dear runs rank mixtures the other way round."""
        agent = MFMSPlus(problem, 0)
        race = agent._race
        assert race is not None
        scales = []
        for _ in range(60):
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

    def test_keeps_a_leader_that_a_small_budget_left_short_of_the_target(self, lab, problem):
        agent = MFMSPlus(replace(problem, budget=1.0), 0)
        race = agent._race
        assert race is not None
        while race.waiting():
            asked = agent.ask()
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        assert not len(agent._told.near_mixtures())
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
        assert agent.ask().steps > first.steps

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
        assert {e.scale for e in agent._design} != {batch[0].scale}
        assert 6 <= len(agent._design) <= 7
