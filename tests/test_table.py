"""Run tables: what they refuse, and that they survive a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixenv.metrics import Metric
from mixenv.runs.table import RunTable


def test_lengths_and_scales(recorded):
    assert recorded.length.tolist() == [300, 200, 400, 400, 200, 0, 400]
    assert recorded.scales == (1e6, 1e9)


def test_arrays_are_copied_and_read_only(recorded):
    shares = recorded.mixture.copy()
    table = replace(recorded, mixture=shares)
    shares[0] = 0.0
    assert table.mixture[0].tolist() == [0.5, 0.3, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 7.0


def test_a_saved_table_is_read_as_it_was(recorded, tmp_path):
    metrics = (recorded.metrics[0], Metric("train", evaluated=False), recorded.metrics[2])
    values = recorded.values.copy()
    values[3, 1] = np.nan
    table = replace(
        recorded, metrics=metrics, values=values, cost_unit="minutes", notes=("a", "b c")
    )
    table.save(tmp_path / "table.npz")
    back = RunTable.load(tmp_path / "table.npz")
    assert back.metrics == metrics
    assert (back.cost_unit, back.notes) == ("minutes", ("a", "b c"))
    assert (back.name, back.domains, back.provenance) == ("made-up", table.domains, "synthetic")
    for field in ("mixture", "scale", "step_cost", "run", "steps", "values"):
        np.testing.assert_array_equal(getattr(back, field), getattr(table, field))


@pytest.mark.parametrize(
    ("field", "shape"),
    [("mixture", (7, 2)), ("scale", (7, 1)), ("step_cost", (6,)), ("run", (19, 1)),
     ("steps", (18,)), ("values", (19, 2))],
)  # fmt: skip
def test_wrong_shapes_are_refused(recorded, field, shape):
    with pytest.raises(ValueError, match=r"run table 'made-up': expected .* of shape .*, got"):
        replace(recorded, **{field: np.zeros(shape, dtype=np.int64)})


def test_an_unknown_provenance_is_refused(recorded):
    message = "expected provenance 'measured' or 'synthetic', got 'heard of'"
    with pytest.raises(ValueError, match=message):
        replace(recorded, provenance="heard of")


@pytest.mark.parametrize(
    "shares", [[0.5, 0.3, 0.1], [1.2, -0.2, 0.0], [np.nan, 0.5, 0.5], [0.5, 0.3, 0.3]]
)
def test_shares_off_the_simplex_are_refused(recorded, shares):
    mixture = recorded.mixture.copy()
    mixture[4] = shares
    with pytest.raises(ValueError, match=r"run 4 has shares \[.*\]; expected non-negative shares"):
        replace(recorded, mixture=mixture)


@pytest.mark.parametrize(
    ("field", "position", "value", "message"),
    [
        ("run", 18, 7, "expected rows of runs 0 to 6, got run 7"),
        ("run", 0, -1, "expected rows of runs 0 to 6, got run -1"),
        ("run", 0, 3, "expected rows ascending .*, got run 0 at step 200 in row 1; sort the rows"),
        ("steps", 1, 100, "expected rows ascending .*, got run 0 at step 100 in row 1"),
        ("steps", 0, 0, "expected rows ascending by run .* positive steps, got run 0 at step 0"),
    ],
)
def test_rows_out_of_order_are_refused(recorded, field, position, value, message):
    array = getattr(recorded, field).copy()
    array[position] = value
    with pytest.raises(ValueError, match=f"run table 'made-up': {message}"):
        replace(recorded, **{field: array})


@pytest.mark.parametrize("cost", [0.0, -1.0, np.nan, np.inf])
def test_a_step_costs_something(recorded, cost):
    costs = recorded.step_cost.copy()
    costs[3] = cost
    message = "run 3 has step_cost .*; expected a positive number of FLOPs a step"
    with pytest.raises(ValueError, match=message):
        replace(recorded, step_cost=costs)


@pytest.mark.parametrize("chosen", [[6, 1, 5], np.array([6, 1, 5])])
def test_some_runs_are_taken_in_the_order_given(recorded, chosen):
    some = recorded.take(chosen)
    assert some.length.tolist() == [400, 200, 0]
    assert some.scale.tolist() == [1e9, 1e6, 1e9]
    assert some.run.tolist() == [0] * 4 + [1] * 2
    np.testing.assert_array_equal(some.values[:4], recorded.values[recorded.run == 6])
    np.testing.assert_array_equal(some.mixture, recorded.mixture[[6, 1, 5]])


def test_runs_are_taken_by_mask_and_by_slice(recorded):
    small = recorded.take(recorded.scale == 1e6)
    assert small.length.tolist() == recorded.take(slice(0, 2)).length.tolist() == [300, 200]
