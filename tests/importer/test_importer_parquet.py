"""Tables of runs in parquet: as in CSV, with pyarrow or told to install it."""

from __future__ import annotations

import sys
import types

import numpy as np
import pandas as pd
import pytest

from mixenv import RunTable, TableError


def test_parquet_without_pyarrow_names_the_extra(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"expected pyarrow.*pip install 'mixenv\[parquet"
    ):
        read("x", suffix=".parquet")


def fake_pyarrow(monkeypatch, answer):
    parquet = types.ModuleType("pyarrow.parquet")
    parquet.read_table = answer  # pyright: ignore[reportAttributeAccessIssue]
    package = types.ModuleType("pyarrow")
    package.parquet = parquet  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "pyarrow", package)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)


def test_parquet_reads_as_the_csv_does(lab, read, monkeypatch):
    expected = read(lab.PLAIN)
    frame = pd.DataFrame(
        {"weight_web": [0.25, 0.25, 0.5], "weight_code": [0.75, 0.75, 0.5],
         "model_size": [1e6, 1e6, 1e9], "n_tokens": [10**9, 2 * 10**9, 2 * 10**9],
         "web_loss": [3.5, 3.25, 2.5], "metric_quiz": [0.25, 0.5, None]}
    )  # fmt: skip
    answer = types.SimpleNamespace(to_pandas=lambda: frame)
    fake_pyarrow(monkeypatch, lambda file: answer)
    table = read("x", suffix=".parquet")
    np.testing.assert_array_equal(table.values, expected.values)
    np.testing.assert_array_equal(table.mixture, expected.mixture)
    assert table.steps.tolist() == expected.steps.tolist()


def test_a_file_that_is_no_parquet(read, monkeypatch):
    def fail(file):
        raise ValueError("magic bytes")

    fake_pyarrow(monkeypatch, fail)
    with pytest.raises(TableError, match="expected a parquet file, got magic bytes"):
        read("x", suffix=".pq")


def test_parquet_with_pyarrow_itself(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"weight_a": [0.5], "weight_b": [0.5], "scale": ["70M"], "x_loss": [2.0]})
    frame.to_parquet(tmp_path / "runs.parquet")
    assert RunTable.read(tmp_path / "runs.parquet").scale.tolist() == [7e7]
