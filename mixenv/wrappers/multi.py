"""`MultiDiscreteAction`: a mixture from a lattice, a scale and steps, by their numbers."""

from __future__ import annotations

from math import comb
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from mixenv import simplex
from mixenv.wrappers.view import ActionView, whole

LIMIT = 20_000  # mixtures a lattice may hold
FINEST = 10  # parts, where nobody says


class MultiDiscreteAction(ActionView, gym.utils.RecordConstructorArgs):
    """MultiDiscrete([m, scales, steps]): one of m lattice mixtures, a scale and steps, as indices.

    The lattice holds all mixtures whose shares are multiples of 1 / `parts`, none above max_share;
    `mixtures` [m, d] lists them. `parts` is by default the most, up to 10, that give at most 20 000
    mixtures. A key that another wrapper fixed takes no place. Raises ValueError for a lattice that
    is empty or too large, and for an index out of range.
    """

    def __init__(self, env: gym.Env[Any, Any], parts: int | None = None) -> None:
        gym.utils.RecordConstructorArgs.__init__(self, parts=parts)
        super().__init__(env)
        self.mixtures = _lattice(self.domains, parts, self.task.max_share)
        counts = [len(self.mixtures), *self.choices.values()]
        self.action_space = spaces.MultiDiscrete(counts)

    def action(self, action: Any) -> dict[str, Any]:
        """The mixture [d] and the indices that an array of indices stands for."""
        asked = np.asarray(action)
        if asked.shape != self.action_space.shape:
            raise ValueError(
                f"action: expected {self.action_space.shape} indices, got {asked.shape}"
            )
        first, *others = asked
        inner: dict[str, Any] = {
            "mixture": self.mixtures[whole("mixture", first, len(self.mixtures))].copy()
        }
        for (key, count), index in zip(self.choices.items(), others, strict=True):
            inner[key] = whole(key, index, count)
        return inner


def _size(domains: int, parts: int) -> int:
    """Mixtures of a lattice before the cap."""
    return comb(parts + domains - 1, domains - 1)


def _lattice(domains: int, parts: int | None, max_share: float) -> np.ndarray:
    """The lattice's mixtures [m, d]."""
    if parts is None:
        fitting = [n for n in range(1, FINEST + 1) if _size(domains, n) <= LIMIT]
        parts = max(fitting, default=1)
    if parts < 1:
        raise ValueError(f"parts: expected at least 1, got {parts!r}")
    if _size(domains, parts) > LIMIT:
        raise ValueError(
            f"parts: expected a lattice of at most {LIMIT} mixtures, got {_size(domains, parts)} "
            f"with {parts} parts of {domains} domains; take fewer parts, or DiscreteArms"
        )
    points = simplex.lattice(domains, parts, max_share)
    if not len(points):
        raise ValueError(
            f"parts: expected some mixture with no share above {max_share:g}, got none with "
            f"{parts} parts; take more parts"
        )
    return points
