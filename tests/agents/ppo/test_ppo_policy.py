"""The policy's parts: the belief, mixtures without loops, moves, and the agent that ships."""

from __future__ import annotations

import numpy as np
import pytest

from agents.ppo import belief, look, moves, network, region, weights
from agents.ppo.agent import PPO
from mixenv import make_task, simplex
from mixenv.problem import Experiment

RNG = np.random.default_rng


def told(task, n=200, seed=0):
    """The belief after random experiments at all rungs, with the noise of seeds."""
    known, rng = belief.nothing(5), RNG(seed)
    sizes, lengths = moves.rungs(task.problem)
    for w in task.region.sample(rng, n):
        i, j = rng.integers(4, size=2)
        scale, steps = task.scales[sizes[i]], task.steps[lengths[j]]
        [shown] = task.surface.metrics(w[None], np.array([scale]), np.array([steps]))
        size, length = scale / 1e9, steps / 19_500
        noise = 0.005 * rng.normal() * (size * length) ** -0.25
        value = task.objective(shown) + noise
        known = belief.learn(known, w, size, length, moves.rung(i, j), value)
    return known


# The belief


def test_one_update_at_a_time_is_the_regression_on_all():
    rng = RNG(3)
    w, y = rng.dirichlet(np.ones(4), 12), rng.normal(size=12)
    size, length = rng.uniform(0.02, 1, 12), rng.uniform(0.01, 1, 12)
    rungs = rng.integers(16, size=12)
    known = belief.nothing(4)
    for args in zip(w, size, length, rungs, y, strict=True):
        known = belief.learn(known, *args)
    shown = np.array([belief.features(*args) for args in zip(w, size, length, rungs, strict=True)])
    prior = np.diagonal(belief.nothing(4).cover, axis1=1, axis2=2)
    for h in range(belief.HYPOTHESES):
        noise = (size * length) ** -0.5 / belief.SIGNAL[h] ** 2
        precision = np.diag(1 / prior[h]) + shown.T @ (shown / noise[:, None])
        np.testing.assert_allclose(known.cover[h], np.linalg.inv(precision), atol=1e-6)
        mean = np.linalg.solve(precision, shown.T @ ((y - y[0]) / noise))
        np.testing.assert_allclose(known.mean[h], mean, rtol=1e-5, atol=1e-6)
        spread = shown @ np.diag(prior[h]) @ shown.T + np.diag(noise)
        surprise = 0.5 * (y - y[0]) @ np.linalg.solve(spread, y - y[0])
        assert known.misfit[h] == pytest.approx(surprise, rel=1e-6)
        assert known.width[h] == pytest.approx(0.5 * np.linalg.slogdet(spread)[1], abs=1e-6)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 50.0])
def test_units_and_levels_change_nothing(unit):
    rng, scaled, plain = RNG(1), belief.nothing(5), belief.nothing(5)
    for w in rng.dirichlet(np.ones(5), 20):
        y = rng.normal()
        plain = belief.learn(plain, w, 0.3, 0.2, 4, y)
        scaled = belief.learn(scaled, w, 0.3, 0.2, 4, 7 + unit * y)
    np.testing.assert_allclose(belief.weights(scaled), belief.weights(plain), atol=1e-3)
    np.testing.assert_allclose(scaled.mean, unit * plain.mean, rtol=1e-6, atol=1e-9 * unit)


def test_evidence_tells_faithful_from_deceptive():
    faithful = [0, 2, 4]
    for name, most in (("easy", True), ("deceptive", False)):
        found = belief.weights(told(make_task(f"synthetic:{name}:5:7", max_share=0.5)))
        assert (found[faithful].sum() > 0.5) == most


@pytest.mark.parametrize("name", ["easy", "deceptive"])
def test_what_is_believed_after_many_experiments_is_true(name):
    task = make_task(f"synthetic:{name}:5:8", max_share=0.5)
    seen = belief.forecast(told(task, 400))
    assert task.regret(region.bowl(seen, 0.5)) / task.sd < 0.15
    w = task.region.sample(RNG(5), 50)
    shown = belief.at_target(w)
    truth = np.array([task.value(x) for x in w])
    error = belief.mean(seen, shown) - truth
    error -= error.mean()  # levels are left out
    assert np.sqrt((error**2).mean()) < 0.2 * task.sd
    assert (belief.deviation(seen, shown) > 0).all()


# Mixtures


