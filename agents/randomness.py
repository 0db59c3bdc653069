"""The agents' own stream of random numbers."""

from __future__ import annotations

import numpy as np

_STREAM = 0x6167656E  # "agen": keeps an agent's draws apart from an environment's of equal seed


def generator(seed: int) -> np.random.Generator:
    """The generator of an agent made with `seed`, a non-negative integer."""
    return np.random.default_rng([_STREAM, seed])
