"""Cells of a column in, numbers out; what is not one is refused with its row and column."""

from __future__ import annotations

import re

import numpy as np

from mixenv.runs.frame_file import Columns
from mixenv.runs.problems import Findings
from mixenv.scale import parse_scale

_LABEL = re.compile(r"([0-9]*\.?[0-9]+\s*[KMBT])(?![a-z0-9])", re.IGNORECASE)
_MISSING = ("", "nan", "na", "null", "none")
_SMALLEST, _LARGEST = 1e4, 1e15  # parameters


def numbers(columns: Columns, name: str, findings: Findings, missing: bool = False) -> np.ndarray:
    """The finite numbers [rows] of a column; an empty cell is NaN, refused unless `missing`."""
    cells = columns[name]
    values = np.array([_number(cell) for cell in cells])
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        if not (missing and cells[row].lower() in _MISSING):
            got = repr(cells[row]) if cells[row] else "an empty cell"
            findings.refuse(f"expected a finite number, got {got}", name, row + 1)
    return np.where(np.isfinite(values), values, np.nan)


def scales(columns: Columns, name: str, unit: float, findings: Findings) -> np.ndarray:
    """Parameters [rows] of a column of numbers (in `unit` parameters) or labels ("70M").

    A name that holds a label ("Qwen2.5-0.5B") counts as its last one. NaN where one is refused.
    """
    found = {cell: _scale(cell, unit) for cell in set(columns[name])}
    wrong = {cell: _wrong_scale(cell, size) for cell, size in found.items()}
    for row, cell in enumerate(columns[name]):
        if message := wrong[cell]:
            findings.refuse(message, name, row + 1)
    return np.array([np.nan if wrong[cell] else found[cell] for cell in columns[name]])


def _wrong_scale(cell: str, scale: float) -> str | None:
    got = repr(cell) if cell else "an empty cell"
    if not np.isfinite(scale):
        return f'expected parameters or a label such as "70M", got {got}'
    if 0 < scale < _SMALLEST:
        return (
            f"expected at least {_SMALLEST:g} parameters, got {got}; if sizes are in millions, "
            "pass scale_unit=1e6"
        )
    if not 0 < scale <= _LARGEST:
        return f"expected a positive number of parameters, at most {_LARGEST:g}, got {got}"
    return None


def _scale(cell: str, unit: float) -> float:
    number = _number(cell)
    if np.isfinite(number):
        return number * unit
    labels = _LABEL.findall(cell)
    return parse_scale(labels[-1]) if labels else np.nan


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
