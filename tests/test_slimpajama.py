"""The authors' file of 472 runs: pickles of several pandas versions, odd cells, what is known."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixenv import facts
from mixenv.metrics import SLIMPAJAMA
from mixenv.runs.frames import read_frame
from mixenv.runs.pickles import Record, UnsafePickleError
from mixenv.runs.slimpajama import load_slimpajama, read_slimpajama
from mixenv.runs.table import RunTable

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("data_mixing_runs_pandas_*.pkl"))
COLUMNS = list(facts.slimpajama().metric_columns.values())
SHARES = [0.1, 0.15, 0.2, 0.25, 0.3]


def history(steps, values=None, **columns):
    """A history whose metric j at row i is i + j / 100, unless `values` or `columns` say else."""
    rows = np.arange(len(steps))[:, None] + np.arange(11) / 100 if values is None else values
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return pd.DataFrame({"_step": steps}).join(frame).assign(**columns)


def write(path, histories, **columns):
    count = len(histories)
    table = pd.DataFrame({"group": ["20M"] * count, "token_probabilities": [SHARES] * count})
    cells = np.empty(count, dtype=object)
    cells[:] = histories
    table["history"] = cells
    table.assign(**columns).to_pickle(path)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data_mixing_runs.pkl"


def test_there_are_fixtures_of_old_and_new_pandas():
    versions = {path.stem.removeprefix("data_mixing_runs_pandas_") for path in FIXTURES}
    assert {"1_5", "2_0", "2_2", "3_1", "3_1_pyarrow"} <= versions


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_pickle_of_any_pandas_gives_the_same_table(fixture):
    table = read_slimpajama(fixture)
    assert table.scale.tolist() == [2e7, 6e7, 1e9, 1.5e8, 3e8, 5e8, 7e8]
    np.testing.assert_allclose(table.mixture, [SHARES] * 7)  # two runs list them reversed
    assert table.length.tolist() == [300, 300, 19_500, 0, 0, 0, 1234]
    assert table.run.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 6, 6, 6]
    steps = [100, 200, 300, 100, 200, 300, 100, 200, 19_500, 50, 150, 1234]
    assert table.steps.tolist() == steps
    expected = (table.run + 1)[:, None] + np.arange(11) / 10 + table.steps[:, None] / 1e6
    expected[7, 8] = np.nan
    np.testing.assert_allclose(table.values, expected)
    assert table.metrics == SLIMPAJAMA
    assert table.step_cost[2] == pytest.approx(8.25687276e15)
    assert table.provenance == "measured"


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_columns_of_other_types_stay_unread(fixture):
    frame = read_frame(fixture.read_bytes(), "here")
    assert frame.column("run_id").tolist() == [f"run{i}" for i in range(7)]
    assert frame.column("n_heads").tolist() == [8, 8, 16, 12, 16, 16, 16]
    assert frame.column("finished").tolist() == [True] * 6 + [False]
    assert isinstance(frame.columns["created"], Record)
    with pytest.raises(ValueError, match=r"'created' of numbers.*got a column of pandas\._libs"):
        frame.column("created")
    with pytest.raises(ValueError, match=r"expected a column 'absent' .* got no such column"):
        frame.column("absent")


@pytest.mark.parametrize("protocol", range(2, 6))
def test_any_protocol_of_the_installed_pandas(path, protocol):
    path.write_bytes(pickle.dumps(pd.read_pickle(write(path, [history([100, 200])])), protocol))
    assert read_slimpajama(path).values[:, 1].tolist() == [0.01, 1.01]


def test_nullable_and_categorical_columns(path):
    steps = pd.array([100, None, 300], dtype="Int64")
    loss = pd.array([1.5, 2.5, None], dtype="Float64")
    frame = history([100, 200, 300]).assign(_step=steps, **{COLUMNS[0]: loss})
    group = pd.Categorical(["1B", "20M"])
    text = pd.array(["x", None], dtype=pd.StringDtype("python"))
    found = read_slimpajama(write(path, [frame, frame], group=group, note=text))
    assert found.scale.tolist() == [1e9, 2e7]
    assert found.steps.tolist() == [100, 300, 100, 300]
    np.testing.assert_array_equal(found.values[:2, 0], [1.5, np.nan])


def test_of_rows_with_one_step_the_last_number_counts(path):
    values = np.full((4, 11), 5.0)
    values[:, 3], values[:, 4] = [1, 2, 3, 4], [1, 2, 3, np.nan]
    table = read_slimpajama(write(path, [history([200, 100, 200, 100], values)]))
    assert table.steps.tolist() == [100, 200]
    assert table.values[:, 3].tolist() == [4, 3]
    assert table.values[:, 4].tolist() == [2, 3]


def test_rows_without_a_step_or_a_number_are_left_out(path):
    values = np.ones((5, 11))
    values[3] = np.nan
    odd = history([0.0, 100.0, np.nan, 200.0, 250.0], values)
    odd[COLUMNS[2]] = ["NaN", "1.25", "2", "nan", "Infinity"]
    table = read_slimpajama(write(path, [odd]))
    assert table.steps.tolist() == [100, 250]
    np.testing.assert_array_equal(table.values[:, 2], [1.25, np.nan])


def test_a_metric_that_was_not_logged_is_missing(path):
    table = read_slimpajama(write(path, [history([100]).drop(columns=COLUMNS[5])]))
    assert np.flatnonzero(np.isnan(table.values[0])).tolist() == [5]


@pytest.mark.parametrize("empty", [None, float("nan"), pd.DataFrame(), history([])])
def test_an_empty_history_keeps_its_run(path, empty):
    table = read_slimpajama(write(path, [empty, history([100])]))
    assert table.length.tolist() == [0, 100]
    assert read_slimpajama(write(path, [empty])).values.shape == (0, 11)


@pytest.mark.parametrize(
    "names",
    [
        ["Book", "ArXiv", "Github", "StackExchange", "Wikipedia"],
        ("books", "arxiv", "GitHub", "stack_exchange", "wikipedia"),
        np.array([f"SlimPajama{n}" for n in ("Book", "ArXiv", "Github", "StackExchange")]
                 + ["wikipedia"]),
    ],
)  # fmt: skip
def test_categories_give_the_order_of_the_shares(path, names):
    table = read_slimpajama(write(path, [history([100])], categories=[names]))
    np.testing.assert_allclose(table.mixture, [SHARES[::-1]])


def test_without_categories_the_order_is_the_domains(path):
    table = read_slimpajama(write(path, [history([100])], categories=[None]))
    np.testing.assert_allclose(table.mixture, [SHARES])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"group": ["3B"]}, "expected a group among 20M, .*got '3B'"),
        ({"token_probabilities": [[0.5, 0.5]]}, "expected one share for each of wikipedia, .*got"),
        ({"categories": [list("abcde")]}, r"expected one share for each .* for a, b, c, d, e"),
        ({"token_probabilities": [[0.5] * 5]}, r"non-negative shares that sum to one, got \[0\.5"),
        ({"token_probabilities": [[-0.2, 0.3, 0.3, 0.3, 0.3]]}, "expected non-negative shares"),
        ({"token_probabilities": [[np.nan, 0.3, 0.3, 0.3, 0.1]]}, "expected non-negative shares"),
        ({"history": [[1, 2]]}, "expected a history that is a DataFrame, got list"),
        ({"history": [pd.DataFrame({"loss": [1.0]})]}, "expected a column '_step' .*columns: loss"),
    ],
)
def test_another_schema_is_refused(path, columns, message):
    with pytest.raises(ValueError, match=rf"data_mixing_runs\.pkl: .*{message}.*mixenv data fetch"):
        read_slimpajama(write(path, [history([100])], **columns))


def test_another_global_is_refused_until_admitted(path):
    write(path, [history([100])], extra=[Path("x")])
    with pytest.raises(UnsafePickleError, match=r"--allow pathlib\.PosixPath"):
        load_slimpajama(path)
    assert not path.with_suffix(".npz").exists()
    assert load_slimpajama(path, allow=("pathlib.PosixPath",)).length.tolist() == [100]


def test_the_pickle_is_read_once(path, monkeypatch):
    first = load_slimpajama(write(path, [history([100, 200])]))
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "data_mixing_runs.npz", "data_mixing_runs.pkl",
    ]  # fmt: skip
    monkeypatch.setattr("mixenv.runs.slimpajama.read_slimpajama", pytest.fail)
    second = load_slimpajama(path)
    np.testing.assert_array_equal(first.values, second.values)
    assert (first.metrics, first.domains) == (second.metrics, second.domains)


def test_a_newer_pickle_is_read_again(path):
    load_slimpajama(write(path, [history([100])]))
    os.utime(write(path, [history([300])]), (2e9, 2e9))
    assert load_slimpajama(path).length.tolist() == [300]


def test_a_folder_that_cannot_be_written_only_costs_time(path, monkeypatch):
    def refuse(*args):
        raise PermissionError("read-only")

    monkeypatch.setattr(RunTable, "save", refuse)
    assert load_slimpajama(write(path, [history([100])])).length.tolist() == [100]
