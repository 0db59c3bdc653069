"""The last experiment of each episode in one piece of memory: kept, cleared and copied at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Block:
    """Arrays [n, width] of some `widths`, float32, one behind the other in `memory` [n * W].

    `places` [n, W] says where in it an episode's numbers are.
    """

    widths: tuple[int, ...]
    memory: np.ndarray
    places: np.ndarray

    @classmethod
    def zeros(cls, n: int, widths: tuple[int, ...]) -> Block:
        """Zeros everywhere."""
        starts = [n * before for before in accumulate((0, *widths[:-1]))]
        parts = [at + np.arange(n * w).reshape(n, w) for at, w in zip(starts, widths, strict=True)]
        return cls(widths, np.zeros(n * sum(widths), np.float32), np.concatenate(parts, axis=1))

    @cached_property
    def arrays(self) -> list[np.ndarray]:
        """The arrays: views of the memory."""
        return self._views(self.memory)

    def copies(self) -> list[np.ndarray]:
        """Copies of the arrays."""
        return self._views(self.memory.copy())

    def _views(self, memory: np.ndarray) -> list[np.ndarray]:
        n, at, views = len(self.places), 0, []
        for width in self.widths:
            views.append(memory[at : at + n * width].reshape(n, width))
            at += n * width
        return views

    def __getstate__(self) -> dict[str, Any]:
        """The fields: views that were copied would be of other memory."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def write(self, arrays: tuple[np.ndarray, ...], done: np.ndarray) -> None:
        """Take other arrays over, but for the episodes that are not `done` [n]."""
        at = self.places[(~done).nonzero()[0]]
        kept = self.memory[at]
        for ours, other in zip(self.arrays, arrays, strict=True):
            ours[...] = other
        self.memory[at] = kept

    def clear(self, which: np.ndarray) -> None:
        """Zeros for the episodes `which`."""
        self.memory[self.places[which]] = 0.0
