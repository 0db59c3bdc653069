"""Copies of large arrays in memory that is used again: fresh pages cost more than the copying."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np

_KEPT = 2  # sets: a loop holds one observation while the next one is made


class Recycler:
    """Copies sets of arrays, of the same names, shapes and types each time.

    A copy is a new array as far as anybody can tell: its memory is written again only when nothing
    refers to it any more, neither the array nor a view of it.
    """

    def __init__(self) -> None:
        self._sets: list[dict[str, np.ndarray]] = []

    def copy(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Copies of the arrays, in a new dict."""
        known = next(filter(_free, self._sets), None)
        if known is None:
            known = {name: np.empty_like(array) for name, array in arrays.items()}
            self._sets += [known] if len(self._sets) < _KEPT else []
        for name, array in arrays.items():
            np.copyto(known[name], array)
        return dict(known)

    def __getstate__(self) -> dict[str, list[dict[str, np.ndarray]]]:
        """Nothing: what was handed out is not part of the state."""
        return {"_sets": []}


def _references(known: Mapping[str, np.ndarray]) -> list[int]:
    return [sys.getrefcount(array) for array in known.values()]


# Of an array that nobody else holds. Measured: how many of its own a call counts depends on Python.
_OURS = _references({"": np.empty(0)})[0]


def _free(known: Mapping[str, np.ndarray]) -> bool:
    """Whether nobody else holds any of the arrays."""
    return all(count == _OURS for count in _references(known))
