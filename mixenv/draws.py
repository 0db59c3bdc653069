"""The normals behind an outcome: what names a run in, the draws that its noise needs out.

A run is named by the episode's seed (two words), the words of its mixture, its scale and its
replicate number. Losses draw once a run, binomial metrics at each checkpoint, and half of those
once an episode. All words are uint32.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from mixenv import hashing
from mixenv.noise import Noise

_COMMON, _POINT = 0x00C0FFEE, 0x00B0BA00  # words that keep the streams of noise apart
_FEW = 6  # normals that Python draws sooner than NumPy
_COMMON_ARRAY, _POINT_ARRAY = hashing.constant(_COMMON), hashing.constant(_POINT)


def scale_word(scale: float) -> int:
    """The word of a scale: thousands of parameters."""
    return int(scale / 1e3)


def run_key(seed: tuple[int, int], words: Sequence[int], scale: int, replicate: int) -> int:
    """The key of one run."""
    last = 2 + len(words)
    of_run = hashing.sum_words(words, 2) + _sum_words((scale, replicate), last)
    return hashing.finish_word(_sum_words(seed, 0) + of_run)


_sum_words = lru_cache(maxsize=1024)(hashing.sum_words)


def of_run(noise: Noise, run: int, checkpoints: list[int]) -> np.ndarray:
    """`own` of one run: [m, k], or [1, k] where no metric draws at each checkpoint."""
    if not noise.counts or len(checkpoints) == 1:
        return _of_point(noise, run, checkpoints[0])
    stream = hashing.fold_word(run, _POINT)
    points = np.array(hashing.fold_words(stream, checkpoints), dtype=np.uint32)
    return own(noise, np.array([run], dtype=np.uint32), points)


def _of_point(noise: Noise, run: int, checkpoint: int) -> np.ndarray:
    """The same [1, k] at one checkpoint: few hashes, which Python makes sooner than NumPy."""
    if noise.counts:
        point = hashing.fold_word(hashing.fold_word(run, _POINT), checkpoint)
        kinds = enumerate(noise.binomial_list)
        states = [hashing.fold_word(point if counted else run, j) for j, counted in kinds]
    else:
        states = hashing.fold_words(run, range(len(noise.binomial_list)))
    if len(states) <= _FEW:
        return hashing.normal_words(states)[None]
    return hashing.normal(np.array(states, dtype=np.uint32))[None]


def point_keys(noise: Noise, run: Any, checkpoints: Any) -> Any:
    """The keys [..., m] of `checkpoints` [..., m] of runs with keys [..., 1].

    None where no metric draws at each checkpoint, which asks for no checkpoints.
    """
    if not noise.counts:
        return None
    return hashing.fold(hashing.fold(run, _POINT_ARRAY), checkpoints.astype(np.uint32))


def own(noise: Noise, run: Any, points: Any, xp: Any = np) -> Any:
    """The normals [..., m, k] of runs with keys [..., 1] whose checkpoints have keys [..., m].

    [..., 1, k] where no metric draws at each checkpoint.
    """
    keys, axes = run, (-1, *(1,) * run.ndim)  # metrics first in between: long rows are quick
    if points is not None:
        keys = xp.where(noise.binomial.reshape(axes), points, keys)
    drawn = hashing.normal(hashing.fold(keys, noise.metric_words.reshape(axes)), xp)
    return drawn.transpose(*range(1, drawn.ndim), 0)  # quicker than moveaxis


def common(noise: Noise, seed: Any, xp: Any = np) -> Any:
    """The normals [..., b] that all runs of the episodes with `seed` [..., 2] share."""
    key = hashing.fold(hashing.key(seed), _COMMON_ARRAY)
    return hashing.normal(hashing.fold(key, noise.metric_words[noise.columns]), xp)
