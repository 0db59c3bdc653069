"""Mixtures as points of a cube, by breaking sticks: uniform over the one is uniform over the other.

A share's part of what the shares before it leave is Beta(1, k) under Dirichlet(1), k shares being
still to come; the coordinate is its distribution function, 1 - (1 - part)^k.
"""

from __future__ import annotations

import numpy as np


def to_cube(mixtures: np.ndarray) -> np.ndarray:
    """Points [n, d - 1] of the unit cube for mixtures [n, d]; 0 where nothing was left to break."""
    shares = np.clip(mixtures, 0, 1)
    left = 1 - np.cumsum(shares, axis=1) + shares
    part = np.divide(shares, left, out=np.zeros_like(shares), where=left > 1e-12)
    return 1 - (1 - np.clip(part, 0, 1)[:, :-1]) ** _to_come(shares.shape[1])


def to_simplex(points: np.ndarray) -> np.ndarray:
    """Mixtures [n, d] for points [n, d - 1] of the unit cube; the inverse of `to_cube`."""
    points = np.clip(points, 0, 1)
    part = 1 - (1 - points) ** (1 / _to_come(points.shape[1] + 1))
    kept = np.cumprod(1 - part, axis=1)
    before = np.concatenate([np.ones((len(points), 1)), kept[:, :-1]], axis=1)
    return np.concatenate([part * before, kept[:, -1:]], axis=1)


def _to_come(domains: int) -> np.ndarray:
    return np.arange(domains - 1, 0, -1.0)
