"""What a table's cells are sorted by: words by alphabet, numbers by size."""

from __future__ import annotations

import re

from benchmarks.table import Table

_NUMBER = re.compile(r"[-−+]?(\d[\d,]*\.?\d*|\.\d+)(e[-+]?\d+)?")
_BOUND = re.compile(r"\s*([≥>≤<~]\s*)?")


def numeric_columns(table: Table) -> list[bool]:
    """By column: whether it holds numbers (bounds and intervals too), and what is missing."""
    columns = zip(*table.rows, strict=True)
    return [
        i >= table.words and any(map(sort_value, column)) and all(map(_is_number, column))
        for i, column in enumerate(columns)
    ]


def sort_value(cell: str) -> str:
    """The number that a cell begins with, as a text of digits; "" where it begins with none.

    A lower bound ("≥ 60") comes right after its bound, an upper one ("<0.001") right before.
    """
    bound = _BOUND.match(cell)
    found = _NUMBER.match(cell, bound.end() if bound else 0)
    if not found:
        return ""
    value = float(found[0].replace(",", "").replace("−", "-"))
    sign = {"≥": 1, ">": 1, "≤": -1, "<": -1}.get(cell.strip()[0], 0)
    value += sign * (abs(value) * 1e-9 + 1e-12)
    return repr(int(value) if value.is_integer() else value)


def _is_number(cell: str) -> bool:
    return sort_value(cell) != "" or cell.strip() in ("", "-", "nan")
