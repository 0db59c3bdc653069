"""Grid search at the target: the lattice of the simplex, coarse first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from math import ceil, comb

import numpy as np

from agents import mixtures
from agents.randomness import generator
from agents.sampling import AtTarget
from mixenv import simplex
from mixenv.problem import Problem

_LIMIT = 20_000  # points of a lattice, above which it is not listed
_NEAR = 500  # and of one whose points the rows of a pool are found near


class Grid(AtTarget):
    """Mixtures whose shares are multiples of 1/2, then of 1/3, 1/4, ...; each a full target run.

    Begins with equal shares. A level's points come in an order shuffled by the seed, those of
    coarser levels left out; after the last level of at most 20 000 points, uniform draws. Of a
    pool, the recorded mixtures nearest to the points, then the other ones, then all again.
    Recommends the best. Stores every observation; nothing changes above 1 024.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._order = generator(seed)
        pool = mixtures.recorded(problem, problem.target[0])
        self._points = self._new_points(problem) if pool is None else self._rows(problem, pool)
        super().__init__(problem, seed)

    def draw(self) -> np.ndarray:
        """The next point [d]."""
        return next(self._points)

    def _new_points(self, problem: Problem) -> Iterator[np.ndarray]:
        """Points [d], none twice; then draws for ever."""
        seen = set[bytes]()
        for point in self._levels(problem, _LIMIT):
            key = np.round(point, 9).tobytes()
            if key not in seen:
                seen.add(key)
                yield point
        while True:
            yield problem.region.sample(self._order, 1)[0]

    def _rows(self, problem: Problem, pool: np.ndarray) -> Iterator[np.ndarray]:
        """The rows [d] of a pool, each once, in the order in which the points come upon them."""
        scale = problem.target[0]
        near = [mixtures.fit(problem, point, scale) for point in self._levels(problem, _NEAR)]
        rows = np.concatenate([near, pool[self._order.permutation(len(pool))]])
        _, first = np.unique(rows, axis=0, return_index=True)
        return cycle(rows[np.sort(first)])

    def _levels(self, problem: Problem, limit: int) -> Iterator[np.ndarray]:
        """Equal shares, then the points [d] of every level of at most `limit`."""
        domains, parts = len(problem.domains), 2
        yield np.full(domains, 1 / domains)
        while comb(parts + domains - 1, domains - 1) <= limit:
            if ceil(parts / domains) / parts <= problem.max_share:  # else it has no point
                level = simplex.lattice(domains, parts, problem.max_share)
                yield from level[self._order.permutation(len(level))]
            parts += 1
