"""Agents that recommend one mixture whatever happens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import agents
import mixenv
from mixenv import simplex


@pytest.mark.parametrize("name", ["uniform", "proportional"])
def test_trains_its_mixture_at_the_target_again_and_again(lab, name):
    problem = replace(lab.make_problem(), proportions=(0.4, 0.3, 0.2, 0.1))
    agent = agents.make(name, problem, 0)
    for value in (3.0, 1.0, np.nan):
        asked = agent.ask()
        assert (asked.scale, asked.steps) == problem.target
        np.testing.assert_allclose(asked.mixture, agent.recommend())
        agent.tell(asked, lab.outcome(value))


def test_proportional_follows_the_tokens_under_the_cap(lab):
    natural = (0.7, 0.15, 0.1, 0.05)
    whole = replace(lab.make_problem(1.0), proportions=natural)
    np.testing.assert_allclose(agents.make("proportional", whole, 0).recommend(), natural)
    capped = replace(lab.make_problem(0.5), proportions=natural)
    expected = simplex.project(np.array(natural), 0.5)
    np.testing.assert_allclose(agents.make("proportional", capped, 0).recommend(), expected)
    assert expected[0] == pytest.approx(0.5)


def test_a_recommendation_may_be_changed_by_who_got_it(lab):
    agent = agents.make("uniform", lab.make_problem(), 0)
    agent.recommend()[:] = 9
    np.testing.assert_allclose(agent.recommend(), 0.25)


def test_slimpajama_by_its_tokens():
    problem = mixenv.make_task("surrogate", max_share=0.5).problem
    assert problem.domains == ("wikipedia", "stack_exchange", "github", "arxiv", "book")
    expected = np.array([3.8, 3.3, 5.2, 4.6, 4.2]) / 21.1
    np.testing.assert_allclose(agents.make("proportional", problem, 0).recommend(), expected)
