"""What MFMS-GP+ begins with where it does not race."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.design import design
from agents.plus.settings import Settings
from agents.sequence.settings import Settings as SequenceSettings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Outcome

PAPER_STEPS = tuple(range(100, 19_501, 100))


def worst(problem):
    objective = Objective("worst", (0, 1), (1.0, 1.0), (0.0, 0.0), worst=True)
    return replace(problem, metrics=(loss("a"), loss("b")), objective=objective, budget=60.0)


class TestDesign:
    def test_extreme_points_and_paired_fidelities(self, lab):
        problem = lab.make_problem(steps=PAPER_STEPS, scales=(1e7, 1e8, 3e8, 1e9))
        problem = replace(problem, budget=60.0)
        made = design(problem, Settings(), np.random.default_rng(0))
        fidelities = {(e.scale, e.steps) for e in made}
        assert len(fidelities) == 2
        for scale, steps in fidelities:  # the centroid is seen at all of them
            alike = [e for e in made if (e.scale, e.steps) == (scale, steps)]
            assert any(np.allclose(e.mixture, 0.25) for e in alike)
        assert sum(np.isclose(e.mixture.max(), 0.5) for e in made) >= 6
        cost = sum(problem.price(e.scale, e.steps) for e in made)
        assert cost < 0.3 * 60

    def test_the_worst_loss_is_sought_inside_the_region(self, lab):
        """Extreme points at the cheapest scale, then halfway to equal shares at a dear one."""
        problem = worst(lab.make_problem(steps=PAPER_STEPS, scales=(1e7, 1e8, 3e8, 1e9)))
        made = design(problem, Settings(), np.random.default_rng(0))
        assert [(e.scale, e.steps) for e in made] == 7 * [(1e7, 19_500)] + 7 * [(3e8, 19_500)]
        cheap, dear = (np.array([e.mixture for e in part]) for part in (made[:7], made[7:]))
        for group in (dear, cheap):
            assert np.allclose(group[0], 0.25)
        assert np.allclose(dear, (cheap + 0.25) / 2)
        assert np.allclose(cheap[1:].max(axis=1), 0.5)

    def test_the_best_seen_is_recommended_until_that_is_told(self, lab):
        """Cheap runs alone may mislead: at the large scale another mixture was the best."""
        problem = worst(lab.make_problem(steps=PAPER_STEPS, scales=(1e7, 1e8, 3e8, 1e9)))
        agent = MFMSPlus(problem, 0)
        for i in range(13):
            asked = agent.ask()
            value = 0.5 if i == 9 else 3.0 + asked.mixture[0]
            agent.tell(asked, Outcome(np.array([value, 0.1]), 0.1))
        assert agent._learner.learned.free is not None
        assert np.allclose(agent.recommend(), agent._told.events[9][0].mixture)
        agent.tell(agent.ask(), Outcome(np.array([3.0, 0.1]), 0.1))
        assert not agent._compares

    def test_at_most_so_many_halfway(self, lab):
        problem = worst(lab.make_problem(steps=PAPER_STEPS, scales=(1e7, 3e8, 1e9)))
        made = design(problem, Settings(halfway_most=2), np.random.default_rng(0))
        assert [e.scale for e in made] == 7 * [1e7] + 3 * [3e8]

    def test_the_worst_loss_as_any_other_where_that_is_off(self, lab):
        plain = replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)
        made = design(plain, Settings(), np.random.default_rng(0))
        off = design(worst(plain), Settings(halfway=False), np.random.default_rng(0))
        assert list(map(str, off)) == list(map(str, made))
        assert SequenceSettings().shared.halfway is False

    def test_without_extreme_points(self, lab):
        problem = lab.make_problem()
        made = design(problem, Settings(extremes=False), np.random.default_rng(0))
        assert not any(np.isclose(e.mixture.max(), 0.5) for e in made)

    @pytest.mark.parametrize("budget", [0.05, 0.5, 5.0])
    def test_a_small_budget_makes_it_cheaper(self, lab, budget):
        problem = replace(lab.make_problem(steps=PAPER_STEPS), budget=budget)
        made = design(problem, Settings(), np.random.default_rng(0))
        first = made[0]
        assert problem.price(first.scale, first.steps) <= max(0.05 * budget, 0.0005)

    def test_one_scale_gives_short_runs(self, lab):
        problem = replace(lab.make_problem(steps=PAPER_STEPS, scales=(1e9,)), budget=60.0)
        made = design(problem, Settings(), np.random.default_rng(0))
        assert made[0].steps < 1000
        assert max(e.steps for e in made) < 6000

    def test_fewer_runs_where_they_cannot_be_short(self, lab):
        """One length of runs, half as dear at the small scale: four runs in place of thirteen."""
        problem = lab.make_problem(steps=(2000,), scales=(5e8, 1e9))
        problem = replace(problem, budget=8.0)
        made = design(problem, Settings(), np.random.default_rng(0))
        cost = sum(problem.price(e.scale, e.steps) for e in made)
        assert 0.3 * 8 <= cost <= 2 * 0.3 * 8
        assert {e.scale for e in made} == {5e8, 1e9}
        assert len(design(replace(problem, budget=80.0), Settings(), np.random.default_rng(0))) > 12

    @pytest.mark.parametrize(("domains", "cap"), [(2, 1.0), (2, 0.6), (30, 0.5), (30, 1.0)])
    def test_few_and_many_domains(self, lab, domains, cap):
        problem = lab.make_problem(cap)
        names = tuple(f"d{i}" for i in range(domains))
        region = type(problem.region)(domains, cap)
        problem = replace(problem, domains=names, max_share=cap, region=region)
        agent = MFMSPlus(problem, 0)
        assert len(agent._design) <= 80
        for experiment in agent._design:
            lab.check(problem, experiment)
        assert len(agent._candidates._anchors) <= 1000
