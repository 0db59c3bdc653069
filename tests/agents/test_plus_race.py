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


def play_to_the_target(race, preferred_to_equal_shares=True):
    """Plays the cheap rounds, ranked as listed or the other way round; all that raced."""
    everyone = race.waiting()
    sign = -1 if preferred_to_equal_shares else 1
    while race.waiting()[0].scale < 1e9:
        order = [equal_to(everyone, e) for e in race.waiting()]
        play_round(race, sign * np.array(order, dtype=float))
    return everyone


def equal_to(experiments, wanted):
    return next(i for i, e in enumerate(experiments) if (e.mixture == wanted.mixture).all())


def mixtures(experiments):
    return [e.mixture.tolist() for e in experiments]


class TestRace:
    def test_the_best_go_on_and_equal_shares_with_them_once(self, problem):
        race = make(problem)
        first = race.waiting()
        values = np.random.default_rng(1).normal(size=len(first))
        values[0] = 9.0  # of equal shares
        assert play_round(race, values) == [False] * (len(first) - 1) + [True]
        best = [first[i].mixture.tolist() for i in np.argsort(values)]
        assert mixtures(race.waiting()) == best[:12]
        assert {(e.scale, e.steps) for e in race.waiting()} == {(first[0].scale, first[0].steps)}
        np.testing.assert_array_equal(race.best, best[0])
        play_round(race, np.arange(12.0))
        assert mixtures(race.waiting()) == best[:8]
        play_round(race, np.arange(8.0))
        assert mixtures(race.waiting()) == [best[0], [0.25] * 4]
        play_round(race, [1.0, 2.0])
        assert mixtures(race.waiting()) == best[:4]
        assert play_round(race, [4.0, 2.0, 3.0, 1.0]) == [False] * 3 + [True]
        middle = (np.array(best[3]) + best[1]) / 2
        assert mixtures(race.waiting()) == [middle.tolist()]
        assert play_round(race, [1.5]) == [True]
        assert mixtures(race.waiting()) == [best[3], middle.tolist()]
        assert all((e.scale, e.steps) == problem.target for e in race.waiting())
        play_round(race, [2.0, 1.0])
        assert race.waiting() == []
        np.testing.assert_array_equal(race.best, middle)
        assert not race.misled

    def test_below_the_target_the_rounds_before_count_half(self, problem):
        race = make(problem)
        first = race.waiting()
        play_round(race, np.arange(float(len(first))))
        before = np.arange(12.0)
        now = np.random.default_rng(2).normal(size=12)
        play_round(race, now)
        score = (now - now.mean()) / now.std() + 0.5 * (before - before.mean()) / before.std()
        assert mixtures(race.waiting()) == mixtures(first[i] for i in np.argsort(score)[:8])

    def test_at_the_target_half_of_the_trend_counts(self, problem):
        race = make(problem)
        play_to_the_target(race)
        play_round(race, [1.0, 2.0])
        four = race.waiting()
        values, onward = np.array([1.0, 1.1, 1.2, 1.3]), np.array([-0.1, -0.7, -0.2, -0.1])
        for told in zip(four, values, onward, strict=True):
            race.add(*told)
        order = np.argsort(values + 0.5 * onward)
        assert order[0] == 1
        np.testing.assert_array_equal(race.best, four[1].mixture)
        middle = (four[order[0]].mixture + four[order[1]].mixture) / 2
        np.testing.assert_array_equal(race.waiting()[0].mixture, middle)
        race.add(race.waiting()[0], 9.0)  # of which the trend is not known: then none counts
        assert mixtures(race.waiting()) == mixtures(four[:2])

    def test_the_best_of_a_round_at_the_target_once_its_first_is_told(self, problem):
        race = make(problem)
        assert race.best is None
        everyone = play_to_the_target(race)
        np.testing.assert_array_equal(race.best, everyone[-1].mixture)
        play_round(race, [1.0, 2.0])
        four = race.waiting()
        race.add(four[2], -1.0)
        np.testing.assert_array_equal(race.best, four[0].mixture)
        race.add(four[0], 0.0)
        np.testing.assert_array_equal(race.best, four[2].mixture)

    @pytest.mark.parametrize("first", ["preferred", "equal"])
    def test_begins_again_where_equal_shares_beat_what_was_preferred_to_them(self, problem, first):
        race = make(problem)
        everyone = play_to_the_target(race)
        preferred, equal = race.waiting()
        told = [(preferred, 2.0), (equal, 1.0)]
        ends = [race.add(*t) for t in (told if first == "preferred" else told[::-1])]
        assert ends == [False, True]
        assert race.misled
        np.testing.assert_array_equal(race.best, equal.mixture)
        again = race.waiting()
        assert mixtures(again) == mixtures(everyone[:16])
        assert everyone[0].scale < again[0].scale
        play_round(race, np.arange(16.0)[::-1])
        left = mixtures(everyone[i] for i in (15, 14, 13))
        assert mixtures(race.waiting()) == left  # no control now
        play_round(race, [1.0, 2.0, 3.0])
        assert len(race.waiting()) == 1  # the midpoint
        play_round(race, [4.0])
        assert mixtures(race.waiting()) == left[:2]

    def test_not_where_cheap_runs_prefer_equal_shares_too(self, problem):
        race = make(problem)
        everyone = play_to_the_target(race, preferred_to_equal_shares=False)
        assert not race.misled
        assert mixtures(race.waiting()) == mixtures(everyone[:4])

    def test_in_any_order_and_each_run_once(self, problem):
        race = make(problem)
        first = race.waiting()
        assert not race.add(first[5], 1.0)
        assert not race.add(first[5], 0.0)
        assert len(race.waiting()) == len(first) - 1
        elsewhere = Experiment(first[0].mixture, 1e9, first[0].steps)
        assert not race.add(elsewhere, 0.0)
        assert len(race.waiting()) == len(first) - 1

    def test_a_midpoint_that_races_already_does_not_join(self, problem):
        race = make(problem)
        play_to_the_target(race)
        play_round(race, [1.0, 2.0])
        four = race.waiting()
        race._round.members[2] = (four[0].mixture + four[1].mixture) / 2
        play_round(race, [1.0, 2.0, 3.0, 4.0])
        assert mixtures(race.waiting()) == mixtures(four[:2])
        assert (race.waiting()[0].scale, race.waiting()[0].steps) == problem.target

    def test_failed_runs_drop_out(self, problem):
        race = make(problem)
        count = len(race.waiting())
        play_round(race, [np.nan] * (count - 2) + [1.0, 2.0])
        assert len(race.waiting()) == 2
        play_round(race, [np.nan, np.inf])
        assert race.waiting() == []
        assert race.best is not None

    def test_the_next_take_the_place_of_one_that_failed_beside_equal_shares(self, problem):
        race = make(problem)
        everyone = play_to_the_target(race)
        play_round(race, [np.nan, 1.0])
        assert not race.misled
        assert mixtures(race.waiting()) == mixtures(everyone[-2:-6:-1])

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

    def test_recommends_the_leader_then_what_was_trained_to_the_target(self, lab, problem):
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
