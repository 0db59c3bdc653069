"""Cheapest-scale transfer: search where runs cost least, and trust the ranking."""

from __future__ import annotations

import numpy as np

from agents.proxy import ENOUGH, Proxy
from mixenv.problem import Problem


class Transfer(Proxy):
    """Random search at the cheapest scale, full length; recommends the best there.

    What is done with "proxy models". After 512 such runs (or half the budget) its best are trained
    at the target, each at least 0.1 in total variation from the others, and the best there is
    recommended. Where ranks change with scale it is wrong from the start, and the checks are drawn
    from the wrong end. Stores every observation; nothing changes above 1 024.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        super().__init__(problem, seed)
        self._scale = self._fidelities[0][0]

    def ranked(self) -> np.ndarray:
        """The mixtures [m, d] trained at the cheapest scale, those trained longest alone."""
        order = sorted(self._full(), key=self._history.values.__getitem__)
        return np.array([self._history.experiments[i].mixture for i in order])

    def first(self) -> np.ndarray | None:
        """The best of them [d]."""
        full = self._full()
        if not full:
            return None
        return self._history.experiments[min(full, key=self._history.values.__getitem__)].mixture

    def _full(self) -> list[int]:
        """Positions of the runs at the cheapest scale that are about as long as the longest."""
        steps = {
            i: e.steps for i, e in enumerate(self._history.experiments) if e.scale == self._scale
        }
        longest = max(steps.values(), default=0)
        return [i for i, reached in steps.items() if reached >= ENOUGH * longest]
