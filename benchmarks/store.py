"""The store: one SQLite file in WAL mode, one record a cell, written whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.cell import Cell
from benchmarks.law import Law
from benchmarks.record import Record, decode, encode

VERSION = 2  # of the tables below and of what a record holds; raise it with cell.SCHEMA
_TABLES = """
CREATE TABLE manifests (id INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE cells (
    key TEXT PRIMARY KEY, task TEXT NOT NULL, agent TEXT NOT NULL, seed INTEGER NOT NULL,
    task_key TEXT NOT NULL, code TEXT NOT NULL,
    manifest INTEGER NOT NULL REFERENCES manifests (id), record BLOB, failure TEXT NOT NULL
);
CREATE TABLE laws (key TEXT PRIMARY KEY, content TEXT NOT NULL);
"""
_ADD = "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Entry:
    """What a store says of one cell without reading its record; `failure` is "" where it has one.

    `task_key` and `code` are hashes, of the task and of the agent's source; `manifest` a number.
    """

    key: str
    task: str
    agent: str
    seed: int
    task_key: str
    code: str
    manifest: int
    failure: str

    @property
    def name(self) -> str:
        """The cell in words."""
        return f"task {self.task}, agent {self.agent}, seed {self.seed}"


class Store:
    """Records by cell key. A cell is there once, as a record or as a failure with its traceback.

    Raises ValueError for a file that is no store, or one of another version.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self._db = sqlite3.connect(path)
            with ExitStack() as undo:
                undo.callback(self._db.close)
                self._open()
                undo.pop_all()
        except sqlite3.DatabaseError as error:
            raise ValueError(
                f"store: expected a file written by mixenv bench, got {path} ({error}); "
                "move it away or name another with --results"
            ) from error

    def _open(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version != VERSION and (version or tables):
            raise ValueError(
                f"store: expected version {VERSION}, got {version} in {self.path}; move it away, "
                "name another with --results, or use the mixenv that wrote it"
            )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        if not version:
            self._db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version={VERSION};COMMIT;")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def begin(self, manifest: dict[str, Any]) -> int:
        """Note under which circumstances cells are about to be played; return their number."""
        with self._db:
            row = self._db.execute(
                "INSERT INTO manifests (content) VALUES (?)", (json.dumps(manifest),)
            )
        return int(row.lastrowid or 0)

    def add(self, cell: Cell, manifest: int, record: Record | None, failure: str = "") -> None:
        """Write the record of a cell, or its failure, in place of any earlier one."""
        blob = None if record is None else encode(record)
        row = (
            cell.key, cell.task.label, cell.agent, cell.seed, cell.task_key, cell.code,
            manifest, blob, failure,
        )  # fmt: skip
        with self._db:
            self._db.execute(_ADD, row)

    def missing(self, cells: Iterable[Cell], *, retry: bool = False) -> list[Cell]:
        """Those of the cells that are not there; with `retry`, failures count as missing."""
        there = {
            key
            for key, failure in self._db.execute("SELECT key, failure FROM cells")
            if not (retry and failure)
        }
        return [cell for cell in cells if cell.key not in there]

    def records(self, cells: Iterable[Cell]) -> list[Record]:
        """The records of those cells that have one, in the order of the cells."""
        rows = (self._row("record", cell) for cell in cells)
        return [decode(blob) for blob in rows if blob is not None]

    def failures(self, cells: Iterable[Cell]) -> list[tuple[Cell, str]]:
        """Those of the cells that failed, each with its traceback."""
        rows = ((cell, self._row("failure", cell)) for cell in cells)
        return [(cell, failure) for cell, failure in rows if failure]

    def manifests(self, cells: Iterable[Cell]) -> list[dict[str, Any]]:
        """The distinct circumstances under which the cells were played, oldest first."""
        numbers = {self._row("manifest", cell) for cell in cells} - {None}
        return [self.manifest(n) for n in sorted(numbers)]

    def history(self) -> list[dict[str, Any]]:
        """Every manifest, oldest first."""
        rows = self._db.execute("SELECT content FROM manifests ORDER BY id")
        return [json.loads(content) for (content,) in rows]

    def entries(self) -> list[Entry]:
        """Every cell there, by task, agent and seed."""
        columns = ", ".join(f.name for f in fields(Entry))
        query = f"SELECT {columns} FROM cells ORDER BY task, agent, code, seed, key"
        return [Entry(*row) for row in self._db.execute(query)]

    def blob(self, key: str) -> bytes | None:
        """The compact form of a cell's record; None where it failed or is not there."""
        row = self._db.execute("SELECT record FROM cells WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def manifest(self, number: int) -> dict[str, Any]:
        """The circumstances of that number."""
        query = "SELECT content FROM manifests WHERE id = ?"
        return json.loads(self._db.execute(query, (number,)).fetchone()[0])

    def laws(self) -> dict[str, Law]:
        """Every law by task key."""
        rows = self._db.execute("SELECT key, content FROM laws").fetchall()
        return {key: Law(**json.loads(content)) for key, content in rows}

    def copy(self, entries: Iterable[tuple[Entry, bytes | None]]) -> None:
        """Write cells as they are in another store, all or none."""
        rows = [
            (e.key, e.task, e.agent, e.seed, e.task_key, e.code, e.manifest, blob, e.failure)
            for e, blob in entries
        ]
        with self._db:
            self._db.executemany(_ADD, rows)

    def remove(self, entries: Iterable[Entry]) -> None:
        """Remove cells, all or none, and give their space back."""
        with self._db:
            self._db.executemany("DELETE FROM cells WHERE key = ?", [(e.key,) for e in entries])
        self._db.execute("VACUUM")

    def law(self, key: str) -> Law | None:
        """Random search's law for a task key, or None."""
        row = self._db.execute("SELECT content FROM laws WHERE key = ?", (key,)).fetchone()
        return None if row is None else Law(**json.loads(row[0]))

    def add_law(self, key: str, law: Law) -> None:
        """Keep a task's law."""
        content = json.dumps({"draws": law.draws, "hits": law.hits})
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO laws VALUES (?, ?)", (key, content))

    def _row(self, column: str, cell: Cell) -> Any:
        query = f"SELECT {column} FROM cells WHERE key = ?"
        row = self._db.execute(query, (cell.key,)).fetchone()
        return None if row is None else row[0]
