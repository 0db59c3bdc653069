"""Forecasts: when `predict` is asked, of what, and that asking changes nothing else."""

from dataclasses import replace

import numpy as np
import pytest

import mixenv
from benchmarks.cell import Cell, cells, task_of
from benchmarks.forecast import COSTS, PROBES, Forecasts, probes
from benchmarks.play import play
from benchmarks.record import decode, encode, same
from benchmarks.sources import digest
from mixenv.problem import Outcome


@pytest.fixture
def task(toy):
    return mixenv.make_task(toy, metric="arxiv", max_share=0.5, budget=40.0)


def outcome(cost):
    return Outcome(metrics=np.zeros(1), cost=cost)


class Model:
    """Remembers what it was asked; says one thing of everything."""

    def __init__(self):
        self.asked = []

    def predict(self, mixture, scale, steps):
        self.asked.append((mixture.copy(), scale, steps))
        mixture[:] = 0  # an agent may spoil what it is given
        return np.full(len(mixture), 2.0), np.full(len(mixture), 0.5)


def test_it_asks_at_each_cost_once_and_at_the_end(task):
    model, uniform = Model(), np.full(5, 0.2)
    forecasts = Forecasts(task, model.predict)
    for cost in (0.5, 0.25, 0.25, 0.1, 4.0, 0.1, 35.0, 1.0):
        forecasts.after(outcome(cost), uniform)
    forecasts.end(uniform)
    assert forecasts.at == pytest.approx([1.0, 5.1, 40.2, 41.2])  # 5.1 is past 2 and 4
    assert len(COSTS) == 6
    found = forecasts.arrays()
    assert found["predicted_mean"].shape == found["predicted_truth"].shape == (4, PROBES + 1)
    assert (found["predicted_sd"] == 0.5).all()
    assert {asked[1:] for asked in model.asked} == {task.target}


def test_it_asks_once_where_the_end_is_a_cost(task):
    forecasts = Forecasts(task, Model().predict)
    forecasts.after(outcome(2.0), np.full(5, 0.2))
    forecasts.end(np.full(5, 0.2))
    assert forecasts.at == [2.0]


def test_truth_is_of_the_probes_and_the_recommendation(task):
    model, corner = Model(), np.array([0.5, 0.5, 0.0, 0.0, 0.0])
    forecasts = Forecasts(task, model.predict)
    forecasts.after(outcome(1.0), corner)
    (asked,) = [mixture for mixture, *_ in model.asked]
    np.testing.assert_array_equal(asked[:-1], probes(task))
    np.testing.assert_array_equal(asked[-1], corner)
    expected = [task.value(mixture) for mixture in asked]
    np.testing.assert_allclose(forecasts.arrays()["predicted_truth"][0], expected, rtol=1e-6)


def test_an_agent_without_a_model_is_not_asked(task):
    def nothing_told(*_):
        raise ValueError("predict: expected at least one outcome told, got none; tell one")

    for predict in (None, nothing_told):
        forecasts = Forecasts(task, predict)
        forecasts.after(outcome(1.0), np.full(5, 0.2))
        forecasts.end(np.full(5, 0.2))
        assert {name: a.shape for name, a in forecasts.arrays().items()} == {
            "predicted_at": (0,), "predicted_mean": (0, 65),
            "predicted_sd": (0, 65), "predicted_truth": (0, 65),
        }  # fmt: skip


def test_a_mistaken_predict_is_the_cells_failure(task):
    forecasts = Forecasts(task, lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forecasts.after(outcome(1.0), np.full(5, 0.2))


def test_asking_changes_nothing_else(suite, monkeypatch):
    short = replace(suite.tasks[0], options={**suite.tasks[0].options, "budget": 1.5})
    cell = replace(cells(suite)[0], task=short, agent="mfms-gp", code=digest("mfms-gp"))
    asked = play(cell)
    assert asked.predicted_at[0] >= 1
    np.testing.assert_array_equal(asked.predicted_truth[0, :-1], asked.predicted_truth[-1, :-1])
    assert (asked.predicted_sd > 0).all()
    assert same(asked, decode(encode(asked)))
    monkeypatch.setattr("benchmarks.forecast.COSTS", ())
    monkeypatch.setattr(Forecasts, "end", lambda *_: None)
    silent = play(cell)
    assert not len(silent.predicted_at)
    np.testing.assert_array_equal(asked.mixture, silent.mixture)
    np.testing.assert_array_equal(asked.value, silent.value)


def test_every_agent_and_seed_is_asked_of_the_same_mixtures(suite):
    task = task_of(suite.tasks[0])
    assert probes(task) is probes(task_of(suite.tasks[0]))
    assert probes(task).shape == (PROBES, len(task.surface.domains))
    assert isinstance(cells(suite)[0], Cell)
