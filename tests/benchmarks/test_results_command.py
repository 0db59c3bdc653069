"""`mixenv results`: listing, tables for other tools, merges that refuse to guess, removals."""

import io
import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import command
from benchmarks.cell import Cell
from benchmarks.law import Law
from benchmarks.merge import merge
from benchmarks.store import Store
from benchmarks.suite import TaskSpec

CELLS = [
    Cell(TaskSpec(task, {}), agent, seed, "f", "c")
    for task in ("arxiv", "book")
    for agent in ("corners", "random")
    for seed in range(2)
]
MADE = {"suite": "small", "command": "mixenv bench", "commit": "abc", "versions": {"mixenv": "1"}}


def of(record, cell, regret=0.5):
    return record([1.0, 2.0], [2.0, 1.0, regret], task=cell.task.label, agent=cell.agent,
                  seed=cell.seed)  # fmt: skip


@pytest.fixture
def folder(tmp_path, record):
    """A store of seven records and a failure."""
    with Store(tmp_path / "bench.sqlite") as store:
        number = store.begin(MADE)
        for cell in CELLS[:-1]:
            store.add(cell, number, of(record, cell))
        store.add(CELLS[-1], number, None, "Traceback: no")
        store.add_law("k", Law(10, {"0.5": 3}))
    return tmp_path


def ended(*arguments):
    with pytest.raises(SystemExit) as stop:
        command.main(["results", *map(str, arguments)])
    return stop.value.code


def mistake(capsys, *arguments):
    assert ended(*arguments) == 2
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    return line


def test_what_is_there(folder, capsys):
    assert ended("list", "--results", folder) == 0
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines() if line.strip().startswith("small")]
    assert ["small", "book", "random", "c", "2", "1", "1"] in rows
    assert len(rows) == 4
    assert "8 cells in" in said
    assert "manifest 1:" in said
    assert "abc mixenv bench" in said
    assert ended("list", "--results", folder / "bench.sqlite", "--task", "book") == 0
    assert "arxiv" not in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_one_row_a_step(folder, capsys, suffix):
    file = folder / "out" / f"steps.{suffix}"
    assert ended("export", file, "--results", folder) == 0
    assert "wrote 14 rows" in capsys.readouterr().out
    readers = {"csv": pd.read_csv, "parquet": pd.read_parquet}
    readers["jsonl"] = lambda path: pd.read_json(path, lines=True)
    table = readers[suffix](file)
    row = table[(table.task == "book") & (table.agent == "corners") & (table.seed == 1)].iloc[1]
    assert (row["step"], row["scale"], row["steps"]) == (2, 1e9, 19_500)
    assert (row["cost"], row["spent"], row["regret"]) == (2.0, 3.0, 0.5)
    assert (row["value"], row["metric_arxiv"], row["metric_book"]) == (2.0, 2.0, 3.0)
    assert row["share_web"] + row["share_code"] == pytest.approx(1.0)
    assert row["recommended_web"] == pytest.approx(row["share_web"])
    assert (row["provenance"], row["surface"], row["fingerprint"]) == ("synthetic", "toy", "f")
    assert (row["commit"], row["suite"], row["code"]) == ("abc", "small", "c")
    assert row["key"] == CELLS[5].key


def test_one_row_a_cell(folder, capsys):
    file = folder / "cells.csv"
    assert ended("export", file, "--rows", "cells", "--agent", "random", "--results", folder) == 0
    assert "wrote 4 rows" in capsys.readouterr().out
    table = pd.read_csv(file)
    assert table.failure.fillna("").tolist() == ["", "", "", "Traceback: no"]
    assert table.regret.tolist()[:3] == [0.5] * 3
    assert table.spent.tolist()[:3] == [3.0] * 3
    assert np.isnan(table.regret[3])
    assert set(table.agent) == {"random"}


def test_an_empty_export(folder, capsys):
    ended("rm", "--task", "arxiv", "--task", "book", "--yes", "--results", folder)
    assert ended("export", folder / "none.jsonl", "--results", folder) == 0
    assert "wrote 0 rows" in capsys.readouterr().out


