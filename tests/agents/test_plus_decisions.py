"""What MFMS-GP+ asks for: decisions' values, batches, failures, resumptions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import agents
from agents.mfms_plus import MFMSPlus
from agents.plus import gain, queries
from agents.plus.queries import Limits, Query
from agents.plus.rows import key
from agents.plus.settings import ABLATIONS, Settings
from mixenv.problem import Experiment, Outcome

PAPER_STEPS = tuple(range(100, 19_501, 100))


def told(lab, problem, rounds, seed=0, settings=None):
    agent = MFMSPlus(problem, seed, settings)
    for _ in range(rounds):
        asked = agent.ask()
        agent.tell(asked, lab.outcome(lab.quadratic(asked)))
    return agent


class TestQueries:
    def test_fresh_runs_are_of_all_scales_and_some_steps(self, lab):
        problem = lab.make_problem()
        found = queries.fresh(problem, np.array([[0.25] * 4, [0.25] * 4]), Settings())
        assert len(found) == 3 * 4
        for experiment, price in found:
            assert price == problem.price(experiment.scale, experiment.steps)

    def test_in_pools_the_nearest_recorded_mixture_of_each_scale(self, lab):
        pools = {
            s: np.random.default_rng(i).dirichlet(np.ones(4), 6) for i, s in enumerate(lab.SCALES)
        }
        problem = lab.make_problem(1.0, pools=pools)
        for experiment, _ in queries.fresh(problem, pools[1e9][:3], Settings()):
            apart = np.abs(pools[experiment.scale] - experiment.mixture).sum(axis=1)
            assert apart.min() < 1e-12

    def test_going_on_costs_the_difference(self, lab):
        problem = lab.make_problem()
        run = Experiment(np.full(4, 0.25), 1e8, 1200)
        (longer,) = queries.further(problem, {key(run.mixture, 1e8): run}, Settings())
        assert longer.experiment.steps == 2000
        assert longer.price == pytest.approx(problem.price(1e8, 2000) - problem.price(1e8, 1200))

    def test_what_is_allowed_and_what_gives_way(self, lab):
        problem = lab.make_problem()
        a, b = np.full(4, 0.25), np.array([0.4, 0.3, 0.2, 0.1])
        cheap, dear = (Query(Experiment(a, 1e8, 1000), 0.1), Query(Experiment(b, 1e9, 2000), 1.0))
        nothing = Limits([], frozenset(), {}, 60.0)
        both = [cheap, dear]
        assert queries.allowed(problem, both, nothing) == both
        assert queries.allowed(problem, both, nothing._replace(left=0.5)) == [cheap]
        assert queries.allowed(problem, both, nothing._replace(left=0.01)) == both
        failed = nothing._replace(refused=frozenset({key(a, 1e8)}))
        assert queries.allowed(problem, both, failed) == [dear]
        assert queries.allowed(problem, [cheap], failed) == [cheap]
        waiting = nothing._replace(pending=[Experiment(b, 1e9, 500)])
        assert queries.allowed(problem, both, waiting) == [cheap]
        done = nothing._replace(done={key(b, 1e9): Experiment(b, 1e9, 2000)})
        assert queries.allowed(problem, both, done) == both
        pooled = replace(problem, pools={s: np.stack([a, b]) for s in lab.SCALES})
        assert queries.allowed(pooled, both, done) == [cheap]


class TestBatches:
    def test_experiments_are_distinct_and_stay_pending(self, lab):
        agent = told(lab, lab.make_problem(), 24)
        batch = agent.ask_batch(6)
        for i, one in enumerate(batch):
            lab.check(agent.problem, one)
            for other in batch[:i]:
                alike = np.allclose(one.mixture, other.mixture) and one.scale == other.scale
                assert not (alike and one.steps == other.steps)
        again = agent.ask()
        assert not any(
            np.allclose(again.mixture, e.mixture)
            and (again.scale, again.steps) == (e.scale, e.steps)
            for e in batch
        )
        for experiment in batch:
            agent.tell(experiment, lab.outcome(lab.quadratic(experiment)))
        assert agent._pending == []

    def test_a_batch_of_the_design(self, lab):
        agent = MFMSPlus(lab.make_problem(), 0)
        whole = list(agent._design)
        batch = agent.ask_batch(5)
        assert all(one is other for one, other in zip(batch, whole, strict=False))
        assert agent.ask() is whole[5]

    def test_pending_lowers_what_the_same_query_is_worth(self, past_design):
        agent = past_design
        asked = agent.ask()
        optima = agent._geometry.at_target(agent._candidates._anchors)
        worth = []
        for pending in ([], [asked]):
            model = agent._learner.model(pending)
            view, there = model.compare(optima), model.compare(model.place([asked]))
            moves = gain.shifts(model, view, there, [asked])
            worth.append(gain.knowledge_gradient(view.objective.mean, moves, gain.nodes(1, 16, 0)))
        assert worth[1] < 0.9 * worth[0]

    def test_of_nothing(self, lab):
        with pytest.raises(ValueError, match=r"ask_batch: expected at least 1 experiment, got 0"):
            MFMSPlus(lab.make_problem(), 0).ask_batch(0)


class TestTelling:
    def test_a_failed_mixture_is_not_asked_for_again_at_once(self, lab):
        agent = told(lab, lab.make_problem(), 24)
        failed = []
        for _ in range(6):
            asked = agent.ask()
            assert key(asked.mixture, asked.scale) not in failed
            failed.append(key(asked.mixture, asked.scale))
            agent.tell(asked, lab.outcome(np.nan))

    def test_no_resumption_once_a_longer_run_came_back_as_a_new_one(self, lab):
        agent = MFMSPlus(lab.make_problem(), 0)
        w = np.full(4, 0.25)
        agent.tell(Experiment(w, 1e8, 500), lab.outcome(2.0))
        assert agent._resumes
        resumed = Outcome(np.array([1.9]), 0.1, resumed=True)
        agent.tell(Experiment(w, 1e8, 1000), resumed)
        assert agent._resumes
        assert agent._told.rows.runs.tolist() == [0, 0]
        agent.tell(Experiment(w, 1e8, 2000), lab.outcome(1.8))
        assert not agent._resumes
        assert agent._told.rows.runs.tolist() == [0, 0, 1]

    def test_recommends_by_the_model_during_the_design(self, lab):
        agent = told(lab, lab.make_problem(), 9)
        assert agent._design
        seen = [e.mixture for e, _ in agent._told.events]
        recommended = agent.recommend()
        assert min(np.abs(recommended - w).max() for w in seen) > 1e-3

    def test_predicting_and_recommending_change_nothing(self, lab):
        plain, asked_much = (MFMSPlus(lab.make_problem(), 1) for _ in range(2))
        for i in range(26):
            one, two = plain.ask(), asked_much.ask()
            np.testing.assert_array_equal(one.mixture, two.mixture)
            assert (one.scale, one.steps) == (two.scale, two.steps)
            for agent in (plain, asked_much):
                agent.tell(one, lab.outcome(lab.quadratic(one)))
            if i % 2:
                asked_much.recommend()[:] = 0.0
                asked_much.predict(np.full((3, 4), 0.25), 1e9, 2000)

    def test_predicts_the_surface(self, lab, past_design):
        mixtures = np.random.default_rng(0).dirichlet(np.ones(4) * 4, 30)
        mean, sd = past_design.predict(mixtures, 1e9, 2000)
        truth = [lab.quadratic(Experiment(w, 1e9, 2000)) for w in mixtures]
        assert np.corrcoef(mean, truth)[0, 1] > 0.9
        assert (np.abs(mean - truth) < 4 * sd).mean() > 0.9

    def test_predict_before_anything(self, lab):
        with pytest.raises(ValueError, match="expected at least one outcome told, got none"):
            MFMSPlus(lab.make_problem(), 0).predict(np.full((1, 4), 0.25), 1e9, 2000)

    def test_predict_from_one_outcome(self, lab):
        agent = told(lab, lab.make_problem(), 1)
        mean, sd = agent.predict(np.full((2, 4), 0.25), 1e9, 2000)
        assert np.isfinite(mean).all()
        assert (sd > 0).all()


@pytest.mark.parametrize("patience", [3, 1_000_000])
def test_after_long_without_a_run_near_the_target_one_there_is_due(lab, patience):
    """Where only prices count, which without a limit are paid for cheap runs alone."""
    problem = replace(lab.make_problem(steps=PAPER_STEPS), budget=60.0)
    agent = told(lab, problem, 45, settings=Settings(race=False, kappa=0.0, patience=patience))
    decided = [e for e, _ in agent._told.events[agent._designed :]]
    near = [e.scale == problem.target[0] and e.steps >= problem.target[1] / 2 for e in decided]
    longest = max(map(len, "".join("x" if n else "." for n in near).split("x")))
    assert longest == 3 if patience == 3 else longest > 10


def test_what_is_due_is_asked_once_and_only_if_it_can_be_paid(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    agent = told(lab, replace(problem, budget=60.0), 30, settings=Settings(race=False, patience=0))
    assert agent._overdue
    [asked] = agent.ask_batch(1)
    assert (asked.scale, asked.steps) == problem.target
    assert not agent._overdue
    poor = replace(problem, budget=3.5)  # of runs of 0.1 target runs each
    poor = told(lab, poor, 30, settings=Settings(race=False, patience=0))
    assert poor._overdue
    assert problem.price(poor.ask().scale, poor.ask().steps) <= 0.5


class TestSettings:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                {"rule": "greedy"},
                r"rule: expected one of auto, gradient, contrast, thompson, got 'greedy'",
            ),
            ({"coordinates": "log"}, r"coordinates: expected one of root, share, got 'log'"),
            ({"kappa": -1.0}, r"kappa: expected a finite number of at least 0, got -1.0"),
            ({"growth": float("nan")}, r"growth: expected a finite number of at least 0, got nan"),
            ({"shared_error": 1.5}, r"shared_error: expected at most 1, got 1.5"),
            ({"race_rounds": ()}, r"race_rounds: expected at least one round, got none; race=F"),
            ({"race_again": ()}, r"race_again: expected at least one round, got none; race=F"),
            ({"race_back": 1.0}, r"race_back: expected a fraction .* got 1.0; 1/2 looks back"),
        ],
    )
    def test_refuse(self, change, message):
        with pytest.raises(ValueError, match=message):
            Settings(**change)

    def test_no_rounds_are_needed_without_a_race(self):
        assert Settings(race=False, race_rounds=(), race_again=()).race_rounds == ()

    @pytest.mark.parametrize("label", ABLATIONS)
    def test_every_ablation_plays(self, lab, label):
        problem = lab.make_problem()
        agent = agents.make(f"mfms-plus[{label}]", problem, 0)
        assert agent.settings != Settings()
        for _ in range(26):
            asked = agent.ask()
            lab.check(problem, asked)
            agent.tell(asked, lab.outcome(lab.quadratic(asked)))
        assert lab.quadratic(Experiment(agent.recommend(), 1e9, 2000)) < 2.1

    @pytest.mark.parametrize("name", ["mfms-plus[speed]", "mfms-plus[no-curves"])
    def test_unknown_label(self, lab, name):
        message = r"expected one of mfms-plus\[shares\], .*choose a label"
        with pytest.raises(ValueError, match=message):
            agents.make(name, lab.make_problem(), 0)
