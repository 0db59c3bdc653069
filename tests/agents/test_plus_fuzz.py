"""Whatever the problem and whatever it is told, MFMS-GP+ asks for what may be asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import agents
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

EVENTS = ["good", "failed", "twice", "extreme", "constant", "huge", "batch", "short", "free"]


@st.composite
def problems(draw, lab):
    """Four domains, so that fits of all examples share what is compiled."""
    scales = lab.SCALES[-draw(st.integers(1, 3)) :]
    steps = draw(st.sampled_from([lab.STEPS, (500,), (100, 2000)]))
    pools = None
    if draw(st.booleans()):
        rng, rows = np.random.default_rng(draw(st.integers(0, 9))), draw(st.integers(1, 9))
        pools = {s: rng.dirichlet(np.ones(4), rows + i) for i, s in enumerate(scales)}
    cap = 1.0 if pools else draw(st.sampled_from([1.0, 0.5, 0.26]))
    problem = lab.make_problem(cap, steps, pools, scales=scales)
    two = Objective("two", (2, 1), (0.5, -2.0), (2.0, 0.5), worst=draw(st.booleans()))
    if draw(st.booleans()):
        three = (loss("a"), accuracy("b", 100), loss("c"))
        problem = replace(problem, metrics=three, objective=two)
    return replace(problem, budget=draw(st.sampled_from([1e-4, 0.5, 60.0])))


def outcome(problem, value):
    metrics = value + np.arange(len(problem.metrics)) * np.sin(value)
    return Outcome(metrics, 0.01, np.array([100]), metrics[None])


def happen(lab, agent, problem, event, rng):
    asked = agent.ask()
    if event == "failed":
        agent.tell(asked, outcome(problem, np.nan))
    elif event == "twice":
        for _ in range(2):
            agent.tell(asked, outcome(problem, 2.0))
    elif event == "extreme":
        corner = np.eye(4)[rng.integers(4)]
        agent.tell(Experiment(corner, problem.scales[0], problem.steps[0]), outcome(problem, 2.5))
    elif event == "batch":
        batch = agent.ask_batch(3)
        for experiment in batch:
            lab.check(problem, experiment)
        agent.tell(batch[1], outcome(problem, 2.0))
    elif event == "short":
        agent.tell(Experiment(asked.mixture, asked.scale, problem.steps[0]), outcome(problem, 3.0))
    elif event == "free":
        agent.tell(asked, replace(outcome(problem, 2.0), cost=np.nan))
    else:
        values = {"good": lab.quadratic(asked), "constant": 2.0, "huge": 1e9 * rng.normal()}
        agent.tell(asked, outcome(problem, values[event]))


@pytest.mark.parametrize("name", ["mfms-plus", "mfms-thompson"])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_problem_and_any_story(lab, name, data):
    problem = data.draw(problems(lab))
    story = data.draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=18))
    seed = data.draw(st.integers(0, 2**32))
    agent, rng = agents.make(name, problem, seed), np.random.default_rng(seed)
    for event in story:
        lab.check(problem, agent.ask())
        happen(lab, agent, problem, event, rng)
        lab.check(problem, Experiment(agent.recommend(), *problem.target))
    if len(agent._told.rows):
        mean, sd = agent.predict(problem.region.sample(rng, 3), *problem.target)
        assert np.isfinite(mean).all()
        assert (sd >= 0).all()


@pytest.mark.parametrize("domains", [2, 30])
def test_few_and_many_domains(lab, domains):
    base = lab.make_problem(1.0)
    region = type(base.region)(domains, 0.6)
    names = tuple(f"d{i}" for i in range(domains))
    problem = replace(base, domains=names, max_share=0.6, region=region)
    agent = agents.make("mfms-plus", problem, 0)
    agent._design = agent._design[:6]
    for _ in range(10):
        asked = agent.ask()
        lab.check(problem, asked)
        agent.tell(asked, outcome(problem, 2 + float(asked.mixture @ np.arange(domains)) / domains))
    lab.check(problem, Experiment(agent.recommend(), *problem.target))


def test_more_rows_than_it_keeps(lab):
    from agents.mfms_plus import MFMSPlus
    from agents.plus.settings import Settings

    problem = lab.make_problem()
    agent = MFMSPlus(problem, 0, Settings(rows=30))
    for _ in range(60):
        asked = agent.ask()
        lab.check(problem, asked)
        agent.tell(asked, lab.outcome(lab.quadratic(asked)))
    assert len(agent._told.rows) == 60
    assert lab.quadratic(Experiment(agent.recommend(), *problem.target)) < 2.03
