"""The generators of many episodes, and the words that seed each next one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium.utils import seeding

_AHEAD = 64  # words drawn at once: the same ones, without a call for every episode that begins


class Generators:
    """`n` generators, each drawing the words of its own episodes, as `Env.np_random` does."""

    def __init__(self, n: int) -> None:
        self._generators: list[np.random.Generator | None] = [None] * n
        self._seeds: list[int] = [-1] * n
        self._words = np.zeros((n, _AHEAD, 2), dtype=np.uint32)
        self._next = np.full(n, _AHEAD)

    def seed(self, seed: int | Sequence[int | None] | None, which: np.ndarray) -> None:
        """Seed the generators `which` with s, s + 1, ... of an int, or each with its own.

        None leaves a generator as it is. Raises ValueError for seeds of another number.
        """
        if seed is None:
            return
        n = len(self._seeds)
        seeds = [seed + i for i in range(n)] if isinstance(seed, int) else list(seed)
        if len(seeds) != n:
            raise ValueError(f"seed: expected {n} of them, got {len(seeds)}")
        for i in which.tolist():
            if seeds[i] is not None:
                self._seed_one(i, seeds[i])

    def _seed_one(self, i: int, seed: int | None) -> np.random.Generator:
        generator, self._seeds[i] = seeding.np_random(seed)
        self._generators[i], self._next[i] = generator, _AHEAD
        return generator

    def words(self, which: np.ndarray) -> np.ndarray:
        """The next two words [r, 2] of the generators `which` [r]."""
        at = self._next[which]
        for place in (at == _AHEAD).nonzero()[0].tolist():
            i = int(which[place])
            generator = self._generators[i] or self._seed_one(i, None)
            self._words[i] = generator.integers(2**32, size=(_AHEAD, 2))
            at[place] = 0
        self._next[which] = at + 1
        return self._words[which, at]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each generator."""
        return tuple(self._seeds[i] for i, _ in enumerate(self.all))

    @property
    def all(self) -> tuple[np.random.Generator, ...]:
        """The generators (ahead of their episodes: some words are drawn in advance)."""
        return tuple(g or self._seed_one(i, None) for i, g in enumerate(self._generators))
