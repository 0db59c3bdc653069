"""Pickled pandas DataFrames in, named columns out; reads the pickles of pandas 1.3 to 3.

The block managers, indexes and extension arrays of a pickle are read as records, so that neither
the version of pandas that wrote it nor the one installed matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixenv.runs import arrays, extensions
from mixenv.runs.arrays import Resolve
from mixenv.runs.pickles import Record, read_pickle


@dataclass(frozen=True, eq=False)
class Frame:
    """The columns of a DataFrame by name: arrays [n], or a `Record` where the type is not read."""

    columns: dict[Any, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def column(self, name: str) -> np.ndarray:
        """One column [n]. Raises ValueError where it is missing or of a type that is not read."""
        column = self.columns.get(name)
        if not isinstance(column, np.ndarray):
            got = "no such column" if column is None else f"a column of {_kind(column)}"
            raise ValueError(
                f"expected a column {name!r} of numbers, text or objects, got {got} "
                f"(columns: {', '.join(map(str, self.columns))})"
            )
        return column


def read_frame(data: bytes, source: str, allow: tuple[str, ...] = ()) -> Frame:
    """The DataFrame pickled in `data`, frames in its cells included; `source` names it in errors.

    Raises UnsafePickleError for a global outside the allow-list and `allow`, ValueError for bytes
    that are not a whole pickle of a DataFrame.
    """
    record = read_pickle(data, source, GLOBALS, allow)
    try:
        frame = arrays.resolve(record, RULES)
    except Exception as error:  # a damaged pickle may raise anything
        raise ValueError(
            f"{source}: expected a pickled DataFrame, got one that does not read as such "
            f"({type(error).__name__}: {error}); fetch the file again"
        ) from error
    if not isinstance(frame, Frame):
        raise ValueError(f"{source}: expected a pickled DataFrame, got {type(frame).__name__}")
    return frame


def _frame(record: Record, again: Resolve) -> Frame:
    blocks, axes = record.state["_mgr"].args
    names: Any = again(axes[0])
    columns: dict[int, Any] = {}
    for block in blocks:
        values, placement, _ = (again(arg) for arg in block.args)
        rows: Any = values
        if isinstance(values, Record) or values.ndim == 1:  # an extension array: one column
            rows = [values]
        columns |= zip(np.arange(len(names))[placement].tolist(), rows, strict=True)
    return Frame({names[p]: columns[p] for p in sorted(columns)})


def _index(record: Record, again: Resolve) -> Any:
    """The labels of an axis: an array, or a range."""
    found = record.args[1]
    if "start" in found:
        return range(found["start"], found["stop"], found["step"])
    return again(found["data"])


def _kind(column: Any) -> str:
    return column.path if isinstance(column, Record) else type(column).__name__


RULES = {
    **arrays.RULES,
    **extensions.RULES,
    "pandas.core.indexes.base._new_Index": _index,
    "pandas.core.frame.DataFrame": _frame,
    "pandas.DataFrame": _frame,
}
GLOBALS = (*RULES, *arrays.GLOBALS, *extensions.GLOBALS)
