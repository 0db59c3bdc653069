"""Surfaces of recorded runs: the nearest row answers, and runs end where they ended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixenv.dynamics import State, advance, curve_grid
from mixenv.make_task import make_task
from mixenv.surfaces import RecordedSurface, load_surface
from mixenv.surfaces.rows import RowsSurface


@pytest.fixture(scope="module")
def rows(recorded):
    return RowsSurface(recorded)


def value(run, steps):
    """The made-up table's first metric."""
    return 3.0 - 0.07 * run - steps / 1000


def test_it_is_a_recorded_surface(rows, toy):
    assert isinstance(rows, RecordedSurface)
    assert not isinstance(toy, RecordedSurface)
    assert rows.name == "rows:made-up"
    assert rows.provenance == "synthetic"
    assert rows.support.startswith("6 recorded runs")
    assert rows.metric_names == ("web", "code", "quiz")
    assert rows.domains == ("web", "code", "books")


def test_grid_and_costs(rows):
    assert rows.scales == (1e6, 1e9)
    assert rows.steps == (100, 200, 300, 400)
    assert rows.step_cost(1e6) == 2e12
    assert rows.longest(1e6) == 300
    assert rows.longest(1e9) == 400
    assert [rows.length(r) for r in (0, 1, 2, 4)] == [300, 200, 400, 200]


@pytest.mark.parametrize(
    ("mixture", "scale", "run", "distance"),
    [
        ([0.5, 0.3, 0.2], 1e9, 2, 0.0),
        ([0.5, 0.3, 0.2], 1e6, 0, 0.0),
        ([0.3, 0.25, 0.45], 1e9, 4, 0.05),
        ([0.1, 0.8, 0.1], 1e9, 3, 0.0),  # of the same shares the first
        ([0.95, 0.0, 0.05], 1e9, 2, 0.45),  # the empty run 5 is nearer but says nothing
        ([0.0, 0.0, 1.0], 1e6, 1, 0.4),
    ],
)
def test_the_nearest_run_by_total_variation_answers(rows, mixture, scale, run, distance):
    found, apart = rows.locate(np.array(mixture), scale)
    assert (found, apart) == (run, pytest.approx(distance, abs=1e-12))
    assert rows.mixture(run).tolist() == rows.table.mixture[run].tolist()


def test_the_nearest_is_the_nearest_of_all_by_brute_force(rows):
    table = rows.table
    for w in np.random.default_rng(3).dirichlet(np.ones(3), 100):
        apart = [0.5 * sum(abs(a - b) for a, b in zip(w, table.mixture[r], strict=True))
                 for r in (2, 3, 4)]  # fmt: skip
        found, distance = rows.locate(w, 1e9)
        assert distance == pytest.approx(min(apart), abs=1e-12)
        assert found == (2, 3, 4)[int(np.argmin(apart))]


def test_recorded_values_are_those_at_or_before_the_steps(rows):
    found = rows.recorded(3, np.array([100, 250, 400, 900]))
    expected = [value(3, 100), value(3, 200), value(3, 400), value(3, 400)]
    np.testing.assert_allclose(found[:, 0], expected)
    np.testing.assert_allclose(found[:, 1], found[:, 0] + 0.01)


def test_metrics_ask_runs_that_reach_the_steps(rows):
    """(0.25, 0.25, 0.5) is run 4 until 200 steps; later the nearest longer run answers."""
    mixture = np.array([[0.25, 0.25, 0.5]] * 3 + [[0.2, 0.2, 0.6]] * 2)
    scale = np.array([1e9, 1e9, 1e9, 1e6, 1e6])
    steps = np.array([100, 200, 300, 200, 300])
    found = rows.metrics(mixture, scale, steps)[:, 0]
    expected = [value(4, 100), value(4, 200), value(2, 300), value(1, 200), value(0, 300)]
    np.testing.assert_allclose(found, expected)


def test_where_no_run_reaches_the_steps_all_answer_with_their_end(rows):
    found = rows.metrics(np.array([[0.2, 0.2, 0.6]]), np.array([1e6]), np.array([400]))
    assert found[0, 0] == pytest.approx(value(1, 200))


def test_curves_are_metrics_pointwise(rows):
    mixture = np.random.default_rng(4).dirichlet(np.ones(3), 5)
    scale = np.array([1e6, 1e9, 1e9, 1e6, 1e9])
    steps = np.array([[100, 300, 400]] * 5)
    curve = rows.curve(mixture, scale, steps)
    assert curve.shape == (5, 3, 3)
    for j in range(3):
        np.testing.assert_array_equal(curve[:, j], rows.metrics(mixture, scale, steps[:, j]))


