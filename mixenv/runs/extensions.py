"""Records of pandas' extension arrays in, NumPy arrays [n] out; dates and such are left unread.

Also the names that the pickles of DataFrames use, the old addresses beside the current ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.runs.arrays import Resolve, Rule
from mixenv.runs.pickles import Record


def _backed(record: Record, again: Resolve) -> Any:
    """Text and categories, which pandas keeps over one array; dates are left unread."""
    kind, (dtype, values) = _name(record.args[0].path), record.state[:2]
    if kind == "Categorical":
        labels = np.array([*again(dtype.state["categories"]), None], dtype=object)
        return labels[again(values)]  # code -1, a missing cell, is the last
    return (
        again(values) if kind in ("StringArray", "PandasArray", "NumpyExtensionArray") else record
    )


def _masked(record: Record, again: Resolve) -> np.ndarray:
    """Nullable numbers as float64, NaN where missing."""
    return np.where(again(record.state["_mask"]), np.nan, again(record.state["_data"]))


def _arrow(record: Record, again: Resolve) -> Any:
    """Text kept by Arrow, None where missing; other Arrow types are left unread."""
    stored = record.state["_pa_array"]
    if stored.path != "pyarrow.lib._restore_array":
        return record
    kind, length, _, start, buffers = stored.args[0][:5]
    if kind.args[0] not in ("large_string", "string"):
        return record
    valid, offsets, text = (b"" if b is None else again(b.args[0]) for b in buffers)
    ends = np.frombuffer(offsets, dtype="<i8" if kind.args[0] == "large_string" else "<i4")
    bits = np.unpackbits(np.frombuffer(valid, dtype="u1"), bitorder="little")
    cells = np.empty(length, dtype=object)
    for i, j in enumerate(range(start, start + length)):
        cell = bytes(text[ends[j] : ends[j + 1]]).decode()
        cells[i] = cell if not len(bits) or bits[j] else None
    return cells


def _name(path: str) -> str:
    return path.rsplit(".", 1)[-1]


_MASKED = """
    pandas.arrays.IntegerArray pandas.arrays.FloatingArray pandas.arrays.BooleanArray
    pandas.core.arrays.integer.IntegerArray pandas.core.arrays.floating.FloatingArray
    pandas.core.arrays.boolean.BooleanArray
"""
_ARROW = "pandas.arrays.ArrowStringArray pandas.core.arrays.string_arrow.ArrowStringArray"

RULES: dict[str, Rule] = {
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": _backed,
    **dict.fromkeys(_MASKED.split(), _masked),
    **dict.fromkeys(_ARROW.split(), _arrow),
}

# What else the pickles of DataFrames name; all of it is kept as records.
_NAMES = """
    pandas._libs.internals._unpickle_block pandas.core.internals.managers.BlockManager
    pandas.Index pandas.RangeIndex pandas.DatetimeIndex
    pandas.core.indexes.base.Index pandas.core.indexes.range.RangeIndex
    pandas.core.indexes.numeric.Int64Index pandas.core.indexes.numeric.UInt64Index
    pandas.core.indexes.numeric.Float64Index pandas.core.indexes.datetimes.DatetimeIndex
    pandas.core.indexes.datetimes._new_DatetimeIndex
    pandas.arrays.StringArray pandas.core.arrays.string_.StringArray
    pandas.arrays.NumpyExtensionArray pandas.core.arrays.numpy_.NumpyExtensionArray
    pandas.core.arrays.numpy_.PandasArray
    pandas.Categorical pandas.core.arrays.categorical.Categorical
    pandas.arrays.DatetimeArray pandas.core.arrays.datetimes.DatetimeArray
    pandas.arrays.TimedeltaArray pandas.core.arrays.timedeltas.TimedeltaArray
    pandas.StringDtype pandas.core.arrays.string_.StringDtype
    pandas.CategoricalDtype pandas.core.dtypes.dtypes.CategoricalDtype
    pandas.DatetimeTZDtype pandas.core.dtypes.dtypes.DatetimeTZDtype
    pandas.Int64Dtype pandas.core.arrays.integer.Int64Dtype
    pandas.Float64Dtype pandas.core.arrays.floating.Float64Dtype
    pandas.BooleanDtype pandas.core.arrays.boolean.BooleanDtype
    pandas.NA pandas._libs.missing.NA pandas._libs.missing._unpickle_NA
    pandas._libs.tslibs.timestamps._unpickle_timestamp
    pandas._libs.tslibs.nattype._nat_unpickle
    pyarrow.lib._restore_array pyarrow.lib.type_for_alias pyarrow.lib.py_buffer
    datetime.datetime datetime.timedelta datetime.timezone
"""
GLOBALS = (*RULES, *_NAMES.split())
