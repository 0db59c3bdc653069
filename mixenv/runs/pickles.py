"""Pickles read as data: bytes in, values and inert records out; no code of a global is ever run.

A global on the allow-list becomes a `Record` of the arguments and the state it was given, which
readers turn into arrays and frames themselves. Any other global is refused by name.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Collection
from io import BytesIO
from typing import Any

# Built-in containers whose constructors only hold what they are given. They are C types, so a
# pickle can neither set attributes on them nor reach anything through them.
PLAIN: dict[str, type] = {
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "builtins.slice": slice,
    "builtins.complex": complex,
}

# One library, several addresses: old names are read as the current ones.
_RENAMED = {"__builtin__": "builtins", "copy_reg": "copyreg"}


class UnsafePickleError(ValueError):
    """A pickle names a global that is not on the allow-list."""


class Record:
    """What the global `path` ("module.name") was called with, and the state it was given.

    `args` is a tuple; `state` is None when the pickle set none. Nothing of the global is run.
    """

    path = ""
    args: tuple[Any, ...]
    state: Any

    def __new__(cls, *args: Any) -> Record:
        """A record of these arguments; also what the NEWOBJ opcode calls."""
        record = super().__new__(cls)
        record.args, record.state = args, None
        return record

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Unpickler(pickle.Unpickler):
    """An unpickler whose globals are records (or plain containers), and only those allowed.

    `allowed` and `allow` hold "module.name"; `persistent` turns a persistent id into a value.
    """

    def __init__(
        self,
        data: bytes,
        allowed: Collection[str] = (),
        allow: Collection[str] = (),
        persistent: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(BytesIO(data))
        self._allowed = frozenset(allowed) | frozenset(map(_current, allow))
        self._persistent = persistent
        # Fresh types for each load: state that a pickle sets on one cannot outlive it.
        self._records: dict[str, type] = {}

    def find_class(self, module_name: str, global_name: str) -> Any:
        """The stand-in of one global; raises UnsafePickleError for one that is not allowed."""
        path = _current(f"{module_name}.{global_name}")
        if path in PLAIN:
            return PLAIN[path]
        if path not in self._allowed:
            raise UnsafePickleError(_refusal(f"{module_name}.{global_name}"))
        return self._records.setdefault(path, type("Record", (Record,), {"path": path}))

    def persistent_load(self, pid: Any) -> Any:
        """The value of a persistent id, by the function given at construction."""
        if self._persistent is None:
            raise pickle.UnpicklingError(f"got the persistent id {pid!r}, expected none")
        return self._persistent(pid)


def read_pickle(
    data: bytes,
    source: str,
    allowed: Collection[str] = (),
    allow: Collection[str] = (),
    persistent: Callable[[Any], Any] | None = None,
) -> Any:
    """The value pickled in `data`, its globals as `Record`s; `source` names it in errors.

    `allowed` is the format's own list of "module.name", `allow` what the user admits beyond it (as
    records too: no code is run). Raises UnsafePickleError for another global, ValueError for
    bytes that are not a whole pickle.
    """
    try:
        return Unpickler(data, allowed, allow, persistent).load()
    except UnsafePickleError as error:
        raise UnsafePickleError(f"{source}: {error}") from None
    except Exception as error:  # a broken pickle may raise anything
        raise ValueError(
            f"{source}: expected a whole pickle, got bytes that do not read as one "
            f"({type(error).__name__}: {error}); fetch the file again"
        ) from error


def _refusal(path: str) -> str:
    return (
        f"expected only globals on the allow-list, got {path}; if you trust the file, admit it "
        f'with --allow {path} (in Python: allow=("{path}",))'
    )


def _current(path: str) -> str:
    """The current address of a global: `numpy.core.x` is read as `numpy._core.x`."""
    module, _, rest = path.partition(".")
    if path.startswith("numpy.core."):
        return "numpy._core." + path.removeprefix("numpy.core.")
    return f"{_RENAMED.get(module, module)}.{rest}"
