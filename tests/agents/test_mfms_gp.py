"""Algorithm 1: the initial design, the choice of fidelity, the shrinkage, the prediction."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import agents
from agents import mfms_gp
from mixenv.problem import Experiment

PAPER_STEPS = tuple(range(100, 19_501, 100))


def told(lab, problem, rounds, seed=0):
    agent = agents.make("mfms-gp", problem, seed)
    asked = []
    for _ in range(rounds):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    return agent, asked


def test_twenty_short_random_runs_first(lab):
    _, asked = told(lab, lab.make_problem(steps=PAPER_STEPS), 20)
    assert {e.steps for e in asked} <= set(range(100, 901, 100))
    assert len({e.steps for e in asked}) > 4
    assert {e.scale for e in asked} == set(lab.SCALES)


def test_then_the_papers_fidelities(lab):
    _, asked = told(lab, lab.make_problem(steps=PAPER_STEPS), 30)
    assert {e.steps for e in asked[20:]} <= {6000, 12_000, 19_500}


def test_cost_decides_between_equal_improvements(lab):
    agent = mfms_gp.MFMSGP(lab.make_problem(), 0)
    fidelity, _ = agent._choose(np.zeros((9, 5)))
    assert agent._fidelities[fidelity] == (1e7, 600)
    scores = np.zeros((9, 5))
    scores[4, 3] = 20.0
    assert agent._choose(scores) == (4, 3)


def test_cost_counts_for_less_and_less(lab):
    agent = mfms_gp.MFMSGP(lab.make_problem(), 0)
    scores = np.full((9, 5), -50.0)
    scores[0, 0], scores[8, 0] = 0.0, 5.0  # cheapest costs 0.003 of the target: log is -5.8
    chosen = [agent._choose(scores)[0] for _ in range(30)]
    assert chosen == sorted(chosen)
    assert (chosen[0], chosen[-1]) == (0, 8)


def test_length_scales_shrink_when_the_target_promises_nothing(lab):
    agent = mfms_gp.MFMSGP(lab.make_problem(), 0)
    scores = np.zeros((9, 5))
    agent._choose(scores)
    assert agent._shrink == 1.0
    scores[8] = np.log(0.9e-4)
    agent._choose(scores)
    agent._choose(scores)
    assert agent._shrink == pytest.approx(0.95**2)


def test_recommends_the_best_observation_anywhere(lab):
    agent = agents.make("mfms-gp", lab.make_problem(), 0)
    low, high = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    agent.tell(Experiment(high, 1e9, 2000), lab.outcome(1.0))
    agent.tell(Experiment(low, 1e7, 100), lab.outcome(0.9))
    np.testing.assert_array_equal(agent.recommend(), low)


def test_predicts_what_it_was_told(lab):
    problem = lab.make_problem()
    agent, asked = told(lab, problem, 30)
    truth = [lab.quadratic(e) for e in asked[-5:]]
    for experiment, value in zip(asked[-5:], truth, strict=True):
        mean, sd = agent.predict(experiment.mixture, experiment.scale, experiment.steps)
        assert mean.shape == sd.shape == (1,)
        assert abs(mean[0] - value) < 4 * sd[0] + 0.02


def test_predict_needs_an_outcome(lab):
    agent = agents.make("mfms-gp", lab.make_problem(), 0)
    with pytest.raises(ValueError, match="expected at least one outcome told, got none; tell one"):
        agent.predict(np.full(4, 0.25), 1e9, 2000)


def test_leaves_jaxs_configuration_alone(lab):
    before = jax.config.jax_enable_x64
    told(lab, lab.make_problem(), 22)
    assert jax.config.jax_enable_x64 is before


def test_above_the_largest_bucket(lab, monkeypatch):
    monkeypatch.setattr(mfms_gp, "keep", lambda values: mfms_gp_keep(values, 30))
    problem = lab.make_problem()
    agent, _ = told(lab, problem, 36)
    data, _, _ = agent._data()
    assert data.mask.sum() == 30
    lab.check(problem, agent.ask())


mfms_gp_keep = mfms_gp.keep
