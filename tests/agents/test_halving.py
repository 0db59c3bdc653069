"""Successive halving: one bracket, again and again."""

from __future__ import annotations

from itertools import groupby

import numpy as np

import agents

PAPER_STEPS = tuple(range(100, 19_501, 100))


def test_the_most_aggressive_bracket_repeats_with_fresh_mixtures(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    agent = agents.make("halving", problem, 0)
    asked = []
    for _ in range(121 + 81):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    sizes = [(steps, len(list(group))) for steps, group in groupby(e.steps for e in asked)]
    assert sizes == [(300, 81), (900, 27), (2700, 9), (8100, 3), (19_500, 1), (300, 81)]
    fresh = {tuple(e.mixture) for e in asked[:81]} & {tuple(e.mixture) for e in asked[121:]}
    assert not fresh
    best = min(asked[:81], key=lab.quadratic)
    np.testing.assert_array_equal(asked[120].mixture, best.mixture)
    np.testing.assert_array_equal(agent.recommend(), best.mixture)


def test_its_first_bracket_is_hyperbands(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    both = [agents.make(name, problem, 3) for name in ("halving", "hyperband")]
    for _ in range(121):
        one, two = (agent.ask() for agent in both)
        np.testing.assert_array_equal(one.mixture, two.mixture)
        for agent in both:
            agent.tell(one, lab.outcome(lab.quadratic(one)))
    assert [agent.ask().steps for agent in both] == [300, 900]
