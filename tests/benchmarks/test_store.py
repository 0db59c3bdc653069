"""The store: what is written comes back, once; other files and versions are refused."""

import sqlite3
from dataclasses import replace

import pytest

from benchmarks.cell import Cell
from benchmarks.law import Law
from benchmarks.store import VERSION, Store
from benchmarks.suites import TaskSpec

CELLS = [Cell(TaskSpec("a", {}), "corners", seed, "f", "c") for seed in range(3)]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "deep" / "bench.sqlite") as store:
        yield store


def test_what_is_written_comes_back(store, record):
    number = store.begin({"seeds": 3})
    store.add(CELLS[0], number, record([1.0], [2.0, 0.1 + 0.2]))
    store.add(CELLS[1], number, None, "Traceback: no")
    with Store(store.path) as again:
        (found,) = again.records(CELLS)
        assert found.regrets.tolist() == [2.0, 0.1 + 0.2]
        assert found.target == (1e9, 19_500)
        assert again.failures(CELLS) == [(CELLS[1], "Traceback: no")]
        assert again.manifests(CELLS) == [{"seeds": 3}]


def test_finished_cells_are_not_missing(store, record):
    store.add(CELLS[0], store.begin({}), record([1.0], [2.0, 1.0]))
    store.add(CELLS[1], store.begin({}), None, "no")
    assert store.missing(CELLS) == [CELLS[2]]
    assert store.missing(CELLS, retry=True) == CELLS[1:]


def test_a_cell_is_there_once(store, record):
    store.add(CELLS[0], store.begin({}), None, "no")
    store.add(CELLS[0], store.begin({}), record([1.0], [2.0, 1.0]))
    assert len(store.records(CELLS)) == 1
    assert store.failures(CELLS) == []


def test_laws_are_kept(store):
    assert store.law("k") is None
    store.add_law("k", Law(10, {"0.5": 3}))
    assert store.law("k") == Law(10, {"0.5": 3})


def test_it_writes_ahead(store):
    with sqlite3.connect(store.path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_another_version(store):
    path = store.path
    store._db.execute(f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(ValueError, match=f"store: expected version {VERSION}, got {VERSION + 1}"):
        Store(path)


def test_somebody_elses_database(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(
        ValueError, match=rf"store: expected version {VERSION}, got 0 in .*; move it away"
    ):
        Store(path)


def test_no_database(tmp_path):
    path = tmp_path / "text.sqlite"
    path.write_text("results " * 200)
    with pytest.raises(ValueError, match=r"expected a file written by mixenv bench, got .*text"):
        Store(path)
    with pytest.raises(ValueError, match="expected a file written by mixenv bench, got"):
        Store(tmp_path)


def test_cells_that_differ_are_told_apart(store, record):
    store.add(CELLS[0], store.begin({}), record([1.0], [2.0, 1.0]))
    assert store.missing([replace(CELLS[0], code="edited")])
