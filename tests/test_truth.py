"""The constants of tasks: computed ones against independent searches, stored ones against both."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from scipy.optimize import minimize

from mixenv import simplex, truth
from mixenv.make_task import make_task
from mixenv.metrics import SLIMPAJAMA
from mixenv.objective import AGGREGATES
from mixenv.shipped import shipped
from mixenv.surfaces import load_surface

THIRTEEN = (*(m.name for m in SLIMPAJAMA if m.evaluated), *AGGREGATES)
# Median regret, in sd units, of random search at 4 and 16 target runs over capped mixtures,
# computed independently on the published simulator without noise.
RANDOM_SEARCH = {
    "common_crawl": (1.64, 1.12), "c4": (1.62, 1.12), "wikipedia": (1.68, 1.39),
    "stack_exchange": (2.01, 1.41), "github": (2.10, 1.38), "arxiv": (1.28, 0.72),
    "book": (1.26, 0.84), "hellaswag": (1.37, 0.74), "piqa": (1.16, 0.67),
    "arc_easy": (1.79, 1.12), "mean_loss": (1.60, 1.12), "mean_score": (1.84, 1.24),
    "worst_loss": (0.88, 0.56),
}  # fmt: skip
STORED = json.loads(shipped("constants.json").read_text(encoding="utf-8"))


def at_target(surface, mixtures):
    return truth.AtTarget(surface, (1e9, 19_500))(mixtures)


@cache
def fine_search(surface, cap):
    """Over 200 000 mixtures, the uniform draws first, then a lattice of 1/40ths; with metrics."""
    draws = np.random.default_rng(77).dirichlet(np.ones(5), 170_000)
    draws = draws[draws.max(axis=1) <= cap]
    w = np.concatenate([draws, simplex.lattice(5, 40, cap)])
    assert len(w) > 200_000
    return len(draws), w, at_target(surface, w)


@cache
def task_of(surface, metric, cap=0.5):
    return make_task(surface, metric=metric, max_share=cap)


def polished(surface, objective, cap, starts=3):
    """The best of sequential quadratic programmes from the best points of the fine search."""
    _, w, metrics = fine_search(surface, cap)
    values = objective(metrics)
    best = values.min()
    for start in w[np.argsort(values)[: 40 * starts : 40]]:
        found = minimize(
            lambda x: float(objective(at_target(surface, x[None]))[0]),
            start,
            bounds=[(0, cap)] * 5,
            constraints={"type": "eq", "fun": lambda x: x.sum() - 1},
            method="SLSQP",
            options={"maxiter": 30},
        )
        end = simplex.project(found.x, cap)
        best = min(best, float(objective(at_target(surface, end[None]))[0]))
    return best


def computed(task):
    """The optimum computed now, whatever is stored."""
    return truth.compute_optimum(task.surface, task.region, task.target, task.objective)


@pytest.mark.reference
@pytest.mark.parametrize("metric", THIRTEEN)
def test_no_finer_search_beats_the_optimum(simulator, metric):
    task = task_of(simulator, metric)
    found = task.optimum
    assert found.value - polished(simulator, task.objective, 0.5) <= 0.001 * found.sd
    assert task.value(found.mixture) == pytest.approx(found.value, abs=1e-6 * found.sd)
    draws, _, metrics = fine_search(simulator, 0.5)
    assert found.sd == pytest.approx(task.objective(metrics[:draws]).std(), rel=0.02)


@pytest.mark.reference
@pytest.mark.parametrize("metric", THIRTEEN)
def test_regrets_of_random_search_are_those_computed_elsewhere(simulator, metric):
    """The median of the least of n uniform draws is a quantile of one draw's regret."""
    task = task_of(simulator, metric)
    draws, _, metrics = fine_search(simulator, 0.5)
    regret = (task.objective(metrics[:draws]) - task.optimum.value) / task.sd
    medians = [np.quantile(regret, 1 - 0.5 ** (1 / n)) for n in (4, 16)]
    np.testing.assert_allclose(medians, RANDOM_SEARCH[metric], atol=0.1)


@pytest.mark.reference
def test_stack_exchange_on_the_whole_simplex_is_the_papers(simulator):
    task = make_task(simulator, metric="stack_exchange", max_share=1.0)
    found = computed(task)
    assert found.value == pytest.approx(0.80635, abs=1e-5)
    assert found.sd == pytest.approx(0.0399, abs=2e-4)
    np.testing.assert_allclose(found.mixture, [0, 0.83, 0.17, 0, 0], atol=0.02)
    assert found.value - polished(simulator, task.objective, 1.0) <= 0.001 * found.sd