def test_removals_say_how_many_and_ask(folder, capsys, monkeypatch):
    for answer in ("", "n\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        assert ended("rm", "--agent", "random", "--results", folder) == 2
        said = capsys.readouterr()
        assert "Remove 4 cells?" in said.out
        assert said.err.endswith("4 cells kept; remove them with --yes\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert ended("rm", "--failed", "--results", folder) == 0
    assert capsys.readouterr().out.endswith(" removed 1 cells\n")
    ended("rm", "--task", "book", "--agent", "corners", "--yes", "--results", folder)
    with Store(folder / "bench.sqlite") as store:
        left = [(e.task, e.agent) for e in store.entries()]
    assert left == [("arxiv", "corners")] * 2 + [("arxiv", "random")] * 2 + [("book", "random")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "--results", "/none"], "store: expected a file written by mixenv bench, got non"),
        (["rm"], "rm: expected --task, --agent or --failed, got none of them"),
        (["list", "--task", "x"], "task: expected one of arxiv, book, got 'x'"),
        (["rm", "--agent", "x"], "agent: expected one of corners, random, got 'x'"),
        (["export", "a.xlsx"], "export: expected a file .csv, .jsonl, .parquet, got a.xlsx"),
        (["export", "a.csv", "--rows", "x"], "rows: expected one of steps, cells, got 'x'"),
        (["merge", "/none"], "store: expected a file written by mixenv bench, got none at /none"),
    ],
)
def test_mistakes(folder, capsys, monkeypatch, arguments, says):
    if "--results" not in arguments:
        arguments = [*arguments, "--results", str(folder)]
    assert says in mistake(capsys, *arguments)


def test_stores_made_apart_in_one(folder, record, capsys):
    extra = replace(CELLS[0], seed=9)
    other = folder / "other"
    with Store(other / "bench.sqlite") as store:
        number = store.begin({"suite": "theirs"})
        store.add(extra, number, of(record, extra))
        store.add(CELLS[0], number, replace(of(record, CELLS[0]), start_seconds=7.0))
        store.add(CELLS[1], number, None, "failed here")  # which is a record there
        store.add(CELLS[-1], number, of(record, CELLS[-1]))  # which failed there
        store.add_law("k", Law(10, {"0.5": 3}))
        store.add_law("l", Law(5, {"0.5": 1}))
    for told in ("1 cells added, 1 in place of failures, 2", "0 cells added, 0 in place of fail"):
        assert ended("merge", other, "--results", folder) == 0
        assert told in capsys.readouterr().out
    with Store(folder / "bench.sqlite") as store:
        assert len(store.entries()) == 9
        assert store.failures([*CELLS, extra]) == []
        assert store.records([CELLS[0]])[0].start_seconds == 0.1
        assert store.law("l") == Law(5, {"0.5": 1})
        assert {"suite": "theirs"} in store.manifests([extra])
        assert store.manifests([CELLS[0]]) == [MADE]


def test_merging_into_a_new_store(folder, capsys):
    assert ended("merge", folder, "--results", folder / "new") == 0
    assert "8 cells added" in capsys.readouterr().out
    with Store(folder / "new" / "bench.sqlite") as store:
        assert len(store.entries()) == 8


def test_different_numbers_are_refused_by_name(folder, record, capsys):
    other = folder / "other"
    with Store(other / "bench.sqlite") as store:
        number = store.begin({})
        store.add(replace(CELLS[0], seed=9), number, of(record, CELLS[0]))
        store.add(CELLS[2], number, of(record, CELLS[2], regret=0.25))
    line = mistake(capsys, "merge", other, "--results", folder)
    assert "merge: expected equal records of task arxiv, agent random, seed 0, got diff" in line
    with Store(folder / "bench.sqlite") as store:
        assert len(store.entries()) == 8  # nothing was copied


def test_different_laws_are_refused(tmp_path):
    with Store(tmp_path / "a.sqlite") as one, Store(tmp_path / "b.sqlite") as two:
        one.add_law("key", Law(10, {"0.5": 3}))
        two.add_law("key", Law(10, {"0.5": 4}))
        with pytest.raises(ValueError, match="merge: expected equal laws of task key, got differ"):
            merge(one, two)


def test_a_table_of_steps_is_json_a_line(folder):
    ended("export", folder / "steps.jsonl", "--results", folder)
    lines = (folder / "steps.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines[:2]] == [1, 2]
