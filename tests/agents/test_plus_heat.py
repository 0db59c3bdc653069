"""The heat after the race of MFMS-GP+: those next in line, at the target's scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.race import Race
from agents.plus.rungs import Rung, heat
from agents.plus.settings import Settings
from mixenv.problem import Experiment

PAPER_STEPS = tuple(range(100, 19_501, 100))


@pytest.fixture
def problem(lab):
    """Four domains, shares up to one half, three scales."""
    return replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)


@pytest.fixture
def elsewhere():
    """A run that is none of the race's."""
    return Experiment(np.array([0.4, 0.3, 0.2, 0.1]), 1e8, 2000)


def play(race, worth):
    """Play what is waiting, valued by mixture, and return all of it."""
    asked = []
    while race.waiting():
        asked.append(race.waiting()[0])
        race.add(asked[-1], worth(asked[-1].mixture))
    return asked


def first_domain(mixture):
    """Less is better: the more of the first domain, then of the second."""
    return -float(mixture @ [1.0, 0.3, 0.1, 0.0])


def keys(experiments):
    return {e.mixture.tobytes() for e in experiments}


def make(problem, **settings):
    return Race(problem, Settings(**settings), np.random.default_rng(0))


def test_those_next_in_line_that_never_ran_at_the_targets_scale(problem, elsewhere):
    race = make(problem)
    raced = play(race, first_domain)
    assert race.over
    leader = race.best.copy()
    assert race.add(elsewhere, 5.0)  # one run of anybody's choice comes before
    four = race.waiting()
    dear = [e for e in raced if e.scale == problem.target[0] and e.steps > 4500]
    assert not keys(four) & keys(dear)
    shown = [e for e in raced if e.scale == 1e8 and e.mixture.tobytes() not in keys(dear)]
    ranked = sorted(shown, key=lambda e: first_domain(e.mixture))
    assert keys(four[:3]) == keys(ranked[:3])
    assert [(e.scale, e.steps) for e in four] == [(1e9, 8200)] * 4
    played = play(race, first_domain)
    best = min(four, key=lambda e: first_domain(e.mixture))
    assert (played[-1].scale, played[-1].steps) == problem.target
    np.testing.assert_array_equal(played[-1].mixture, best.mixture)
    assert len(played) == 5
    np.testing.assert_array_equal(race.best, leader)  # who is better is the model's to say
    assert not race.add(elsewhere, 5.0)  # there is one heat


def test_after_a_race_that_began_again_too(problem, elsewhere):
    race = make(problem)
    assert keys(_until_dear(race))
    raced = play(race, lambda mixture: -first_domain(mixture))
    assert race.misled
    leader = race.best.copy()
    assert race.add(elsewhere, 5.0)
    dear = [e for e in raced if e.scale == problem.target[0] and e.steps > 4500]
    assert race.waiting()
    assert not keys(race.waiting()) & keys(dear)
    race.add(race.waiting()[0], -5.0)
    np.testing.assert_array_equal(race.best, leader)


def _until_dear(race):
    while race.waiting()[0].scale < 1e9:
        asked = race.waiting()[0]
        race.add(asked, first_domain(asked.mixture))
        yield asked


def test_failures_leave_the_leader(problem, elsewhere):
    race = make(problem)
    play(race, first_domain)
    leader = race.best.copy()
    race.add(elsewhere, np.nan)
    failed = play(race, lambda mixture: np.inf)
    assert len(failed) == len(keys(failed)) == 5  # the last is the next in line, in full
    np.testing.assert_array_equal(race.best, leader)


def test_its_rounds_are_at_the_target(problem):
    assert heat(problem, Settings()) == [Rung(1e9, 8200, 4), Rung(1e9, 19_500, 1)]


@pytest.mark.parametrize(("budget", "settings"), [(5.0, {}), (60.0, {"race_heat": ()})])
def test_none_without_room_or_if_switched_off(problem, elsewhere, budget, settings):
    race = make(replace(problem, budget=budget), **settings)
    play(race, first_domain)
    assert race.over
    assert not race.add(elsewhere, 5.0)
    assert race.waiting() == []


def test_the_agent_recommends_the_best_by_the_model_amid_the_heat(lab, problem, tmp_path):
    agent = MFMSPlus(problem, 0)
    race = agent._race
    assert race is not None
    asked, spent = [], 0
    while not (race.over and race.waiting()):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
        spent += 1
        assert spent < 60
    assert len(race.waiting()) == 4
    full = agent._told.full_mixtures()
    mean, _ = agent.predict(full, *problem.target)
    race._leader = full[mean.argmax()]  # whoever led the race
    agent._forget()
    np.testing.assert_allclose(agent.recommend(), full[mean.argmin()])
    assert mean.argmin() != mean.argmax()
    agent.save(tmp_path / "agent.npz")
    other = MFMSPlus.load(tmp_path / "agent.npz")
    for _ in range(6):
        one, also = agent.ask(), other.ask()
        np.testing.assert_array_equal(one.mixture, also.mixture)
        assert (one.scale, one.steps) == (also.scale, also.steps)
        for each in (agent, other):
            each.tell(one, lab.outcome(lab.quadratic(one)))
    assert not race.waiting()
