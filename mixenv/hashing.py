"""Counter-based noise: 32-bit words in, standard normals out; the same in NumPy and JAX.

A key is a hash of words (seed, shares, scale, replicate, ...), so noise depends on what was asked
and never on the order of asking. Words are uint32 arrays, whose arithmetic wraps, or Python ints
(`mix_word` and others: the same hashes, sooner for a few). The constants are arrays because NumPy
is slow to convert a Python int; augmented assignments spare it a copy and mean the same in JAX.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import xor
from typing import Any

import numpy as np

_WORD = 0xFFFFFFFF
_ODD, _FIRST, _SECOND = 0x2C1B3C6D, 0x21F0AAAD, 0x735A2D97
_UNIT = 2.0**-22
_COSINES = np.cos((np.arange(1024) + 0.5) * (2.0 * np.pi / 1024))
_COSINE_LIST = _COSINES.tolist()


def constant(words: int | tuple[int, ...]) -> np.ndarray:
    """One word, or several, as an array."""
    return np.array(words, dtype=np.uint32)


_S10, _S15, _S16, _LOW = map(constant, (10, 15, 16, 1023))
_M1, _M2, _M3 = map(constant, (_FIRST, _SECOND, _ODD))


def mix(x: Any) -> Any:
    """A bijection of 32-bit words whose output bits each depend on every input bit."""
    y = x >> _S16
    y ^= x
    y *= _M1
    z = y >> _S15
    z ^= y
    z *= _M2
    y = z >> _S15
    y ^= z
    return y


def terms(words: Any, start: int = 0) -> Any:
    """Words [..., w] mixed with their positions from `start` on; a key is made of their sum."""
    return mix(words ^ places(start, words.shape[-1]))


def total(mixed: Any) -> Any:
    """The sum [..., 1] of terms [..., w]."""
    return mixed.sum(axis=-1, keepdims=True, dtype=mixed.dtype)


def finish(sum_of_terms: Any) -> Any:
    """The key whose terms have that sum."""
    return mix(sum_of_terms)


def key(words: Any) -> Any:
    """One hash [..., 1] of words [..., w]: the mixed sum of words mixed with their positions."""
    return finish(total(terms(words)))


def fold(state: Any, word: Any) -> Any:
    """Chain one more word into a hash."""
    return mix((state * _M3) ^ word)


def normal(state: Any, xp: Any = np) -> Any:
    """Standard normals, one for each hash of an array (Box-Muller).

    The high 22 bits give the radius, the low 10 one of 1 024 directions evenly around the circle:
    so many have the moments of all directions up to the 1 023rd, and a table spares the cosine.
    """
    radius = xp.log(((state >> _S10) + 0.5) * _UNIT)
    radius *= -2.0
    return xp.sqrt(radius) * _cosines(state & _LOW, radius.dtype, xp)


def _cosines(directions: Any, dtype: Any, xp: Any) -> Any:
    """The table's values; JAX is told the `dtype`.

    Left to itself it may reuse what it made of the table in a trace of another precision.
    """
    return _COSINES.take(directions) if xp is np else xp.asarray(_COSINES, dtype)[directions]


@lru_cache(maxsize=256)
def places(start: int, count: int) -> np.ndarray:
    """What the words of a key from position `start` on are mixed with; do not change it."""
    return mix(np.arange(start + 1, start + count + 1, dtype=np.uint32) * _M3)


def mix_word(x: int) -> int:
    """`mix` of one Python int."""
    x = ((x ^ (x >> 16)) * _FIRST) & _WORD
    x = ((x ^ (x >> 15)) * _SECOND) & _WORD
    return x ^ (x >> 15)


def sum_words(words: Sequence[int], start: int) -> int:
    """The sum of the terms of Python ints whose positions begin at `start`, not yet wrapped."""
    return sum(map(mix_word, map(xor, words, _place_words(start, len(words)))))


def finish_word(sum_of_terms: int) -> int:
    """`finish` of a Python int."""
    return mix_word(sum_of_terms & _WORD)


@lru_cache(maxsize=256)
def _place_words(start: int, count: int) -> list[int]:
    return places(start, count).tolist()


def fold_word(state: int, word: int) -> int:
    """`fold` of Python ints."""
    return mix_word((state * _ODD & _WORD) ^ word)


def fold_words(state: int, words: Iterable[int]) -> list[int]:
    """`fold_word` of one state and each word."""
    state = state * _ODD & _WORD
    return [mix_word(state ^ word) for word in words]


def normal_words(states: list[int]) -> np.ndarray:
    """`normal` of Python ints, [n]."""
    logs = np.log([((state >> 10) + 0.5) * _UNIT for state in states]).tolist()
    pairs = zip(logs, states, strict=True)
    return np.array([math.sqrt(log * -2.0) * _COSINE_LIST[state & 1023] for log, state in pairs])