def test_many_queries_are_answered_as_one_by_one(rows):
    mixture = np.random.default_rng(5).dirichlet(np.ones(3), 600)  # more than one chunk
    n = len(mixture)
    together = rows.metrics(mixture, np.full(n, 1e9), np.full(n, 400))
    for i in (0, 255, 256, 257, 599):
        one = rows.metrics(mixture[i : i + 1], np.array([1e9]), np.array([400]))
        np.testing.assert_array_equal(together[i], one[0])


def test_pools_list_runs_that_reach_the_steps(rows):
    assert rows.runs(1e9).tolist() == [2, 3, 4, 6]
    assert rows.runs(1e9, 300).tolist() == [2, 3, 6]
    assert rows.runs(1e9, 500).tolist() == [2, 3, 4, 6]  # none does: all
    np.testing.assert_array_equal(rows.pool(1e9, 300), rows.table.mixture[[2, 3, 6]])


def test_checkpoints_that_lack_a_metric_are_left_out(recorded):
    values = recorded.values.copy()
    values[recorded.run == 0, 2] = np.nan
    values[(recorded.run == 2) & (recorded.steps == 400), 0] = np.nan
    surface = RowsSurface(replace(recorded, values=values))
    assert surface.runs(1e6).tolist() == [1]
    assert surface.length(2) == 300
    assert surface.recorded(2, np.array([400]))[0, 0] == pytest.approx(value(2, 300))


def test_a_table_without_a_complete_checkpoint_is_refused(recorded):
    nothing = replace(recorded, values=np.full_like(recorded.values, np.nan))
    message = "run table 'made-up': expected checkpoints with every metric, got none"
    with pytest.raises(ValueError, match=message):
        RowsSurface(nothing)


def test_the_fingerprint_follows_the_numbers(recorded, rows):
    values = recorded.values.copy()
    values[3, 1] += 1e-9
    assert RowsSurface(replace(recorded, values=values)).fingerprint != rows.fingerprint
    assert RowsSurface(replace(recorded, name="other")).fingerprint == rows.fingerprint


def test_the_replica_is_synthetic_rows_in_the_shape_of_the_472():
    surface = load_surface("rows:replica")
    assert surface.provenance == "synthetic"
    assert len(surface.table.scale) == 472
    assert int((surface.table.length == 0).sum()) == 18
    assert load_surface("rows:replica") is surface


@pytest.fixture(scope="module")
def sparse(recorded):
    """Runs at 1B log at 200 and 400 steps only; those at 1M at every hundred."""
    kept = (recorded.run < 2) | (recorded.steps % 200 == 0)
    fields = {name: getattr(recorded, name)[kept] for name in ("run", "steps", "values")}
    return RowsSurface(replace(recorded, **fields))


def test_the_grid_holds_every_checkpoint_of_every_scale(sparse):
    assert sparse.steps == (100, 200, 300, 400)
    assert sparse.checkpoints(2).tolist() == [200, 400]
    assert sparse.trained(1e9, np.array([100, 200, 300, 400])).tolist() == [200, 200, 200, 400]
    assert sparse.trained(1e6, np.array([100, 200, 300, 400])).tolist() == [100, 200, 300, 300]


def test_a_run_trains_to_a_checkpoint_of_its_own_and_pays_for_it(sparse):
    """Nothing is known before the first checkpoint: asking for less trains, and pays, to it."""
    task = make_task(sparse, metric="web")
    grid, asked = curve_grid(task.steps, "all"), np.array([0.5, 0.3, 0.2])
    for steps, end in ((0, 200), (1, 200), (2, 200), (3, 400)):
        _, done = advance(task, State((1, 2)), asked, 1, steps, grid)
        assert (done.end, done.cut_short) == (end, False)
        assert done.cost == pytest.approx(end / 400)
        assert done.checkpoints.tolist() == [200, 400][: end // 200]
        assert done.values[-1, 0] == pytest.approx(value(2, end))
        assert task.problem.cost[1, steps] == pytest.approx(end / 400)


def test_a_budget_cuts_at_a_runs_own_checkpoint(sparse):
    task = make_task(sparse, metric="web", budget=0.8)
    grid = curve_grid(task.steps, "all")
    _, done = advance(task, State((1, 2)), np.array([0.5, 0.3, 0.2]), 1, 3, grid)
    assert (done.end, done.cut_short, done.cost) == (200, True, pytest.approx(0.5))


def test_the_cost_of_a_scales_step_is_the_median_of_its_runs(recorded):
    costs = recorded.step_cost.copy()
    costs[[2, 3, 4, 6]] = [1e15, 3e15, 9e15, 4e15]
    surface = RowsSurface(replace(recorded, step_cost=costs, cost_unit="minutes"))
    assert surface.step_cost(1e9) == 3.5e15
    assert surface.cost_unit == "minutes"
