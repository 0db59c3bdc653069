"""The race that MFMS-GP+ begins with for one loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.plus.race import Race
from agents.plus.settings import Settings
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


def play_to_the_meeting(race, preferred_to_equal_shares=True):
    """Plays the first rounds, ranked as listed or the other way round; all that raced."""
    everyone = race.waiting()
    play_cheap_rounds(race, everyone, -1 if preferred_to_equal_shares else 1)
    return everyone


def play_to_the_target(race):
    """Plays all rounds below the target's scale; all that raced. What leads beats equal shares."""
    everyone = play_to_the_meeting(race)
    play_round(race, [1.0, 2.0])
    play_cheap_rounds(race, everyone, -1)
    return everyone


def play_cheap_rounds(race, everyone, sign):
    while race.waiting()[0].scale < 1e9:
        order = [equal_to(everyone, e) for e in race.waiting()]
        play_round(race, sign * np.array(order, dtype=float))


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
        assert mixtures(race.waiting()) == [best[0], [0.25] * 4]
        assert {e.scale for e in race.waiting()} == {1e9}
        play_round(race, [1.0, 2.0])
        assert mixtures(race.waiting()) == best[:7]
        play_round(race, np.arange(7.0))
        assert mixtures(race.waiting()) == best[:4]
        assert play_round(race, [4.0, 2.0, 3.0, 1.0]) == [False] * 3 + [True]
        middle = (np.array(best[3]) + best[1]) / 2
        assert mixtures(race.waiting()) == [middle.tolist()]
        assert play_round(race, [1.5]) == [True]
        three = [best[3], middle.tolist(), best[1]]
        assert mixtures(race.waiting()) == three
        play_round(race, [1.0, 2.0, 3.0])
        assert mixtures(race.waiting()) == three[:2]  # and no midpoint any more
        assert all(e.steps < problem.target[1] for e in race.waiting())
        play_round(race, [1.0, 2.0])
        assert mixtures(race.waiting()) == three[:2]
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
        play_round(race, [1.0, 2.0])  # beside equal shares
        score = (now - now.mean()) / now.std() + 0.5 * (before - before.mean()) / before.std()
        assert mixtures(race.waiting()) == mixtures(first[i] for i in np.argsort(score)[:7])

    def test_at_the_target_half_of_the_trend_counts(self, problem):
        race = make(problem)
        play_to_the_target(race)
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
        assert mixtures(race.waiting()) == mixtures(four[:3])

    def test_the_best_of_a_round_at_the_target_once_its_first_is_told(self, problem):
        race = make(problem)
        assert race.best is None
        everyone = play_to_the_target(race)
        np.testing.assert_array_equal(race.best, everyone[-1].mixture)
        four = race.waiting()
        race.add(four[2], -1.0)
        np.testing.assert_array_equal(race.best, four[0].mixture)
        race.add(four[0], 0.0)
        np.testing.assert_array_equal(race.best, four[2].mixture)

    @pytest.mark.parametrize("first", ["preferred", "equal"])
    def test_begins_again_where_equal_shares_beat_what_was_preferred_to_them(self, problem, first):
        race = make(problem)
        everyone = play_to_the_meeting(race)
        preferred, equal = race.waiting()
        told = [(preferred, 2.0), (equal, 1.0)]
        ends = [race.add(*t) for t in (told if first == "preferred" else told[::-1])]
        assert ends == [False, True]
        assert race.misled
        np.testing.assert_array_equal(race.best, equal.mixture)
        again = race.waiting()
        assert mixtures(again) == mixtures(everyone[:10])
        assert everyone[0].scale < again[0].scale
        play_round(race, np.arange(10.0)[::-1])
        left = race.waiting()
        assert mixtures(left) == mixtures(everyone[i] for i in (9, 8, 7, 6))  # no control now
        race.add(left[0], 3.0)
        np.testing.assert_array_equal(race.best, equal.mixture)  # until two are told
        race.add(left[1], 1.0)
        np.testing.assert_array_equal(race.best, left[1].mixture)
        play_round(race, [2.0, 5.0])
        assert len(race.waiting()) == 1  # the midpoint
        play_round(race, [4.0])
        assert mixtures(race.waiting()) == mixtures(left[1:3])
        np.testing.assert_array_equal(race.best, left[1].mixture)

    def test_a_run_that_failed_is_none_of_the_two_that_lead_what_began_again(self, problem):
        race = make(problem)
        play_to_the_meeting(race)
        _, equal = race.waiting()
        play_round(race, [2.0, 1.0])
        play_round(race, np.arange(10.0))
        left = race.waiting()
        race.add(left[0], np.nan)
        race.add(left[1], 1.0)
        np.testing.assert_array_equal(race.best, equal.mixture)
        race.add(left[2], 2.0)
        np.testing.assert_array_equal(race.best, left[1].mixture)

    def test_begins_again_by_turns_with_those_that_cheap_runs_ranked_last(self, problem):
        race = make(problem)
        everyone = race.waiting()
        rank = np.random.default_rng(3).permutation(len(everyone)).astype(float)
        while race.waiting()[0].scale < 1e9:
            play_round(race, [rank[equal_to(everyone, e)] for e in race.waiting()])
        play_round(race, [2.0, 1.0])
        assert race.misled
        turns = np.column_stack([np.argsort(-rank)[:-1], np.arange(1, len(rank))]).ravel()
        expected = list(dict.fromkeys([0, *turns]))[:10]
        assert expected != list(range(10))
        assert mixtures(race.waiting()) == mixtures(everyone[i] for i in expected)

    def test_those_that_failed_begin_again_too(self, problem):
        race = make(problem)
        everyone = race.waiting()
        play_round(race, [2.0, 1.0, *[np.nan] * (len(everyone) - 2)])
        while race.waiting()[0].scale < 1e9:
            play_round(race, [2.0, 1.0][-len(race.waiting()) :])
        play_round(race, [2.0, 1.0])
        assert race.misled
        assert mixtures(race.waiting()) == mixtures(everyone[:10])

    def test_not_where_cheap_runs_prefer_equal_shares_too(self, problem):
        race = make(problem)
        everyone = play_to_the_meeting(race, preferred_to_equal_shares=False)
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

    def test_no_midpoint_joins_while_many_go_on_nor_the_only_round_nor_below_the_target(
        self, lab, problem
    ):
        alone = replace(lab.make_problem(steps=PAPER_STEPS, scales=(1e9,)), budget=60.0)
        race = make(alone)  # every round is at the target's scale
        first = race.waiting()
        play_round(race, np.arange(float(len(first))))
        assert mixtures(race.waiting()) == mixtures(first[: len(race.waiting())])
        assert len(race.waiting()) > 3
        race = make(problem, race_rounds=((1.0, 1.0, 5),))
        play_round(race, np.arange(float(len(race.waiting()))))
        assert race.over
        race = make(problem, race_rounds=((0.013, 0.2, 5), (1.0, 1.0, 2)))
        first = race.waiting()
        play_round(race, [5.0, 1.0, 2.0, 3.0, 4.0])
        assert mixtures(race.waiting()) == mixtures([first[1], first[0]])  # the meeting

    def test_a_midpoint_that_races_already_does_not_join(self, problem):
        race = make(problem)
        play_to_the_target(race)
        four = race.waiting()
        race._round.members[2] = middle = (four[0].mixture + four[1].mixture) / 2
        play_round(race, [1.0, 2.0, 3.0, 4.0])
        assert mixtures(race.waiting()) == [*mixtures(four[:2]), middle.tolist()]
        assert four[0].steps < race.waiting()[0].steps

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
        everyone = play_to_the_meeting(race)
        play_round(race, [np.nan, 1.0])
        assert not race.misled
        assert mixtures(race.waiting()) == mixtures(everyone[-2:-9:-1])
        np.testing.assert_array_equal(race.best, everyone[-2].mixture)

    def test_what_failed_beside_equal_shares_stays_where_no_other_is_left(self, problem):
        race = make(problem)
        first = race.waiting()
        play_round(race, [np.nan] * (len(first) - 1) + [1.0])
        while len(race.waiting()) < 2:
            play_round(race, [1.0])
        play_round(race, [np.nan, 1.0])
        assert race.waiting() == []
        np.testing.assert_array_equal(race.best, first[-1].mixture)

    def test_nothing_but_failures(self, problem):
        race = make(problem)
        play_round(race, [np.inf] * len(race.waiting()))
        assert race.waiting() == []
        assert race.best is None
