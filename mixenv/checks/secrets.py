"""Whether one object leads to another: a walk over attributes, items and closures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

_PLAIN = (str, bytes, int, bool, type(None), type)


def found_in(
    start: Any, kinds: tuple[type, ...], objects: tuple[Any, ...], number: float
) -> list[str]:
    """Paths from `start` to an instance of `kinds`, one of `objects`, or the float `number`."""
    found, known = [], set()
    todo: list[tuple[str, Any]] = [("problem", start)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, kinds) or any(value is o for o in objects) or _is(value, number):
            found.append(path)
        elif not isinstance(value, _PLAIN) and id(value) not in known:
            known.add(id(value))
            todo += [(f"{path}{step}", inner) for step, inner in _inside(value)]
    return sorted(found)


def _is(value: Any, number: float) -> bool:
    return isinstance(value, float) and value == number


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, and how it is reached."""
    if isinstance(value, Mapping):
        yield from ((f"[{key!r}]", item) for key, item in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"[{i}]", item) for i, item in enumerate(value))
    elif isinstance(value, np.ndarray):
        if value.dtype == object:
            yield from ((f"[{i}]", item) for i, item in enumerate(value.flat))
        return
    if isinstance(value, partial):
        yield from ((".func", value.func), (".args", value.args), (".keywords", value.keywords))
    if getattr(value, "__self__", None) is not None:
        yield ".__self__", getattr(value, "__self__", None)
    for cell in getattr(value, "__closure__", None) or ():
        yield ".__closure__", cell.cell_contents
    for key, item in getattr(value, "__dict__", {}).items():
        yield f".{key}", item
    for key in getattr(type(value), "__slots__", ()):
        if hasattr(value, key):
            yield f".{key}", getattr(value, key)
