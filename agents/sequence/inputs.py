"""Features of a point: where a mixture, a scale and steps lie in the network's input."""

from __future__ import annotations

from typing import Any

import numpy as np

DOMAINS = 5  # of the network's input; fewer domains leave the last at no share
FEATURES = DOMAINS + 2
SHORTEST = 0.03  # of the target's steps, where v is -1


def features(shares: Any, u: Any, v: Any, xp: Any = np) -> Any:
    """x [n, d + 2] = [2.5 (sqrt(w) - 0.4), u, v] of shares [n, d] and of u, v [n]."""
    return xp.concatenate([2.5 * (xp.sqrt(shares) - 0.4), u[:, None], v[:, None]], axis=1)
