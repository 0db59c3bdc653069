"""What a run is worth to MFMS-GP+: knowledge gradient, contrast, variance; which of them counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus, Thompson
from agents.plus import gain, posterior
from agents.plus.settings import Settings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

PAPER_STEPS = tuple(range(100, 19_501, 100))


class TestGain:
    def test_knowledge_gradient_against_brute_force(self):
        rng = np.random.default_rng(0)
        mean, moves = rng.normal(size=6), rng.normal(size=(2, 6, 3))
        outcomes = rng.normal(size=(200_000, 2))
        after = mean[:, None] + np.einsum("km,maq->kaq", outcomes, moves)
        expected = mean.min() - after.min(axis=1).mean(axis=0)
        found = gain.knowledge_gradient(mean, moves, gain.nodes(2, 16, 4096))
        np.testing.assert_allclose(found, expected, rtol=0.02)
        one = gain.knowledge_gradient(mean, moves[:1], gain.nodes(1, 512, 0))
        after = mean[:, None] + np.einsum("k,aq->kaq", outcomes[:, 0], moves[0])
        np.testing.assert_allclose(one, mean.min() - after.min(1).mean(0), rtol=0.02)

    def test_nothing_to_learn_is_worth_nothing(self):
        found = gain.knowledge_gradient(np.arange(4.0), np.zeros((1, 4, 2)), gain.nodes(1, 16, 0))
        np.testing.assert_allclose(found, 0, atol=1e-15)

    def test_moves_are_the_change_of_the_mean_when_an_outcome_is_told(self, past_design):
        """An outcome one sd above its prediction moves the means by the column of `shifts`."""
        agent = past_design
        model = agent._learner.model([])
        mixtures = agent._candidates._anchors[:7]
        optima = model.compare(agent._geometry.at_target(mixtures))
        asked = Experiment(np.array([0.4, 0.3, 0.2, 0.1]), 1e8, 1000)
        there = model.compare(model.place([asked]))
        moves = gain.shifts(model, optima, there, [asked])[0, :, 0]
        sd = np.sqrt(there.variance + model.noise([asked]))[0, 0]
        found = model.contrasts

        rows = agent._told.rows
        waiting = agent._told.waiting([asked])
        points = agent._geometry.points(
            np.concatenate([rows.mixtures, waiting.mixtures]),
            np.concatenate([rows.scales, waiting.scales]),
            np.concatenate([rows.steps, waiting.steps]),
        )
        level = agent._geometry.level(
            np.concatenate([rows.scales, waiting.scales]),
            np.concatenate([rows.steps, waiting.steps]),
        )
        values = (rows.values - model._scaling.centre) / model._scaling.spread
        surprising = np.concatenate([values, posterior.mean(found, there.points) + sd])
        runs = np.concatenate([rows.runs, waiting.runs])
        after = posterior.condition(found.hypers, points, level, runs, surprising, found.jitter)
        before = posterior.mean(found, optima.points)
        change = posterior.mean(after, optima.points) - before
        np.testing.assert_allclose(
            change[0] * model._scaling.spread[0], moves, rtol=1e-4, atol=1e-9
        )

    def test_the_first_run_at_a_scale_is_worth_what_it_says_of_differences(self, past_design):
        """With the level unknown it would be worth next to nothing, however sure the level."""
        agent = past_design
        model = agent._learner.model([])
        at_target = agent._geometry.at_target(agent._candidates._anchors)
        target = Experiment(np.array([0.4, 0.3, 0.2, 0.1]), *agent.problem.target)
        known = model.compare(at_target)
        unknown = posterior.whiten(model.posterior, at_target)
        assert (known.variance < posterior.variance(model.posterior, at_target, unknown)).all()
        np.testing.assert_array_equal(known.mean, posterior.mean(model.posterior, at_target))
        assert model.compare(model.place([target])).variance[0, 0] > 0

    def test_variance_removed_adds_up_over_outputs(self):
        moves = np.array([[[0.3, 0.1]], [[0.4, 0.0]]])
        np.testing.assert_allclose(gain.variance_removed(moves), [0.25, 0.01])

    def test_contrast_removed_is_of_the_spread_around_the_mean(self):
        """Two outputs and two queries beside covariances before and after each."""
        rng = np.random.default_rng(0)
        root, moves = rng.normal(size=(5, 9)), rng.normal(size=(2, 5, 2))
        centred = np.eye(5) - 1 / 5

        def spread(covariance):
            return np.diag(centred @ covariance @ centred).mean()

        before = root @ root.T
        removed = [sum(np.outer(m, m) for m in moves[..., query]) for query in range(2)]
        expected = np.sqrt([spread(before) - spread(before - r) for r in removed])
        np.testing.assert_allclose(gain.contrast_removed(moves), expected)

    def test_what_moves_all_alike_tells_nothing_apart(self):
        moves = np.full((1, 3, 1), 0.7)
        assert gain.contrast_removed(moves) == pytest.approx([0.0])
        assert gain.variance_removed(moves[:, :1]) == pytest.approx([0.49])


@pytest.mark.parametrize(("several", "rule"), [(False, "gradient"), (True, "contrast")])
def test_the_rule_follows_the_objective(lab, several, rule):
    """Left open, it is the knowledge gradient for one loss, and what tells apart for a mean."""
    problem = lab.make_problem(steps=PAPER_STEPS)
    mean = Objective("mean", (0, 1), (0.5, 0.5), (0.0, 0.0))
    if several:
        problem = replace(problem, metrics=(*problem.metrics, loss("b")), objective=mean)
    asked = {r: _decisions(lab, problem, rule=r) for r in ("auto", "gradient", "contrast")}
    assert asked["auto"] == asked[rule]
    assert asked["gradient"] != asked["contrast"]


@pytest.mark.parametrize(("rule", "kappa"), [("gradient", "kappa"), ("contrast", "contrast_kappa")])
def test_what_was_spent_makes_dearer_queries_worth_their_price(lab, rule, kappa):
    problem = lab.make_problem(steps=PAPER_STEPS)
    prices = [
        np.mean([problem.price(*fidelity) for *fidelity, _, _, _, _ in asked])
        for asked in (_decisions(lab, problem, rule=rule, **{kappa: part}) for part in (0.0, 5.0))
    ]
    assert prices[0] < 0.5 * prices[1]


def _decisions(lab, problem, **settings):
    agent = MFMSPlus(problem, 0, Settings(race=False, **settings))
    for _ in range(26):
        asked = agent.ask()
        value = lab.quadratic(asked)
        metrics = np.array([value, value**2])[: len(problem.metrics)]
        agent.tell(asked, Outcome(metrics, 0.1))
    return [(e.scale, e.steps, *e.mixture) for e, _ in agent._told.events[agent._designed :]]


def test_thompson_asks_for_what_it_drew(lab):
    agent = Thompson(lab.make_problem(), 0)
    assert agent.settings.rule == "thompson"
    for _ in range(50):
        asked = agent.ask()
        lab.check(agent.problem, asked)
        agent.tell(asked, lab.outcome(lab.quadratic(asked)))
    assert lab.quadratic(Experiment(agent.recommend(), 1e9, 2000)) < 2.03