def stored(surface, cap):
    return STORED.get(truth.constants_key(surface, cap, (1e9, 19_500)))


def check_stored(surface, cap, entry, recomputed):
    """Every stored number of one region; optima searched anew for the objectives named."""
    task = make_task(surface, max_share=cap)
    moments = truth.compute_moments(surface, task.region, task.target)
    np.testing.assert_allclose(entry["mean"], moments.mean, rtol=1e-6)
    np.testing.assert_allclose(entry["sd"], moments.sd, rtol=1e-6)
    reference = at_target(surface, task.region.reference())
    _, _, fine = fine_search(surface, cap)
    for name, values in entry["objectives"].items():
        task = task_of(surface, name, cap)
        assert task.optimum.value == values["value"]
        assert task.regret(np.array(values["mixture"])) == pytest.approx(0, abs=1e-6 * task.sd)
        assert task.value(np.array(values["mixture"])) == pytest.approx(values["value"], rel=1e-6)
        assert values["sd"] == pytest.approx(task.objective(reference).std(), rel=1e-6)
        assert values["value"] - task.objective(fine).min() <= 0.001 * values["sd"]
    for name in recomputed:
        values, found = entry["objectives"][name], computed(task_of(surface, name, cap))
        assert values["value"] == pytest.approx(found.value, abs=0.001 * values["sd"])


def test_the_default_tasks_constants_are_stored_and_right():
    surface = load_surface("surrogate")
    entry = stored(surface, 0.5)
    assert entry is not None, "data/constants.json: expected the surrogate's constants, got none"
    assert set(THIRTEEN) <= set(entry["objectives"])
    check_stored(surface, 0.5, entry, ["mean_loss", "worst_loss"])


@pytest.mark.reference
@pytest.mark.parametrize("cap", [0.5, 1.0])
def test_the_simulators_stored_constants_are_right(simulator, cap):
    entry = stored(simulator, cap)
    if entry is not None:
        check_stored(simulator, cap, entry, [])
    assert all(len(key.split("|")) == 4 for key in STORED)


@pytest.mark.parametrize("stored_for", ["mean_loss", "worst_loss"])
def test_stored_constants_are_preferred_and_found_by_key(toy, monkeypatch, stored_for):
    """A planted entry answers for its own surface, cap, target and objective, and no other."""
    mixture = [0.1, 0.2, 0.3, 0.15, 0.25]
    planted = {
        "mean": [0.25] * 11,
        "sd": [2.0] * 11,
        "objectives": {stored_for: {"mixture": mixture, "value": -7.5, "sd": 0.125}},
    }
    key = f"{toy.fingerprint}|0.5|1e+09|19500"
    monkeypatch.setattr(truth, "_shipped", lambda: {key: planted})
    task = make_task(toy, max_share=0.5, metric=stored_for)
    assert (task.optimum.value, task.sd) == (-7.5, 0.125)
    assert task.optimum.mixture.tolist() == mixture
    assert task.moments.sd.tolist() == [2.0] * 11
    assert task.regret(np.full(5, 0.2)) == pytest.approx(task.value(np.full(5, 0.2)) + 7.5)
    assert make_task(toy, max_share=0.5, metric="c4").optimum.value != -7.5
    assert make_task(toy, max_share=0.6, metric=stored_for).moments.sd[0] != 2.0
    shorter = make_task(toy, max_share=0.5, metric=stored_for, target=("1B", 6_000))
    assert shorter.moments.sd[0] != 2.0


def test_moments_are_those_of_the_reference_mixtures(toy):
    task = make_task(toy, max_share=0.5, target=("300M", 6_000))
    w = np.random.default_rng(31).dirichlet(np.ones(5), 60_000)
    w = w[w.max(axis=1) <= 0.5]
    values = toy.metrics(w, np.full(len(w), 3e8), np.full(len(w), 6_000))
    np.testing.assert_allclose(task.moments.mean, values.mean(axis=0), rtol=0.005)
    np.testing.assert_allclose(task.moments.sd, values.std(axis=0), rtol=0.02)


def test_a_metric_that_never_varies_has_sd_one(recorded):
    from dataclasses import replace

    from mixenv.surfaces.rows import RowsSurface

    flat = recorded.values.copy()
    flat[:, 1] = 2.5
    task = make_task(RowsSurface(replace(recorded, values=flat)), metric="code")
    assert task.moments.sd[1] == 1.0
    assert task.sd == 1.0
    assert task.regret(np.array([0.3, 0.3, 0.4])) == 0.0
