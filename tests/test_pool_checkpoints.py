"""Runs of a pool whose scales logged different checkpoints: what is trained, paid and shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixenv import dynamics, make_task
from mixenv.checkpoints import snap
from mixenv.surfaces.rows import RowsSurface


@pytest.fixture(scope="module")
def task(recorded):
    """At 1M the checkpoints are 100, 200, 300; at 1B they are ten times those of the table."""
    steps = np.where(recorded.scale[recorded.run] == 1e9, 10 * recorded.steps, recorded.steps)
    table = replace(recorded, steps=steps)
    return make_task(table, metric="web", budget=100.0)


def buy(task, state, scale, steps):
    grid = dynamics.curve_grid(task.steps, "all")
    return dynamics.advance(
        task, state, np.array([0.1, 0.8, 0.1]), scale, task.steps.index(steps), grid
    )


def test_the_grid_holds_every_scales_checkpoints(task):
    assert task.steps == (100, 200, 300, 1000, 2000, 3000, 4000)
    assert task.target == (1e9, 4000)


def test_snapping():
    known = np.array([100, 300])
    assert snap(known, np.array([50, 100, 299, 300, 999])).tolist() == [100, 100, 100, 300, 300]


@pytest.mark.parametrize(("asked", "trained"), [
    (100, 1000), (300, 1000), (1000, 1000), (2000, 2000), (4000, 4000),
])  # fmt: skip
def test_a_run_trains_to_its_own_checkpoint(task, asked, trained):
    _, done = buy(task, dynamics.State((1, 2)), 1, asked)
    assert done is not None
    assert done.end == trained
    assert done.cost == pytest.approx(trained / 4000)
    assert not done.cut_short
    assert done.checkpoints.tolist() == list(range(1000, trained + 1, 1000))


def test_what_an_agent_is_told_it_costs_is_what_it_costs(task):
    for scale in range(2):
        for i, asked in enumerate(task.steps):
            _, done = buy(task, dynamics.State((1, 2)), scale, asked)
            if done is not None and done.row != 1:  # run 1 ends early
                assert done.cost <= task.problem.cost[scale, i] + 1e-12
    np.testing.assert_allclose(
        task.problem.cost[1] * 4000, [1000, 1000, 1000, 1000, 2000, 3000, 4000]
    )


def test_a_cut_run_ends_at_its_own_checkpoint(recorded, task):
    small = make_task(task.surface, metric="web", budget=0.6)
    _, done = buy(small, dynamics.State((1, 2)), 1, 4000)
    assert done is not None
    assert (done.end, done.cut_short) == (2000, True)


def test_costs_of_a_scale_are_the_median_of_its_runs(recorded):
    cost = np.array([1.0, 3.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    surface = RowsSurface(replace(recorded, step_cost=cost, cost_unit="minutes"))
    assert surface.step_cost(1e6) == 2.0
    assert surface.step_cost(1e9) == 25.0  # run 5 is empty
    assert surface.cost_unit == "minutes"
    task = make_task(surface, metric="web")
    assert task.cost("1M", 100) == pytest.approx(2.0 * 100 / (25.0 * 400))
    with pytest.raises(ValueError, match=r"cost_flops: expected .* in FLOPs, got one in minutes"):
        task.cost_flops("1M", 100)


def test_costs_must_be_positive(recorded):
    with pytest.raises(ValueError, match=r"run 2 has step_cost 0.0; expected a positive number of"):
        replace(recorded, step_cost=np.array([1.0, 1, 0, 1, 1, 1, 1]))


def test_a_target_may_be_a_scale_alone(recorded, toy):
    assert make_task(recorded, metric="web", target="1M").target == (1e6, 300)
    assert make_task(toy, target=3e8).target == (3e8, 19_500)
    with pytest.raises(ValueError, match="target: expected a scale among 1M, 1B, got 2B"):
        make_task(recorded, metric="web", target="2B")
