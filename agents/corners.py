"""Corners: the extreme points of the region and nothing else. No model, no interior."""

from __future__ import annotations

from math import comb

import numpy as np

from agents.grid import fraction_steps
from agents.history import History, same_run
from agents.randomness import generator
from mixenv import simplex
from mixenv.problem import Experiment, Outcome, Problem

SHORT = 1 / 19.5  # of the target's steps: 1 000 of 19 500
LIMIT = 256


def extreme_points(problem: Problem, rng: np.random.Generator) -> np.ndarray:
    """Extreme points [m, d] of the region; above 256 of them, that many drawn at random.

    Where only recorded mixtures can be had: of each domain, the one with the largest share.
    """
    pool = problem.pools.get(problem.target[0])
    if pool is not None:
        return pool[np.unique(pool.argmax(axis=0))]
    domains, cap = len(problem.domains), problem.max_share
    full = int(1 / cap + 1e-9)
    if comb(domains, full) * (domains - full if full * cap < 1 - 1e-9 else 1) <= LIMIT:
        return simplex.extremes(domains, cap)
    order = rng.permuted(np.tile(np.arange(domains), (LIMIT, 1)), axis=1)
    filled = np.clip(1 - cap * order, 0, cap)  # the k-th share takes what k caps leave
    return np.unique(filled / filled.sum(axis=1, keepdims=True), axis=0)


class Corners:
    """One short run (1 000 of 19 500 steps, target scale) at each extreme point of the region.

    Recommends the best at the most steps. When all are done, the better half is resumed to twice
    the steps, best first, and so on until one reaches the target; then every other point is
    trained to the target, best first, and after that the best point is run again. Above 1 024
    observations nothing changes.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._history = History(problem)
        self._points = extreme_points(problem, generator(seed))
        self._reached = np.zeros(len(self._points), dtype=np.int64)
        self._values = np.full(len(self._points), np.inf)
        self._plan(np.arange(len(self._points)), fraction_steps(problem, SHORT))

    def ask(self) -> Experiment:
        """The next point of the round, to the round's steps."""
        return Experiment(self._points[self._queue[0]], self._problem.target[0], self._steps)

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; the last of a round plans the next."""
        asked, point = self.ask(), self._queue[0]
        value = self._history.add(experiment, outcome)
        if not same_run(experiment, asked):
            return
        self._values[point] = value
        self._reached[point] = self._steps
        self._queue = self._queue[1:]
        if not len(self._queue):
            self._next_round()

    def recommend(self) -> np.ndarray:
        """The extreme point [d] of the best value at the most steps."""
        return self._history.best_at_most_steps()

    def _plan(self, points: np.ndarray, steps: int) -> None:
        self._queue, self._steps, self._size = points, steps, len(points)

    def _next_round(self) -> None:
        target = self._problem.target[1]
        ranked = np.lexsort((self._values, -self._reached))  # most steps first, then best
        behind = ranked[self._reached[ranked] < target]
        if self._steps < target:
            longer = fraction_steps(self._problem, 2 * self._steps / target)
            longer = longer if longer > self._steps else target
            self._plan(ranked[: max(1, self._size // 2)], longer)
        else:
            self._plan(behind if len(behind) else ranked[:1], target)
