"""A race of extreme blends: all of them shortly and cheaply, the best few longer and larger."""

from __future__ import annotations

import numpy as np

from agents.history import same_run
from agents.plus.blends import blends
from agents.plus.rungs import rungs
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem


class Race:
    """Rounds of one run a mixture; the best of a round go on to the next, dearer one.

    Successive halving (Jamieson & Talwalkar 2016) over scales as well as steps, of the points of a
    classical mixture design (extreme vertices and centroids, McLean & Anderson 1966). Where a
    surface is too rough to be interpolated from few runs, runs at one fidelity are still compared
    without a model. Failed runs drop out. Equal shares go along to the first round at the target's
    scale: where they beat there what was preferred to all others, cheap runs mislead, and the race
    begins again at a larger scale.
    """

    def __init__(self, problem: Problem, settings: Settings, rng: np.random.Generator) -> None:
        self._rungs = rungs(problem, settings, settings.race_rounds)
        self._again = rungs(problem, settings, settings.race_again)
        self._target = problem.target[0]
        self._all = blends(problem, settings, self._rungs[0].most, rng)
        self._members, self._control = self._all, self._all[0]  # the preferred first
        self._extra = False  # whether the second of the members is the control
        self._values = np.full(len(self._members), np.nan)
        self._leader: np.ndarray | None = None  # [d] of the last round that ended
        self.size = 1 + sum(rung.most for rung in self._rungs)  # runs in all, unless it misled
        self.misled = False

    @property
    def best(self) -> np.ndarray | None:
        """The best [d] of this round once its first is told, of the last one before."""
        known = np.isfinite(self._values)
        if self._leader is None or not known.any() or np.isnan(self._values[0]):
            return self._leader
        return self._members[np.where(known, self._values, np.inf).argmin()]

    def waiting(self) -> list[Experiment]:
        """The runs of this round that were not told yet, in order."""
        left = self._members[np.isnan(self._values)]
        return [Experiment(mixture.copy(), *self._rungs[0][:2]) for mixture in left]

    def add(self, experiment: Experiment, value: float) -> bool:
        """Take the objective of one of this round's runs, not finite if it failed; others pass.

        Whether it ended the round.
        """
        left = np.flatnonzero(np.isnan(self._values))
        found = [i for i, e in zip(left, self.waiting(), strict=True) if same_run(experiment, e)]
        if not found:
            return False
        self._values[found[0]] = value if np.isfinite(value) else np.inf
        if len(left) > 1 and not self._beaten:
            return False
        self._promote()
        return True

    @property
    def _beaten(self) -> bool:
        """Whether equal shares are ahead of the first of those preferred to them."""
        if not self._extra:
            return False
        others = np.delete(self._values, 1)
        return bool((self._values[1] < others[~np.isinf(others)][:1]).any())

    def _promote(self) -> None:
        order = np.argsort(self._values, kind="stable")  # what was not told last
        ranked = self._members[order[np.isfinite(self._values[order])]]
        self._leader = ranked[0] if len(ranked) else self._leader
        before = self._rungs[0]
        if self._beaten:
            self.misled, self._rungs, ranked = True, self._again, self._all
        else:
            self._rungs = self._rungs[1:]
        self._members = ranked[: self._rungs[0].most if self._rungs else 0]
        arrives = bool(self._rungs) and before.scale != self._rungs[0].scale == self._target
        alone = len(ranked) == 0 or self._leads(self._control)
        self._extra = arrives and not self.misled and not alone
        if self._extra:
            self._members = np.insert(self._members, 1, self._control, axis=0)
        self._values = np.full(len(self._members), np.nan)

    def _leads(self, mixture: np.ndarray) -> bool:
        return bool((self._members == mixture).all(axis=1).any())
