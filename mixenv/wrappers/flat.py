"""`FlatAction`: the action as one Box, for libraries such as Stable-Baselines3's SAC and PPO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from mixenv.simplex import project
from mixenv.wrappers.view import ActionView

LOGIT = 3.0  # half-width of the logits, the box of the paper's own baselines


def softmax(u: np.ndarray) -> np.ndarray:
    """Shares [d] of coordinates [d] in [-1, 1]: softmax(3 u). No share is ever quite 0."""
    weights = np.exp(LOGIT * u)
    return weights / weights.sum()


def normalise(u: np.ndarray) -> np.ndarray:
    """Shares [d] of coordinates [d] in [-1, 1]: (1 + u) over its sum; uniform where all are -1."""
    weights = 1.0 + u
    total = weights.sum()
    return weights / total if total > 0 else np.full(len(u), 1 / len(u))


def stick_breaking(u: np.ndarray) -> np.ndarray:
    """Shares [d] of coordinates [d - 1] in [-1, 1]; uniform coordinates give uniform shares.

    Coordinate i breaks 1 - ((1 - u) / 2)^(1 / (d - 1 - i)) off what is left of the stick: the
    fractions of Dirichlet(1).
    """
    kept = (0.5 * (1.0 - u)) ** (1.0 / np.arange(len(u), 0, -1))
    left = np.concatenate([[1.0], np.cumprod(kept)])
    return np.append(left[:-1] * (1.0 - kept), left[-1])


MODES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softmax": softmax,
    "normalise": normalise,
    "stick-breaking": stick_breaking,
}


class FlatAction(ActionView, gym.utils.RecordConstructorArgs):
    """One Box [-1, 1]^n, float32: the mixture's coordinates, then the scale, then the steps.

    The mixture of d domains takes d coordinates ("stick-breaking": d - 1), read by `mode`
    "softmax", "normalise" or "stick-breaking" and then moved to the nearest mixture (Euclidean)
    that keeps max_share. Scale and steps take one coordinate each, cut into equal bins, in
    ascending order; a key that another wrapper fixed takes none. Coordinates outside the box are
    clipped to it. Raises ValueError for an unknown mode, a wrong shape and NaN.
    """

    def __init__(self, env: gym.Env[Any, Any], mode: str = "softmax") -> None:
        gym.utils.RecordConstructorArgs.__init__(self, mode=mode)
        super().__init__(env)
        if mode not in MODES:
            raise ValueError(f"mode: expected one of {', '.join(MODES)}, got {mode!r}")
        self.mode = mode
        self._width = self.domains - (mode == "stick-breaking")
        size = self._width + len(self.choices)
        self.action_space = spaces.Box(-1.0, 1.0, (size,), np.float32)

    def action(self, action: Any) -> dict[str, Any]:
        """The mixture [d] and the indices that coordinates [n] stand for."""
        flat = np.asarray(action, dtype=np.float64)
        if flat.shape != self.action_space.shape:
            raise ValueError(
                f"action: expected {self.action_space.shape} coordinates, got {flat.shape}"
            )
        if np.isnan(flat).any():
            raise ValueError(f"action: expected no NaN, got {flat.tolist()}; replace NaN")
        u = np.clip(flat, -1.0, 1.0)
        mixture = MODES[self.mode](u[: self._width])
        if mixture.max() > self.task.max_share:
            mixture = project(mixture, self.task.max_share)
        inner: dict[str, Any] = {"mixture": mixture}
        for (key, count), x in zip(self.choices.items(), u[self._width :], strict=True):
            inner[key] = min(int(0.5 * (x + 1.0) * count), count - 1)
        return inner
