"""Actions of many episodes: a dict of arrays in, checked mixtures and indices out."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.simplex import TOLERANCE, check_mixture
from mixenv.task import Task

Checked = tuple[np.ndarray, np.ndarray, np.ndarray]


def check_actions(
    task: Task, actions: dict[str, Any], n: int, ignored: np.ndarray | None
) -> Checked:
    """Mixtures [n, d], indices of scales [n] and of steps [n]; those `ignored` [n] are made valid.

    Raises ValueError naming the first episode whose action is not in the space.
    """
    for name in ("mixture", "scale", "steps"):
        if name not in actions:
            raise ValueError(f"action: expected mixture, scale and steps, got no {name}")
    return (
        _mixtures(task, actions["mixture"], n, ignored),
        _indices("scale", actions["scale"], len(task.scales), n, ignored),
        _indices("steps", actions["steps"], len(task.steps), n, ignored),
    )


def _mixtures(task: Task, mixture: Any, n: int, ignored: np.ndarray | None) -> np.ndarray:
    w, d = np.asarray(mixture, dtype=np.float64), len(task.surface.domains)
    if w.shape != (n, d):
        raise ValueError(f"mixture: expected {n} x {d} shares, got an array of shape {w.shape}")
    if ignored is not None:
        filler = 1 / d if task.pool is None else task.pool.pool(task.scales[0])[0]
        w = np.where(ignored[:, None], filler, w)
    inside = w.min() >= -TOLERANCE and w.max() <= task.max_share + TOLERANCE
    if inside and np.abs(w @ np.ones(d) - 1).max() <= TOLERANCE:
        return w
    for i, one in enumerate(w):  # one of them does not fit: say which, and why
        try:
            check_mixture(one, d, task.max_share)
        except ValueError as error:
            raise ValueError(f"environment {i}: {error}") from None
    return w


def _indices(name: str, value: Any, count: int, n: int, ignored: np.ndarray | None) -> np.ndarray:
    whole = np.asarray(value)
    if whole.shape != (n,) or whole.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected {n} indices from 0 to {count - 1}, got an array of "
            f"{whole.dtype} of shape {whole.shape}"
        )
    if ignored is not None:
        whole = np.where(ignored, 0, whole)
    if whole.min() < 0 or whole.max() >= count:
        i = int(np.flatnonzero((whole < 0) | (whole >= count))[0])
        raise ValueError(
            f"environment {i}: {name}: expected an index from 0 to {count - 1}, got {whole[i]!r}"
        )
    return whole.astype(np.int32)
