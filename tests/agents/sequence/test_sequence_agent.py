"""The sequence agent behind the ordinary protocol; most of it with a tiny network."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np
import pytest

from agents.sequence import model
from agents.sequence.config import Config
from agents.sequence.fidelity import menu, place
from agents.sequence.grouping import groups, merged
from agents.sequence.settings import Settings
from agents.sequence.view import kept
from agents.sequence.weights import Weights
from agents.sequence_agent import Sequence
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

pytestmark = pytest.mark.usefixtures("unoptimised")

TINY = Config(7, layers=1, width=8, heads=1, hidden=8)


@pytest.fixture(scope="module")
def tiny(jit):
    made = jit(model.initial, static_argnums=0)(TINY, jax.random.key(0))
    return Weights(made, TINY, {"mask": "causal"})


def play(lab, agent, rounds, value=None):
    seen = []
    for _ in range(rounds):
        asked = agent.ask()
        lab.check(agent.problem, asked)
        seen.append((*asked.mixture, asked.scale, asked.steps, *agent.recommend()))
        metrics = np.full(len(agent.problem.metrics), (value or lab.quadratic)(asked))
        failed = len(agent._told) % 7 == 6
        agent.tell(asked, Outcome(np.full_like(metrics, np.nan) if failed else metrics, 0.05))
    return np.array(seen)


def problems(lab):
    rng = np.random.default_rng(0)
    pools = {scale: rng.dirichlet(np.ones(9), 12) for scale in lab.SCALES}
    three = (loss("a"), accuracy("b", 100), loss("c"))
    worst = Objective("worst", (2, 1), (0.5, -2.0), (2.0, 0.5), worst=True)
    return {
        "capped": (lab.make_problem(), lab.quadratic),
        "pool": (lab.make_problem(1.0, pools=pools, domains=9), lambda e: float(e.mixture[0])),
        "worst": (replace(lab.make_problem(), metrics=three, objective=worst), lab.quadratic),
    }


@pytest.mark.parametrize("kind", ["capped", "pool", "worst"])
@pytest.mark.parametrize("rounds", [0, 26])
def test_goes_on_identically(lab, tmp_path, tiny, kind, rounds):
    problem, value = problems(lab)[kind]
    agent = Sequence(problem, 3, Settings(kappa=0.2, draws=8), tiny)
    play(lab, agent, rounds, value)
    agent.ask_batch(2)
    agent.ask()
    agent.save(tmp_path / "agent")
    loaded = Sequence.load(tmp_path / "agent", tiny)
    assert [p.name for p in tmp_path.iterdir()] == ["agent"]
    assert loaded.settings == agent.settings
    one, two = (play(lab, a, 3, value) for a in (agent, loaded))
    np.testing.assert_array_equal(one, two)
    asked = problem.region.sample(np.random.default_rng(1), 3), 1e9, 2000
    np.testing.assert_array_equal(agent.predict(*asked), loaded.predict(*asked))


def test_a_file_of_something_else(tmp_path):
    (tmp_path / "text").write_text("not an agent")
    np.savez(tmp_path / "other.npz", a=np.zeros(2))
    np.savez(tmp_path / "evil.npz", header=np.array([{"format": 1}], dtype=object))
    for name in ("text", "other.npz", "evil.npz"):
        with pytest.raises(ValueError, match=r"state: expected a file that an agent's save wrote"):
            Sequence.load(tmp_path / name)


def test_a_batch_is_of_distinct_experiments(lab, tiny):
    agent = Sequence(lab.make_problem(), 0, Settings(draws=8), tiny)
    with pytest.raises(ValueError, match="ask_batch: expected at least 1 experiment, got 0"):
        agent.ask_batch(0)
    play(lab, agent, 20)
    batch = agent.ask_batch(4)
    assert len({(*e.mixture.round(6), e.scale, e.steps) for e in batch}) == 4
    for experiment in batch:
        agent.tell(experiment, lab.outcome(2.0))
    assert agent._pending == []


def test_predicts_in_the_objective_s_unit(lab, tiny):
    problem = lab.make_problem()
    agent = Sequence(problem, 0, Settings(draws=8), tiny)
    with pytest.raises(ValueError, match="predict: expected at least one outcome told, got none"):
        agent.predict(lab.BEST, 1e9, 2000)
    agent.tell(Experiment(lab.BEST, 1e8, 2000), lab.outcome(2.5))
    mean, sd = agent.predict(lab.BEST, 1e8, 2000)
    assert mean.shape == sd.shape == (1,)
    assert abs(mean[0] - 2.5) < 0.5
    play(lab, agent, 20)
    for scale in problem.scales:
        mean, sd = agent.predict(np.stack([lab.BEST, np.full(4, 0.25)]), scale, 2000)
        truth = lab.quadratic(Experiment(lab.BEST, scale, 2000))
        assert abs(mean - truth).max() < 1.0
        assert (sd > 0).all()


@pytest.mark.parametrize("rule", ["single", "greedy", "ucb"])
def test_other_rules_spend_a_part_of_what_was_spent(lab, tiny, rule):
    problem = lab.make_problem()
    agent = Sequence(problem, 0, Settings(rule=rule, kappa=0.5), tiny)
    for _ in range(24):
        asked = agent.ask()
        if not agent._design and agent._told.spent:
            price = problem.price(asked.scale, asked.steps)
            assert price <= max(0.5 * agent._told.spent, problem.price(1e7, 2000)) + 1e-9
        cost = problem.price(asked.scale, asked.steps)
        agent.tell(asked, Outcome(np.array([lab.quadratic(asked)]), cost))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "best"}, "rule: expected one of multi, single, greedy, ucb, got 'best'"),
        ({"kappa": -1.0}, "kappa: expected a finite number of at least 0, got -1.0"),
        ({"draws": float("inf")}, "draws: expected a finite number"),
        ({"draws": 1}, "draws: expected at least 2, got 1"),
        ({"tokens": 500}, "tokens: expected at most 128, got 500"),
    ],
)
def test_settings_that_cannot_be(change, message):
    with pytest.raises(ValueError, match=message):
        Settings(**change)


def test_scales_and_steps_lie_where_they_should(lab):
    problem = lab.make_problem()
    u, v = place(problem, np.array([1e7, 1e8, 1e9]), np.array([60, 2000, 2000 * 0.03**0.5]))
    np.testing.assert_allclose(u, [-1, 0, 1], atol=1e-9)
    np.testing.assert_allclose(v, [-1, 1, 0], atol=1e-9)
    alone = lab.make_problem(scales=(1e9,))
    np.testing.assert_array_equal(place(alone, np.array([1e9]), np.array([2000])), [[1], [1]])
    assert menu(problem, Settings()) == [
        (1e7, 2000), (1e8, 2000), (1e9, 500), (1e9, 1000), (1e9, 2000),
    ]  # fmt: skip


def test_many_domains_are_merged_by_their_effect():
    rng = np.random.default_rng(0)
    w = rng.dirichlet(np.ones(10), 200)
    effect = np.repeat([3.0, -1.0, 1.0, 0.0, -2.0], 2)
    group = groups(w, w @ effect)
    assert group.tolist() == [4, 4, 1, 1, 3, 3, 2, 2, 0, 0]
    np.testing.assert_allclose(merged(w, group)[:, 0], w[:, 8:].sum(1))
    np.testing.assert_array_equal(groups(w[:, :4], w @ effect), np.arange(4))
    np.testing.assert_allclose(merged(w[:, :4], np.arange(4))[:, 4], 0)
    assert sorted(groups(w[:1], np.ones(1)).tolist()) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_which_outcomes_are_shown():
    assert kept(5, 8).tolist() == [0, 1, 2, 3, 4]
    assert kept(20, 8).tolist() == [0, 1, 2, 15, 16, 17, 18, 19]


def test_more_outcomes_than_it_reads(lab, tiny):
    agent = Sequence(lab.make_problem(), 0, Settings(draws=8, tokens=32), tiny)
    play(lab, agent, 50)
    assert len(agent._told.rows) > 32


def test_the_shipped_network_finds_the_best(lab):
    """Noise-free and smooth, and of four domains."""
    problem = lab.make_problem()
    agent = Sequence(problem, 1)
    for _ in range(20):
        asked = agent.ask()
        agent.tell(asked, Outcome(np.array([lab.quadratic(asked)]), 0.05))
    found = lab.quadratic(Experiment(agent.recommend(), *problem.target)) - 2
    assert found < 0.1  # uniform shares: 0.2; an extreme point at best 0.1
