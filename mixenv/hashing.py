"""Counter-based noise: 32-bit words in, standard normals out; the same in NumPy and JAX.

A key is a hash of words (seed, shares, scale, replicate, ...), so noise depends on what was asked
and never on the order of asking. Words are uint32 arrays, whose arithmetic wraps. The mixing
constants are below 2**31 because JAX takes a Python int as an int32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_ODD = 0x2C1B3C6D
_LOW_SALT, _HIGH_SALT = 0x1B873593, 0x4CF5AD43
_UNIT = 1.0 / 2**32


def mix(x: Any) -> Any:
    """A bijection of 32-bit words whose output bits each depend on every input bit."""
    x = (x ^ (x >> 16)) * 0x21F0AAAD
    x = (x ^ (x >> 15)) * 0x735A2D97
    return x ^ (x >> 15)


def key(words: Any) -> Any:
    """One hash [..., 1] of words [..., w]: the mixed sum of words mixed with their positions."""
    places = mix(np.arange(1, words.shape[-1] + 1, dtype=np.uint32) * _ODD)
    return mix(mix(words ^ places).sum(axis=-1, keepdims=True, dtype=words.dtype))


def fold(state: Any, word: Any) -> Any:
    """Chain one more word into a hash."""
    return mix((state * _ODD) ^ word)


def normal(state: Any, xp: Any = np) -> Any:
    """Standard normals, one for each hash of an array (Box-Muller)."""
    first = (mix(state ^ _LOW_SALT) + 0.5) * _UNIT
    second = (mix(state ^ _HIGH_SALT) + 0.5) * _UNIT
    return xp.sqrt(-2.0 * xp.log(first)) * xp.cos((2.0 * np.pi) * second)
