"""Cheapest-scale transfer: what it buys, what it recommends, and how the target checks it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import agents
from agents import proxy
from mixenv.problem import Experiment


def play(lab, agent, rounds, value):
    asked = []
    for _ in range(rounds):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(value(asked[-1])))
    return asked


def inverted(lab):
    """The cheapest scale prefers what the target likes least."""
    return lambda e: (1 if e.scale == lab.SCALES[-1] else -1) * lab.quadratic(e)


def test_full_length_runs_where_they_cost_least(lab):
    problem = lab.make_problem()
    agent = agents.make("transfer", problem, 0)
    asked = play(lab, agent, 50, lab.quadratic)
    assert {(e.scale, e.steps) for e in asked} == {(lab.SCALES[0], problem.target[1])}
    assert len({tuple(e.mixture) for e in asked}) == 50
    best = min(asked, key=lab.quadratic)
    np.testing.assert_allclose(agent.recommend(), best.mixture, atol=1e-9)


def test_the_best_there_are_checked_at_the_target(lab, monkeypatch):
    monkeypatch.setattr(proxy, "RUNS", 30)
    problem = lab.make_problem()
    agent = agents.make("transfer", problem, 0)
    asked = play(lab, agent, 40, lab.quadratic)
    cheap, checks = asked[:30], asked[30:]
    assert {(e.scale, e.steps) for e in checks} == {problem.target}
    best = min(cheap, key=lab.quadratic)
    np.testing.assert_allclose(checks[0].mixture, best.mixture, atol=1e-9)
    values = [lab.quadratic(e) for e in checks]
    mixtures = np.unique([e.mixture for e in checks], axis=0)
    gaps = 0.5 * np.abs(mixtures[:, None] - mixtures).sum(axis=2) + np.eye(len(mixtures))
    assert gaps.min() >= proxy.APART
    np.testing.assert_allclose(agent.recommend(), checks[int(np.argmin(values))].mixture)


def test_where_ranks_invert_it_recommends_the_worst_until_checked(lab, monkeypatch):
    monkeypatch.setattr(proxy, "RUNS", 30)
    agent = agents.make("transfer", lab.make_problem(), 0)
    asked = play(lab, agent, 30, inverted(lab))
    worst = max(asked, key=lab.quadratic)
    np.testing.assert_allclose(agent.recommend(), worst.mixture, atol=1e-9)
    asked = play(lab, agent, 20, inverted(lab))
    recommended = Experiment(agent.recommend(), asked[0].scale, asked[0].steps)
    assert lab.quadratic(recommended) < lab.quadratic(asked[0])


def test_cheap_runs_take_no_more_than_half_of_the_budget(lab):
    problem = replace(lab.make_problem(), budget=0.1)  # a cheap run costs 0.01
    agent = agents.make("transfer", problem, 0)
    asked = play(lab, agent, 8, lab.quadratic)
    assert [e.scale for e in asked] == [lab.SCALES[0]] * 5 + [lab.SCALES[-1]] * 3


def test_what_was_not_asked_for_is_not_paid_for(lab):
    problem = replace(lab.make_problem(), budget=0.1)
    agent = agents.make("transfer", problem, 0)
    for _ in range(12):
        agent.tell(Experiment(np.full(4, 0.25), lab.SCALES[0], 2000), lab.outcome(1.0))
    assert agent.ask().scale == lab.SCALES[0]


def test_short_runs_do_not_compete_with_full_ones(lab):
    agent = agents.make("transfer", lab.make_problem(), 0)
    low, high = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    agent.tell(Experiment(low, lab.SCALES[0], 2000), lab.outcome(2.0))
    agent.tell(Experiment(high, lab.SCALES[0], 100), lab.outcome(1.0))
    np.testing.assert_allclose(agent.recommend(), low, atol=1e-9)


def test_mixtures_apart():
    rows = np.array([[0.5, 0.5], [0.45, 0.55], [0.65, 0.35], [0.0, 1.0]])
    assert [r[0] for r in proxy.apart(rows, 0.1, 9)] == [0.5, 0.65, 0.0]
    assert len(proxy.apart(rows, 0.1, 2)) == 2
    assert proxy.apart(rows[:0], 0.1, 9) == []


@pytest.mark.parametrize("domains", [3, 17])
def test_a_cheapest_scale_of_a_pool(lab, domains):
    rng = np.random.default_rng(0)
    pools = {s: rng.dirichlet(np.ones(domains), 8) for s in lab.SCALES}
    problem = lab.make_problem(1.0, pools=pools, domains=domains)
    agent = agents.make("transfer", problem, 0)
    play(lab, agent, 12, lambda e: float(e.mixture[0]))
    apart = np.abs(pools[lab.SCALES[-1]] - agent.recommend()).sum(axis=1)
    assert apart.min() < 1e-9
