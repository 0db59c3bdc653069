"""What is wrong with a table, cell by cell, and what reading it changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_SHOWN = 5  # problems that a message spells out


class Problem(NamedTuple):
    """One thing wrong: `row` counts data rows from 1, 0 is the header; None where none is meant."""

    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        row = {None: "", 0: "header"}.get(self.row, f"row {self.row}")
        column = "" if self.column is None else f"column {self.column!r}"
        where = ", ".join(part for part in (row, column) if part)
        return f"{where}: {self.message}" if where else self.message


class TableError(ValueError):
    """A table of runs that is refused; `problems` lists everything found, the message the first."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source, self.problems = source, tuple(problems)
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        if more := len(self.problems) - len(lines):
            lines.append(f"and {more} more")
        super().__init__("\n  ".join([f"{source}: a table of runs that cannot be read", *lines]))

    def __reduce__(self) -> tuple[type[TableError], tuple[str, tuple[Problem, ...]]]:
        return TableError, (self.source, self.problems)


@dataclass
class Findings:
    """Problems and notes gathered while a file called `source` is read."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, message: str, column: str | None = None, row: int | None = None) -> None:
        """Remember a problem."""
        self.problems.append(Problem(row, column, message))

    def refuse_rows(self, rows: Iterable[int], column: str | None, message: str) -> None:
        """Remember the same problem of several rows, by position from 0."""
        self.problems += [Problem(int(row) + 1, column, message) for row in rows]

    def check(self) -> None:
        """Raise TableError if there is any problem so far."""
        if self.problems:
            raise TableError(self.source, self.problems)


def require(path: object, name: str, what: str, expected: object, got: object) -> None:
    """Raise TableError where a public source's file holds another `what` than `expected`."""
    if got != expected:
        message = (
            f"expected {what} {expected}, got {got}; fetch it again with `mixenv data fetch {name}`"
        )
        raise TableError(str(path), [Problem(0, None, message)])
