"""Rows of a file in, runs out: what is a checkpoint of a run, what a repeat, what a duplicate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from mixenv.runs.problems import Findings

_MICRO = 1e6  # shares are told apart to one millionth


class Runs(NamedTuple):
    """`rows` [m] of the file in the table's order, the run [m] of each, `first` row [n] a run."""

    rows: np.ndarray
    run: np.ndarray
    first: np.ndarray


def group_runs(
    mixture: np.ndarray,
    scale: np.ndarray,
    steps: np.ndarray,
    values: np.ndarray,
    name: tuple[str, list[str]] | None,
    findings: Findings,
    drop: bool = False,
) -> Runs:
    """Group rows [m] to runs, in the order in which they begin.

    Rows of one mixture (to a millionth) and scale are checkpoints of one run; where the same steps
    occur again with other values, those are of a repeat: a run of its own. A row that says the same
    again is a duplicate, refused, or left out with a note where `drop`. With a `name` (a column and
    its cells [m]) a run is what bears one name, and steps that occur again in it are refused.
    """
    key = np.column_stack([np.rint(mixture * _MICRO), scale])
    group = _number_of(key)
    if name is not None:
        same = _number_of(np.array(name[1], dtype=object)[:, None])
        _check_named(same, group, name[0], findings)
        group = same
    said = pd.DataFrame(np.column_stack([group, steps, values]))
    again = np.asarray(said.duplicated())
    if drop and again.any():
        findings.notes.append(f"duplicate rows left out: {int(again.sum())}")
    elif again.any():
        _refuse_duplicates(again, findings)
    kept = np.flatnonzero(~again)
    runs, repeat = _ordered(kept, group[kept], steps[kept])
    if name is not None:
        message = "expected each number of steps once in a run, got it again with other values"
        findings.refuse_rows(kept[repeat > 0], name[0], message)
    findings.check()
    if repeats := len(runs.first) - len(set(group.tolist())):
        findings.notes.append(f"runs that repeat a mixture at a scale: {repeats}")
    return runs


def _ordered(kept: np.ndarray, group: np.ndarray, steps: np.ndarray) -> tuple[Runs, np.ndarray]:
    """The runs of the `kept` rows, and how often each row's steps occurred before in its group."""
    same = pd.DataFrame({"group": group, "steps": steps}).groupby(["group", "steps"])
    repeat = np.asarray(same.cumcount())
    run = _number_of(np.column_stack([group, repeat]))
    order = np.lexsort((steps, run))
    first = kept[np.unique(run, return_index=True)[1]]
    return Runs(kept[order], run[order], first), repeat


def _number_of(key: np.ndarray) -> np.ndarray:
    """The rows [m] of a key [m, c] numbered by first appearance."""
    grouped = pd.DataFrame(key).groupby(list(range(key.shape[1])), sort=False)
    return np.asarray(grouped.ngroup())


def _refuse_duplicates(again: np.ndarray, findings: Findings) -> None:
    message = (
        "expected each row once, got a copy of an earlier one; remove it or pass duplicates='drop'"
    )
    findings.refuse_rows(np.flatnonzero(again), None, message)


def _check_named(same: np.ndarray, group: np.ndarray, name: str, findings: Findings) -> None:
    first = group[np.unique(same, return_index=True)[1]][same]
    message = "expected one mixture and scale a run, got another than in its first row"
    findings.refuse_rows(np.flatnonzero(first != group), name, message)
