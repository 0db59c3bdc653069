"""The network: what is looked at in; a preference for each action and a forecast of return out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from agents.ppo.look import WIDTH
from agents.ppo.moves import ACTIONS

Weights = dict[str, Any]
HIDDEN = (96, 64)


def fresh(rng: np.random.Generator, hidden: tuple[int, ...] = HIDDEN) -> Weights:
    """Random weights: layers of orthogonal columns, and outputs near zero."""
    sizes, weights = (WIDTH, *hidden), {}
    for i, (n, m) in enumerate(pairwise(sizes)):
        weights[f"w{i}"], weights[f"b{i}"] = _orthogonal(rng, n, m), np.zeros(m)
    for name, m, gain in (("actor", ACTIONS, 0.01), ("critic", 1, 0.1)):
        weights[f"w_{name}"] = gain * _orthogonal(rng, sizes[-1], m)
        weights[f"b_{name}"] = np.zeros(m)
    return {name: np.asarray(array, np.float32) for name, array in weights.items()}


def _orthogonal(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    wide = np.linalg.qr(rng.normal(size=(max(n, m), min(n, m))))[0]
    return wide if n >= m else wide.T


def act(weights: Weights, seen: Any, xp: Any = np) -> tuple[Any, Any]:
    """Logits [..., ACTIONS] and value [...] of what is seen [..., WIDTH]."""
    hidden, layer = seen, 0
    while f"w{layer}" in weights:
        hidden = xp.tanh(hidden @ weights[f"w{layer}"] + weights[f"b{layer}"])
        layer += 1
    logits = hidden @ weights["w_actor"] + weights["b_actor"]
    return logits, (hidden @ weights["w_critic"] + weights["b_critic"])[..., 0]
