"""What scale and steps alone decide of a synthetic surface: its level, and how Q and R weigh."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

_MOST = 4096  # places that are remembered


class Place(NamedTuple):
    """`level` [k, ...] of the losses, the weight r [...] of Q and that of R, [k, ...].

    Axes of scales and steps are reversed and come last, for long rows.
    """

    level: Any
    ours: Any
    theirs: Any


@dataclass(frozen=True, eq=False)
class Blend:
    """The power laws of `mixenv.surfaces.synthetic`, for its `scales` and `steps`.

    `floor`, `size_loss`, `data_loss` [k] are E, A and B in nats, `rival` [k] is g; at the smallest
    scale, or at the first of the steps, r falls to `transfer`.
    """

    floor: np.ndarray
    size_loss: np.ndarray
    data_loss: np.ndarray
    rival: np.ndarray
    scales: tuple[float, ...]
    steps: tuple[int, ...]
    transfer: float

    def at(self, scale: Any, steps: Any, xp: Any = np) -> Place:
        """The place of scales and steps [...]."""
        scale, steps = scale.T * 1.0, steps.T * 1.0  # JAX divides integers in single precision
        size = xp.sqrt(xp.sqrt(self.scales[-1] / scale))
        data = xp.sqrt(self.steps[-1] / steps)
        smaller, shorter = self._cheapness
        away = smaller * (size - 1.0) + shorter * (data - 1.0)
        ours = 1.0 - xp.minimum(xp.maximum(away, 0.0), 1.0 - self.transfer)
        fields = (self.floor, self.size_loss, self.data_loss, self.rival)
        floor, a, b, rival = (widen(field, data.ndim) for field in fields)
        return Place(floor + a * size + b * data, ours, rival * xp.sqrt(1.0 - ours * ours))

    def recall(self, key: Hashable, make: Callable[[], Place]) -> Place:
        """The place of a key, made once: an episode asks for the same few again and again."""
        found = self._memory.get(key)
        if found is None:
            if len(self._memory) >= _MOST:
                self._memory.clear()
            found = self._memory[key] = make()
        return found

    @cached_property
    def _memory(self) -> dict[Hashable, Place]:
        return {}

    @cached_property
    def _cheapness(self) -> tuple[float, float]:
        """What r loses for each x - 1 and y - 1: all at the smallest scale, or the first steps."""
        size = (self.scales[-1] / self.scales[0]) ** 0.25
        data = (self.steps[-1] / self.steps[0]) ** 0.5
        return (1.0 - self.transfer) / (size - 1.0), (1.0 - self.transfer) / (data - 1.0)


def widen(array: np.ndarray, axes: int) -> np.ndarray:
    """The array with that many axes of length 1 behind its own."""
    if axes == 0:
        return array
    return array.reshape(*array.shape, *(1,) * axes)