@pytest.mark.parametrize("cap", [0.3, 0.5, 1.0])
def test_the_least_of_a_bowl_is_a_projection(cap):
    rng = RNG(2)
    linear = rng.normal(size=(20, 5))
    found = region.filled(linear, np.full((20, 5), 2.0), cap)
    np.testing.assert_allclose(found, simplex.project(-linear / 2, cap), atol=1e-6)


def test_candidates_lie_in_the_region():
    best = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    found = region.drawn(RNG(1).uniform(1e-6, 1, (16, 5)), best, 0.4)
    assert found.shape == (28, 5)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.min() >= 0
    assert found.max() <= 0.4 + 1e-9
    extreme = {tuple(np.round(w, 6)) for w in simplex.extremes(5, 0.4)}
    assert {tuple(np.round(w, 6)) for w in found[:10]} <= extreme


def test_numbers_of_actions_say_what_they_mean():
    seen = {tuple(int(p) for p in moves.parts(a)) for a in range(moves.ACTIONS)}
    assert len(seen) == moves.ACTIONS == 96
    assert max(seen) == (5, 3, 3)


@pytest.mark.parametrize("scales", [(1e9,), (1e8, 1e9), (1e7, 1e8, 1e9)])
def test_rungs_are_on_any_grid(lab, scales):
    sizes, lengths = moves.rungs(lab.make_problem(scales=scales))
    assert scales[sizes[-1]] == 1e9
    assert scales[sizes[0]] == scales[0]
    assert lab.STEPS[lengths[-1]] == 2000
    assert (np.diff(lengths) > 0).all()


def test_the_network_reads_what_is_looked_at():
    w = network.fresh(RNG(0))
    logits, value = network.act(w, np.zeros((3, look.WIDTH)))
    assert logits.shape == (3, moves.ACTIONS)
    assert value.shape == (3,)
    np.testing.assert_allclose(logits, 0, atol=1e-6)


# The agent


def test_it_ships_under_a_megabyte_and_says_what_made_it():
    content = weights.shipped(weights.NAME).read_bytes()
    assert len(content) < 1e6
    assert set(weights.about(content, weights.NAME)) >= {"seed", "steps"}
    assert weights.shipped_weights()["w_actor"].shape[1] == moves.ACTIONS


def test_weights_are_read_as_written(tmp_path):
    fresh = network.fresh(RNG(1), (8, 6))
    weights.save(tmp_path / "w.npz", fresh, {"seed": 1})
    again = weights.load(tmp_path / "w.npz")
    assert again.keys() == fresh.keys()
    np.testing.assert_allclose(again["w0"], fresh["w0"], atol=1e-3)
    (tmp_path / "other.npz").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="weights: expected a file that mixenv train-ppo wrote"):
        weights.load(tmp_path / "other.npz")
    weights.save(tmp_path / "short.npz", fresh | {"w_actor": np.zeros((6, 4))}, {})
    with pytest.raises(ValueError, match="w_actor: expected shape"):
        weights.load(tmp_path / "short.npz")


def test_it_goes_on_from_a_file(lab, tmp_path):
    problem = lab.make_problem()
    agent = PPO(problem, 5)
    for i in range(12):
        asked = agent.ask()
        agent.tell(asked, lab.outcome(np.nan if i == 3 else lab.quadratic(asked)))
    agent.save(tmp_path / "state.npz")
    again = PPO.load(tmp_path / "state.npz")
    np.testing.assert_array_equal(again.recommend(), agent.recommend())
    for _ in range(5):
        one, two = agent.ask(), again.ask()
        assert (one.scale, one.steps) == (two.scale, two.steps)
        np.testing.assert_array_equal(one.mixture, two.mixture)
        for each in (agent, again):
            each.tell(one, lab.outcome(lab.quadratic(one)))
    (tmp_path / "other.npz").write_bytes(b"no state")
    with pytest.raises(ValueError, match="state: expected a file that an agent's save wrote"):
        PPO.load(tmp_path / "other.npz")


def test_again_resumes_the_last_run(lab):
    problem = lab.make_problem()
    always = network.fresh(RNG(0))
    always = {name: 0 * array for name, array in always.items()}
    again = moves.MIXTURES.index("again") * moves.RUNGS
    always["b_actor"][again + 15] = 50.0  # the last mixture, in full
    agent = PPO(problem, 0, always)
    last = np.array([0.4, 0.3, 0.2, 0.1])
    agent.tell(Experiment(last, *problem.target), lab.outcome(1.0))
    np.testing.assert_array_equal(agent.ask().mixture, last)
    assert (agent.ask().scale, agent.ask().steps) == problem.target
