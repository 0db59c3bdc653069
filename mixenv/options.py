"""Options of tasks and environments: values of any type in, checked ones or errors naming them.

Each function raises ValueError saying what the option takes, what came and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mixenv.objective import MetricSpec

_REAL = (int, float, np.integer, np.floating)


def number(name: str, value: Any) -> float:
    """A number, no boolean and no text."""
    if isinstance(value, bool) or not isinstance(value, _REAL):
        raise ValueError(f"{name}: expected a number, got {value!r}; pass an int or a float")
    return float(value)


def whole(name: str, value: Any, least: int | None = None) -> int:
    """A whole number, also one written as a float, from `least` on where that is given."""
    exact = isinstance(value, _REAL) and not isinstance(value, bool) and float(value).is_integer()
    if not exact or (least is not None and value < least):
        above = "" if least is None else f" from {least}"
        remedy = "raise it" if exact else "pass an int: nothing is rounded"
        raise ValueError(f"{name}: expected a whole number{above}, got {value!r}; {remedy}")
    return int(value)


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {value!r}; pass a bool")
    return bool(value)


def several(name: str, value: Any, such_as: str) -> list[Any]:
    """The items of a list, a tuple or an array of one axis."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return value.tolist()
    if not isinstance(value, list | tuple | range):
        raise ValueError(f"{name}: expected a list, got {value!r}; pass one such as {such_as}")
    return list(value)


def path(name: str, value: Any) -> str | None:
    """The path of a file as text, or None."""
    if value is not None and not isinstance(value, str | Path):
        raise ValueError(f"{name}: expected the path of a file, got {value!r}; pass a str or Path")
    return None if value is None else str(value)


def weights(value: Any) -> MetricSpec:
    """A metric's name, or weights by the names of metrics."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(
            f"metric: expected a name or weights, got {value!r}; "
            'pass one such as "mean_loss" or {"c4": 0.5, "book": 0.5}'
        )
    return {name: number(f"metric[{name!r}]", weight) for name, weight in value.items()}


def one_of(name: str, value: Any, known: tuple[str | None, ...]) -> None:
    """Nothing, where the value is among those known."""
    if not (value is None or isinstance(value, str)) or value not in known:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, known))}, got {value!r}")
