"""Counter-based noise: 32-bit words in, standard normals out; the same in NumPy and JAX.

A fold chains words (seed, shares, scale, replicate, ...) into one hash, so noise depends on what
was asked and never on the order of asking. Words are Python ints or uint32 arrays. The mixing
constants are below 2**31 because JAX takes a Python int as an int32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_START = 0x3C6EF372
_LOW_SALT, _HIGH_SALT = 0x1B873593, 0x4CF5AD43
_UNIT = 1.0 / 2**32


def _low(x: Any) -> Any:
    """The low 32 bits: arrays wrap by themselves, Python ints do not."""
    return x & 0xFFFFFFFF if isinstance(x, int) else x


def mix(x: Any) -> Any:
    """A bijection of 32-bit words whose output bits each depend on every input bit."""
    x = _low((x ^ (x >> 16)) * 0x21F0AAAD)
    x = _low((x ^ (x >> 15)) * 0x735A2D97)
    return x ^ (x >> 15)


def fold(state: Any, word: Any) -> Any:
    """Chain one more word into a hash."""
    return mix(_low(state * 0x2C1B3C6D) ^ word)


def start(seed: tuple[Any, Any]) -> Any:
    """The hash of an episode's seed, two 32-bit words."""
    return fold(fold(_START, seed[0]), seed[1])


def normal(state: Any, xp: Any = np) -> Any:
    """Standard normals, one for each uint32 hash of an array (Box-Muller)."""
    first = (mix(state ^ _LOW_SALT).astype(float) + 0.5) * _UNIT
    second = (mix(state ^ _HIGH_SALT).astype(float) + 0.5) * _UNIT
    return xp.sqrt(-2.0 * xp.log(first)) * xp.cos((2.0 * np.pi) * second)
