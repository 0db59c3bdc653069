"""Whatever the problem and whatever they are told, agents ask what may be asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import agents
from agents.registry import PEERS
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

# Gaussian processes compile for each shape: their own tests have a few of them.
QUICK = [n for n in agents.names() if n not in PEERS and not n.startswith(("mfms", "gp-", "seq"))]
SLOW = [n for n in agents.names() if n not in (*PEERS, *QUICK)]


@st.composite
def problems(draw, lab):
    """Whole and capped simplexes, pools; one to three scales; one checkpoint to twenty."""
    domains = draw(st.sampled_from([3, 4, 5, 9, 17]))
    scales = lab.SCALES[-draw(st.integers(1, 3)) :]
    steps = draw(st.sampled_from([lab.STEPS, (500,), (100, 2000), tuple(range(100, 19_501, 100))]))
    pools = None
    if draw(st.booleans()):
        rng, rows = np.random.default_rng(draw(st.integers(0, 9))), draw(st.integers(2, 12))
        pools = {s: rng.dirichlet(np.ones(domains), rows + i) for i, s in enumerate(scales)}
    cap = 1.0 if pools else draw(st.sampled_from([1.0, 0.5, 1.2 / domains]))
    problem = lab.make_problem(cap, steps, pools, domains, scales)
    return replace(problem, **draw(objectives()), budget=draw(st.sampled_from([0.5, 8.0, 60.0])))


def objectives():
    """One loss, or the worst or the sum of two metrics among three."""
    three = (loss("a"), accuracy("b", 100), loss("c"))
    two = {"index": (2, 1), "gain": (0.5, -2.0), "shift": (2.0, 0.5)}
    return st.sampled_from(
        [
            {},
            {"metrics": three, "objective": Objective("sum", **two)},
            {"metrics": three, "objective": Objective("worst", **two, worst=True)},
        ]
    )


def events():
    """What happens at each step: a value, or how the telling goes wrong."""
    values = st.floats(-1e6, 1e6)
    return st.lists(
        st.one_of(values, st.sampled_from(["failed", "twice", "other", "short"])), max_size=40
    )


def outcome(problem, value):
    metrics = value + np.arange(len(problem.metrics)) * np.sin(value)
    return Outcome(metrics, 0.1, np.array([100]), metrics[None])


def tell(agent, problem, event, rng):
    asked = agent.ask()
    if event == "failed":
        agent.tell(asked, outcome(problem, np.nan))
    elif event == "twice":
        for _ in range(2):
            agent.tell(asked, outcome(problem, 1.0))
    elif event == "other":
        scale = problem.scales[rng.integers(len(problem.scales))]
        steps = problem.steps[rng.integers(len(problem.steps))]
        agent.tell(
            Experiment(problem.region.sample(rng, 1)[0], scale, steps), outcome(problem, 2.0)
        )
    elif event == "short":
        agent.tell(Experiment(asked.mixture, asked.scale, problem.steps[0]), outcome(problem, 3.0))
    else:
        agent.tell(asked, outcome(problem, event))


def play(lab, name, problem, story, seed):
    """What an agent asked for and recommended, all of it checked."""
    agent, rng, seen = agents.make(name, problem, seed), np.random.default_rng(seed), []
    for event in story:
        asked = agent.ask()
        lab.check(problem, asked)
        tell(agent, problem, event, rng)
        recommended = agent.recommend()
        lab.check(problem, Experiment(recommended, *problem.target))
        seen.append((asked.mixture, asked.scale, asked.steps, recommended))
    return seen


def same(one, two):
    for a, b in zip(one, two, strict=True):
        assert a[1:3] == b[1:3]
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[3], b[3])


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_problem_and_any_story(lab, name, data):
    problem, story = data.draw(problems(lab)), data.draw(events())
    seed = data.draw(st.integers(0, 2**32))
    same(play(lab, name, problem, story, seed), play(lab, name, problem, story, seed))


STORY = [1.0, "failed", "twice", "other", "short", -3.0, 1e6, 1e6] * 3


@pytest.mark.parametrize("name", SLOW)
def test_a_story_at_one_scale_for_those_that_compile(lab, name):
    problem = lab.make_problem(scales=lab.SCALES[-1:])
    same(*(play(lab, name, problem, STORY, 5) for _ in range(2)))
