"""Records of a pickle in, plain values and NumPy arrays out; only plain dtypes are read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mixenv.runs.pickles import Record

Resolve = Callable[[Any], Any]
Rule = Callable[[Record, Resolve], Any]

# Anything else (structured, object-in-struct) could make raw bytes pass for pointers.
_PLAIN_DTYPE = re.compile(r"[biufc]\d{1,2}|[SU]\d{1,6}|O8?")


def resolve(value: Any, rules: Mapping[str, Rule]) -> Any:
    """`value` with every record that has a rule replaced, inside dicts, lists and tuples too."""

    def again(inner: Any) -> Any:
        return resolve(inner, rules)

    if isinstance(value, Record):
        rule = rules.get(value.path)
        return value if rule is None else rule(value, again)
    if isinstance(value, dict):
        return type(value)((again(k), again(v)) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(again(v) for v in value)
    return value


def read_bytes(record: Record, again: Resolve) -> bytes:
    """Bytes written as Latin-1 text, the way of protocols 0 to 2."""
    text, encoding = record.args
    if encoding != "latin1":
        raise ValueError(f"expected bytes written as latin1 text, got encoding {encoding!r}")
    return text.encode("latin1")


def read_no_bytes(record: Record, again: Resolve) -> bytes:
    """No bytes at all, the way of protocols 0 to 2."""
    if record.args:
        raise ValueError(f"expected bytes in the pickle, got bytes made from {record.args!r}")
    return b""


def read_bytearray(record: Record, again: Resolve) -> bytes:
    """The bytes of a bytearray, which protocols 2 to 4 write as a call with bytes."""
    data = again(record.args[0]) if record.args else b""
    if not isinstance(data, bytes):
        raise ValueError(f"expected a bytearray made from bytes, got {type(data).__name__}")
    return data


def read_dtype(record: Record, again: Resolve) -> np.dtype:
    """A plain NumPy dtype: numbers, fixed-length text or objects."""
    code = record.args[0]
    order = record.state[1] if record.state else "="
    if not isinstance(code, str) or not _PLAIN_DTYPE.fullmatch(code) or order not in "<>=|":
        raise ValueError(f"expected a plain dtype (numbers, text or objects), got {code!r}")
    return np.dtype(code).newbyteorder(order) if order in "<>" else np.dtype(code)


def read_array(record: Record, again: Resolve) -> np.ndarray:
    """An array [shape] from its pickled state (version, shape, dtype, Fortran order, data)."""
    _, shape, dtype, fortran, data = record.state
    return _shaped(again(data), again(dtype), shape, "F" if fortran else "C")


def read_buffer(record: Record, again: Resolve) -> np.ndarray:
    """An array [shape] as protocol 5 writes it: (buffer, dtype, shape, order)."""
    data, dtype, shape, order = record.args
    return _shaped(again(data), again(dtype), shape, order)


def read_scalar(record: Record, again: Resolve) -> Any:
    """A NumPy scalar from (dtype, bytes)."""
    dtype, data = record.args
    return _shaped(again(data), again(dtype), (1,), "C")[0]


def _shaped(data: Any, dtype: np.dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
    if dtype.hasobject:
        if not isinstance(data, list):
            raise ValueError(f"expected a list of objects, got {type(data).__name__}")
        flat = np.empty(len(data), dtype=object)
        for i, cell in enumerate(data):  # not flat[:] = data, which would look into the cells
            flat[i] = cell
        return flat.reshape(shape)  # objects are listed in C order, whatever the flag says
    flat = np.frombuffer(data, dtype=dtype, count=math.prod(shape)).copy()
    return flat.reshape(shape, order=order)


# What NumPy's own pickles name; `numpy.ndarray` is only ever an argument.
RULES: dict[str, Rule] = {
    "_codecs.encode": read_bytes,
    "builtins.bytes": read_no_bytes,
    "builtins.bytearray": read_bytearray,
    "numpy.dtype": read_dtype,
    "numpy._core.multiarray._reconstruct": read_array,
    "numpy._core.multiarray.scalar": read_scalar,
    "numpy._core.numeric._frombuffer": read_buffer,
}
GLOBALS = (*RULES, "numpy.ndarray")
