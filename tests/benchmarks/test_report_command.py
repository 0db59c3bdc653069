"""`mixenv report`: what it writes of a store, and a user's mistakes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from benchmarks import command
from benchmarks.cell import cells
from benchmarks.manifest import manifest
from benchmarks.store import Store


@pytest.fixture
def folder(suite, record, tmp_path):
    """A store of two calls of one suite, one cell of which failed."""
    calls = [suite.choose(agents=["random"]), suite.choose(agents=["corners"], seeds=2)]
    with Store(tmp_path / "bench.sqlite") as store:
        for call in calls:
            number = store.begin(manifest(call, ["bench", "--agents", *call.agents]))
            for cell in cells(call):
                made = record([1.0, 1.0], [2.0, 1.0, 0.5], budget=2.0, seed=cell.seed)
                failed = cell.agent == "corners" and cell.seed == 1
                kept = None if failed else replace(made, agent=cell.agent)
                store.add(cell, number, kept, "ValueError: no shares" if failed else "")
    return tmp_path


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(["report", *map(str, arguments)])
    return ended.value.code


def test_all_calls_of_a_suite_are_in_the_report(folder, capsys):
    assert run("--results", folder) == 0
    said = capsys.readouterr().out
    names = ["small.html", "small.png", "small.svg"]
    assert said.splitlines() == [f"wrote {folder / name}" for name in names]
    text = (folder / "small.html").read_text()
    for part in ("mixenv bench --agents random", "mixenv bench --agents corners", "no shares"):
        assert part in text
    assert (folder / "small.png").read_bytes()[:4] == b"\x89PNG"


def test_it_goes_where_it_is_told(folder, tmp_path):
    assert run("--results", folder, "--suite", "small", "--out", tmp_path / "a" / "page.html") == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "page.html", "page.png", "page.svg",
    }  # fmt: skip


def mistake(capsys, *arguments):
    assert run(*arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def test_mistakes(capsys, folder, tmp_path):
    assert "results: expected a store at" in mistake(capsys, "--results", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    said = mistake(capsys, "--results", folder, "--suite", "main")
    assert "suite: expected one that was played there (small), got 'main'" in said
    with sqlite3.connect(folder / "bench.sqlite") as db:
        db.execute("UPDATE cells SET key = 'old ' || key")  # played by other code
    db.close()
    said = mistake(capsys, "--results", folder)
    assert "expected cells of suite small played by the code that is here, got none" in said


def test_a_file_that_cannot_be_written(capsys, folder):
    (folder / "taken").write_text("")
    said = mistake(capsys, "--results", folder, "--out", folder / "taken" / "page.html")
    assert "taken" in said
    assert (folder / "taken").read_text() == ""


def test_the_menu_knows_it(capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["report", "--help"])
    assert ended.value.code == 0
    assert "--out" in capsys.readouterr().out
