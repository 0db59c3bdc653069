"""Any number of domains as the few that the network reads."""

from __future__ import annotations

import numpy as np

from agents.sequence.inputs import DOMAINS

_RIDGE = 1.0


def groups(mixtures: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The input [d] that each domain counts towards, from mixtures [n, d] and values [n].

    Up to five domains have one each. More are ranked by what their share does to the values (a
    ridge regression), and neighbours in rank are one domain to the network.
    """
    d = mixtures.shape[1]
    if d <= DOMAINS:
        return np.arange(d)
    rank = np.argsort(np.argsort(_slopes(mixtures, values), kind="stable"), kind="stable")
    return rank * DOMAINS // d


def merged(mixtures: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Shares [n, 5] of the groups."""
    return np.maximum(mixtures, 0) @ np.eye(DOMAINS)[group]


def _slopes(mixtures: np.ndarray, values: np.ndarray) -> np.ndarray:
    if len(values) < 2:
        return np.zeros(mixtures.shape[1])
    x = mixtures - mixtures.mean(0)
    x = x / np.maximum(x.std(0), 1e-9)
    inner = x.T @ x + _RIDGE * len(x) * np.eye(x.shape[1])
    return np.linalg.solve(inner, x.T @ (values - values.mean()))
