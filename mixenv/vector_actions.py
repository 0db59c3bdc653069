"""Actions of many episodes: a dict of arrays in, checked mixtures and indices out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from mixenv import progress
from mixenv.simplex import TOLERANCE, check_mixture
from mixenv.task import Task

Checked = tuple[np.ndarray, np.ndarray, np.ndarray]


def check_actions(task: Task, actions: dict[str, Any], n: int, ignored: np.ndarray) -> Checked:
    """Mixtures [n, d], indices of scales [n] and of steps [n]; those `ignored` [r] are made valid.

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


def _mixtures(task: Task, mixture: Any, n: int, ignored: np.ndarray) -> np.ndarray:
    w, d = np.asarray(mixture, dtype=np.float64), len(task.surface.domains)
    if w.shape != (n, d):
        raise ValueError(f"mixture: expected {n} x {d} shares, got an array of shape {w.shape}")
    w = w.T.copy()  # domains first in memory: long rows are quick
    w[:, ignored] = _valid(task)[:, None]
    inside = w.min() >= -TOLERANCE and w.max() <= task.max_share + TOLERANCE
    if inside and np.abs(_ones(d) @ w - 1).max() <= TOLERANCE:
        return w.T
    for i, one in enumerate(w.T):  # one of them does not fit: say which, and why
        try:
            check_mixture(one, d, task.max_share)
        except ValueError as error:
            raise ValueError(f"environment {i}: {error}") from None
    return w.T


@lru_cache(maxsize=64)
def _ones(d: int) -> np.ndarray:
    return np.ones(d)


@lru_cache(maxsize=64)
def _valid(task: Task) -> np.ndarray:
    """Some mixture [d] that a task takes, also where it is strict."""
    return progress.uniform(task) if task.pool is None else task.pool.pool(task.scales[0])[0]


def _indices(name: str, value: Any, count: int, n: int, ignored: np.ndarray) -> np.ndarray:
    whole = np.asarray(value)
    if whole.shape != (n,) or whole.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected {n} indices from 0 to {count - 1}, got an array of "
            f"{whole.dtype} of shape {whole.shape}"
        )
    index = whole.astype(np.intp)
    index[ignored] = 0
    if index.view(np.uintp).max() >= count:  # as unsigned ones negative numbers are too large too
        i = int(np.flatnonzero(index.view(np.uintp) >= count)[0])
        raise ValueError(
            f"environment {i}: {name}: expected an index from 0 to {count - 1}, got {whole[i]!r}"
        )
    return index
