"""Losses that help with an accuracy, and the doubt about a single loss's cheap runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus import companions, model
from agents.plus import rows as rowing
from agents.plus.geometry import Geometry
from agents.plus.outputs import Outputs
from agents.plus.priors import Doubt
from agents.plus.settings import Settings
from mixenv.metrics import Metric, accuracy, loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome

SETTINGS = Settings()
METRICS = (Metric("train", evaluated=False), loss("a"), accuracy("b", 100), loss("c"))
ACCURACY = Objective("b", (2,), (-1.0,), (0.0,))
EFFECT = np.array([0.8, 0.1, -0.3, -0.6])


def noisy(lab, n, seed=0, effect=np.matmul):
    """Rows of an accuracy with much noise, and two losses nearly without."""
    rng = np.random.default_rng(seed)
    mixtures = rng.dirichlet(np.ones(4), n)
    scales, steps = rng.choice(lab.SCALES, n), rng.choice(lab.STEPS, n).astype(float)
    away = 0.1 * np.log(scales / 1e9)
    first = effect(mixtures, EFFECT) - away + 0.002 * rng.normal(size=n)
    second = effect(mixtures, EFFECT[::-1]) - away + 0.002 * rng.normal(size=n)
    objective = 2 * first - second + 0.3 * rng.normal(size=n)
    values = np.stack([objective, first, second], axis=1)
    return rowing.Rows(mixtures, scales, steps, np.arange(n), values)


@pytest.fixture
def geometry(lab):
    return Geometry(lab.make_problem(1.0), SETTINGS)


def test_losses_are_companions_of_an_accuracy_and_of_nothing_else():
    assert Outputs(ACCURACY, SETTINGS, METRICS).companions == [1, 3]  # not the training loss
    both = Objective("mean", (1, 2), (0.5, -0.5), (0.0, 0.0))
    assert Outputs(both, SETTINGS, METRICS).companions == [1, 3]
    for objective, metrics in (
        (Objective("a", (1,), (1.0,), (0.0,)), METRICS),
        (replace(both, worst=True), METRICS),
        (ACCURACY, ()),
        (Objective("b", (0,), (-1.0,), (0.0,)), (accuracy("b", 100),)),
    ):
        assert Outputs(objective, SETTINGS, metrics).companions == []
    assert Outputs(ACCURACY, Settings(companions=False), METRICS).companions == []


def test_what_is_taken_apart_is_the_objective_whatever_the_weights(lab):
    outputs, rows = Outputs(ACCURACY, SETTINGS, METRICS), noisy(lab, 20)
    assert (outputs.columns, outputs.count) == (3, 2)
    metrics = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(outputs.value(outputs.of(metrics)), -metrics[:, 2])
    for weights in (np.array([2.0, -1.0]), np.array([0.3, 40.0])):
        parts = companions.separate(rows, weights).values
        np.testing.assert_allclose(parts.sum(1), rows.values[:, 0], atol=1e-12)
        found = outputs.moments(parts.T, np.ones_like(parts.T))
        np.testing.assert_allclose(found.mean, rows.values[:, 0], atol=1e-12)
        np.testing.assert_allclose(found.variance, 2)


def test_regression_finds_what_the_losses_tell(lab, geometry):
    found = companions.regress(noisy(lab, 400), geometry)
    np.testing.assert_allclose(found, [2, -1], atol=0.3)


def test_regression_leaves_pure_noise_to_the_rest(lab, geometry):
    rows = noisy(lab, 60)
    noise = np.random.default_rng(3).normal(size=60)
    rows = replace(rows, values=np.column_stack([noise, rows.values[:, 1:]]))
    told = companions.separate(rows, companions.regress(rows, geometry)).values[:, 0]
    assert told.std() < 0.35 * noise.std()


def test_a_companion_that_is_not_finite_counts_for_nothing(lab, geometry):
    rows = noisy(lab, 50)
    rows.values[7, 1] = np.nan
    weights = companions.regress(rows, geometry)
    assert weights[0] == 0
    assert weights[1] != 0
    assert companions.usable(rows, weights)
    assert not companions.usable(rows, np.ones(2))
    assert np.isfinite(companions.separate(rows, weights).values).all()
    rows.values[8, 2] = np.nan
    np.testing.assert_array_equal(companions.regress(rows, geometry), [0, 0])


def bent(mixtures, effect):
    """An effect that no straight line in the shares follows."""
    return 0.5 * np.log(mixtures + 0.02) @ effect


def test_an_accuracy_is_predicted_better_with_its_companions(lab):
    """Over eight data sets: by the model that decides, and by the one that forecasts."""
    geometry = Geometry(lab.make_problem(1.0), SETTINGS)
    errors = np.array([[off(lab, geometry, seed, k) for k in (True, False)] for seed in range(8)])
    helped, alone = errors.mean(axis=0)
    np.testing.assert_array_less(helped, np.array([0.85, 0.95]) * alone)


def off(lab, geometry, seed, helped):
    """Errors of differences between mixtures at the target, as decided by and as forecast."""
    rows, fresh = noisy(lab, 40, seed, bent), np.random.default_rng(seed).dirichlet(np.ones(4), 60)
    outputs = Outputs(Objective("b", (2,), (1.0,), (0.0,)), Settings(companions=helped), METRICS)
    weights = companions.regress(rows, geometry)
    apart = companions.separate(rows, weights)
    apart = apart if helped else replace(rows, values=rows.values[:, :1])
    free = model.learn(None, apart, geometry, SETTINGS)
    none = rowing.empty(4, outputs.count)
    learned = model.build(free, apart, none, geometry, outputs, SETTINGS)
    target = geometry.at_target(fresh)
    truth = 2 * bent(fresh, EFFECT) - bent(fresh, EFFECT[::-1])
    means = learned.compare(target).objective.mean, learned.predict(target).mean
    return [np.std(mean - truth) for mean in means]


def outcome(asked, value, missing=False):
    metrics = np.array([9.0, value, 0.5 - 0.1 * value, np.nan if missing else 2 * value])
    return Outcome(metrics, 0.05, np.array([asked.steps]), metrics[None])


def test_a_missing_loss_fails_no_run_and_a_missing_accuracy_does(lab):
    problem = replace(lab.make_problem(), metrics=METRICS, objective=ACCURACY)
    agent = MFMSPlus(problem, 0)
    for i in range(30):
        asked = agent.ask()
        agent.tell(asked, outcome(asked, lab.quadratic(asked), missing=i == 28))
    assert not agent._told.refused()
    # The loss that is missing now counted at the last fit.
    assert agent._learner.learned.weights[1] != 0
    assert np.isfinite(agent.predict(agent.recommend(), *problem.target)).all()
    asked = agent.ask()
    failed = outcome(asked, 1.0)
    failed.metrics[2] = np.nan
    agent.tell(asked, failed)
    assert len(agent._told.refused()) == 1


def test_decisions_doubt_a_single_metric_that_is_no_accuracy():
    one = Objective("a", (1,), (1.0,), (0.0,))
    assert Outputs(one, SETTINGS, METRICS).doubt == Doubt(0.0, 0.1, 0.1)
    uncounted = (Metric("score", sign=-1),)
    assert Outputs(replace(one, index=(0,)), SETTINGS, uncounted).doubt == Doubt(0.0, 0.1, 0.1)
    without = Outputs(one, Settings(rough_effect=0.0), METRICS)
    assert without.doubt is None
    assert without.plain
    two = Objective("mean", (1, 3), (0.5, 0.5), (0.0, 0.0))
    for objective in (two, ACCURACY, replace(two, worst=True)):
        outputs = Outputs(objective, SETTINGS, METRICS)
        assert outputs.doubt is None
        assert not outputs.plain


def test_choosing_the_items_of_an_accuracy_adds_what_no_run_removes():
    """Half of p (1 - p) over their number, as in `mixenv.noise`, and p at most a half."""
    two = (accuracy("a", 50), accuracy("b", 200), loss("c"))
    each = 0.5 * 0.25 / 50, 0.5 * 0.25 / 200
    mixed = Objective("mixed", (0, 1, 2), (-2.0, -1.0, 1.0), (0.0, 0.1, 0.0))
    assert Outputs(mixed, SETTINGS, two).shared == pytest.approx(4 * each[0] + each[1])
    assert Outputs(replace(mixed, worst=True), SETTINGS, two).shared == pytest.approx(4 * each[0])
    assert Outputs(replace(mixed, index=(2,), gain=(1.0,)), SETTINGS, two).shared == 0
    assert Outputs(mixed, SETTINGS).shared == 0


def test_a_prediction_of_an_accuracy_is_no_surer_than_its_items(lab):
    """After thirty runs at the target that agree, where a metric without items is surer."""
    sds = []
    for metric in (accuracy("b", 100), Metric("b", sign=-1)):
        objective = Objective("b", (0,), (-1.0,), (0.0,))
        problem = replace(lab.make_problem(), metrics=(metric,), objective=objective)
        agent = MFMSPlus(problem, 0)
        for mixture in problem.region.sample(np.random.default_rng(0), 30):
            told = np.array([0.4 + 0.05 * mixture[0]])
            agent.tell(Experiment(mixture, *problem.target), Outcome(told, 1.0))
        sds.append(agent.predict(np.full(4, 0.25), *problem.target)[1].item())
    assert sds[1] < 0.01 < (1 / 800) ** 0.5 <= sds[0] < 0.05


@pytest.mark.parametrize(("index", "bends"), [((0,), [2.0, 2.0]), ((0, 1), [0.0, 0.0])])
def test_the_agent_bends_scale_and_steps_of_a_single_loss_alone(lab, index, bends):
    """Before its first fit and after it, in the model that it decides by."""
    objective = Objective("m", index, (1.0,) * len(index), (0.0,) * len(index))
    problem = replace(lab.make_problem(), metrics=(loss("a"), loss("c")), objective=objective)
    agent = MFMSPlus(problem, 0)
    for fitted in (False, True):
        while not agent._told.events or (agent._learner.learned.free is not None) != fitted:
            asked = agent.ask()
            agent.tell(asked, Outcome(np.full(2, lab.quadratic(asked)), 0.1))
        for hyper in agent._learner.model([]).posterior.hypers:
            assert [hyper.scale_bend, hyper.steps_bend] == bends


def test_many_cheap_runs_never_count_as_runs_at_the_target(lab):
    """Fifty exact runs next to the target leave a doubt there that one at the target removes."""
    rng = np.random.default_rng(1)
    problem = replace(lab.make_problem(1.0), metrics=(loss("a"),))
    geometry, left = Geometry(problem, SETTINGS), []
    mixtures = rng.dirichlet(np.ones(4), 50)
    values = (mixtures @ EFFECT)[:, None]
    for rough, scale in ((0.0, 8e8), (0.1, 8e8), (0.1, 1e9)):
        settings = Settings(rough_effect=rough)
        outputs = Outputs(problem.objective, settings, problem.metrics)
        rows = rowing.Rows(mixtures, np.full(50, scale), np.full(50, 2e3), np.arange(50), values)
        free = model.learn(None, rows, geometry, settings, outputs.doubt)
        none = rowing.empty(4, 1)
        learned = model.build(free, rows, none, geometry, outputs, settings)
        left.append(learned.compare(geometry.at_target(mixtures)).variance.mean())
    assert left[1] > 5 * left[0]
    assert left[1] > 5 * left[2]


def test_asks_again_where_a_doubt_is_in_the_fit(lab):
    """The whole agent, with a doubt and without: both valid, and not the same experiments."""
    seen = []
    for settings in (Settings(), Settings(rough_effect=0.0)):
        agent = MFMSPlus(replace(lab.make_problem(), metrics=(loss("a"),)), 1, settings)
        asked: list[Experiment] = []
        for _ in range(60):
            asked.append(agent.ask())
            agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
        seen.append([(*e.mixture, e.scale, e.steps) for e in asked])
    assert seen[0][:10] == seen[1][:10]  # the design
    assert seen[0] != seen[1]
