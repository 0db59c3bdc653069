"""`ActionView`: what every wrapper of the action shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from mixenv.task import Task

KEYS = ("mixture", "scale", "steps")


class ActionView(gym.ActionWrapper[Any, Any, Any], ABC):
    """Another action space in front of Dict(mixture, scale, steps).

    The action that reached the environment, after every wrapper, is in `info["action"]` of a step.
    Raises ValueError for an environment whose action lacks one of the keys `needed`.
    """

    def __init__(self, env: gym.Env[Any, Any], needed: tuple[str, ...] = ("mixture",)) -> None:
        super().__init__(env)
        inner = env.action_space
        got = tuple(inner.spaces) if isinstance(inner, spaces.Dict) else (repr(inner),)
        if not isinstance(inner, spaces.Dict) or not set(needed) <= set(got):
            raise ValueError(
                f"{type(self).__name__}: expected an environment whose action has the keys "
                f"{', '.join(needed)}, got {', '.join(got)}; wrap a DataMixture environment, "
                "this wrapper before others that take keys away"
            )
        self.inner: dict[str, spaces.Space[Any]] = dict(inner.spaces)

    @property
    def task(self) -> Task:
        """The task of the environment."""
        return self.unwrapped.task  # type: ignore[attr-defined]

    @property
    def domains(self) -> int:
        """How many shares a mixture has."""
        return len(self.task.surface.domains)

    @property
    def choices(self) -> dict[str, int]:
        """How many values each discrete part of the action has, by key: scale, then steps."""
        return {
            key: int(space.n)
            for key in KEYS
            if isinstance(space := self.inner.get(key), spaces.Discrete)
        }

    @abstractmethod
    def action(self, action: Any) -> dict[str, Any]:
        """The wrapped environment's action for one of this view."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step the wrapped environment with `self.action(action)`."""
        inner = self.action(action)
        seen, reward, terminated, truncated, info = self.env.step(inner)
        # The innermost view adds it first; the others leave it.
        info.setdefault("action", {key: _copied(key, value) for key, value in inner.items()})
        return seen, reward, terminated, truncated, info


def _copied(key: str, value: Any) -> Any:
    return np.array(value, np.float64) if key == "mixture" else int(np.asarray(value).item())


def whole(name: str, value: Any, count: int) -> int:
    """`value` as an index below `count`. Raises ValueError."""
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "iu" or not 0 <= array.item() < count:
        raise ValueError(f"{name}: expected an index from 0 to {count - 1}, got {value!r}")
    return int(array.item())
