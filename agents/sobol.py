"""Quasi-random search at the target: mixtures spread evenly instead of drawn independently."""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from agents import mixtures
from agents.randomness import generator
from agents.sampling import AtTarget
from mixenv import simplex
from mixenv.problem import Problem

_BLOCK = 64  # points made at a time: Sobol's balance is that of powers of two
_BARREN = 32  # blocks without one mixture under the cap, after which the others are projected


class Sobol(AtTarget):
    """Scrambled Sobol points, one a share, mapped to the simplex by exponential spacings.

    Shares are -log(u_i) / sum -log(u_j), u a point of the cube: uniform over the simplex (Devroye,
    "Non-uniform random variate generation", 1986, V.2). Points over the cap are passed over; where
    32 blocks of 64 hold none under it they are projected instead (Euclidean). A pool's recorded
    mixtures stand in for the points nearest to them. Every point is a full run at the target, and
    the best is recommended. Owen's scrambling takes the seed. Stores every observation; nothing
    changes above 1 024.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._points = qmc.Sobol(len(problem.domains), scramble=True, rng=generator(seed))
        self._waiting: list[np.ndarray] = []
        super().__init__(problem, seed)

    def draw(self) -> np.ndarray:
        """The next mixture [d] of the sequence."""
        barren = 0
        while not self._waiting:
            block = self._block()
            under = block.max(axis=1) <= self._problem.max_share
            barren += 1
            if barren > _BARREN:
                block, under = simplex.project(block, self._problem.max_share), under | True
            self._waiting = list(block[under])
        return mixtures.fit(self._problem, self._waiting.pop(0), self._problem.target[0])

    def _block(self) -> np.ndarray:
        """The next 64 points of the cube as mixtures [64, d] of the whole simplex."""
        cube = self._points.random(_BLOCK)
        spacings = -np.log(np.clip(cube, 1e-12, 1 - 1e-12))
        return spacings / spacings.sum(axis=1, keepdims=True)
