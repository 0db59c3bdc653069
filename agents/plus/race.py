"""A race of extreme blends: all of them shortly and cheaply, the best few longer and larger."""

from __future__ import annotations

from itertools import chain, zip_longest

import numpy as np

from agents.plus.blends import blends, distinct
from agents.plus.round import Round
from agents.plus.rungs import Rung, heat, meeting, rungs
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Problem

_FEW = 3  # at most, that go on from the round that the midpoint joins


class Race:
    """Rounds of one run a mixture; the best of a round go on to the next, dearer one.

    Successive halving (Jamieson & Talwalkar 2016) over scales as well as steps, of the points of a
    classical mixture design (extreme vertices and centroids, McLean & Anderson 1966). Where a
    surface is too rough to be interpolated from few runs, runs at one fidelity are still compared
    without a model. Failed runs drop out. Before the first round at another scale the leader and
    equal shares are run at one near the target's: where equal shares are ahead cheap runs mislead,
    and the race begins again at a larger scale, half of it with those that came last, as cheap runs
    may rank the other way round; equal shares lead until two of those ran at the target's scale.
    The midpoint of the best two joins the first round at the target's scale that few go on from.
    After the last round, and one run of anybody's choice, comes a heat of those next in line that
    never ran there: a model of few dear runs would rather try mixtures that were far behind at
    every cheap scale. That one run shows how far off the model is elsewhere.
    """

    def __init__(self, problem: Problem, settings: Settings, rng: np.random.Generator) -> None:
        self._rungs = rungs(problem, settings, settings.race_rounds)
        self._again = rungs(problem, settings, settings.race_again)
        self._heat = heat(problem, settings)
        self._tried = np.zeros((0, len(problem.domains)))  # at the target's scale, meeting aside
        self._problem, self._settings = problem, settings
        self._all = blends(problem, settings, self._rungs[0].most, rng)
        self._leader: np.ndarray | None = None  # [d] of the last round that ended
        self._check = meeting(problem, settings, self._rungs)
        self._checked = self._joined = False  # whether the leader met equal shares, a midpoint came
        self.over = False  # the leader is found: a heat only adds to what may be recommended
        self._next_in_line = self._tried  # [n, d] once it is over
        self._round: Round | None = None
        rounds = self._rungs + self._heat
        self.size = 2 + sum(rung.most for rung in rounds)  # runs in all, unless it misled
        self.misled = False
        self._begin(self._all, np.zeros(len(self._all)), moves=False)

    @property
    def best(self) -> np.ndarray | None:
        """The best [d] of the last round that ended; None in the first.

        At the target's scale of this one, once its first is told, if that led before (else it is a
        heat). Of those that began again once two are told: one alone is compared with nothing.
        """
        now, leader = self._round, self._leader
        if now is None or leader is None or not now.at_target:
            return leader
        if self.misled and not self.over:
            goes_on = now.told > 1
        else:
            goes_on = now.led and _among(now.members[:1], leader[None])
        return now.members[now.ranked()[0][0]] if goes_on else leader

    def waiting(self) -> list[Experiment]:
        """The runs of this round that were not told yet, in order."""
        return self._round.waiting() if self._round else []

    def add(self, experiment: Experiment, value: float, onward: float = np.nan) -> bool:
        """Take the objective of one of this round's runs, not finite if it failed; others pass.

        `onward` is what the trend that it ends with would add up to the target, NaN if not known.
        Whether other runs follow now, or none.
        """
        if self._round is None:
            return self._starts_heat()
        if not self._round.take(experiment, value, onward):
            return False
        if self._round.waiting() and not self._round.beaten:
            return False
        self._go_on(self._round)
        return True

    def _begin(self, queue: np.ndarray, scores: np.ndarray, moves: bool) -> None:
        """The next round, of the first of the mixtures [n, d] still in the race, best first."""
        self._round = None
        if not self._rungs or not len(queue):
            if not self.over:
                self.over, self._next_in_line = True, queue
            return
        rung, equal = self._rungs[0], self._all[:1]
        if moves and not self._checked and not _among(queue[:1], equal):
            self._checked, self._expects, self._rest = True, False, (queue, scores)
            self._round = self._new(self._check, np.append(queue[:1], equal, 0), np.zeros(2), 1)
            return
        self._expects = self._takes_midpoint
        count = rung.most - self._expects
        self._rest = queue[count:], scores[count:]
        self._round = self._new(rung, queue[:count], scores[:count])

    def _new(self, rung: Rung, members: np.ndarray, before: np.ndarray, control: int = -1) -> Round:
        return Round(rung, members, before, self._problem.target[0], self._settings, control)

    @property
    def _takes_midpoint(self) -> bool:
        """Whether this round keeps a place for the midpoint of its best two."""
        rung, *later = self._rungs
        at_target = rung.scale == self._problem.target[0]
        few = bool(later) and later[0].most <= _FEW
        return at_target and few and rung.most > 2 and not self._joined

    def _go_on(self, ended: Round) -> None:
        order, scores = ended.ranked()
        ranked = ended.members[order]
        if self._expects and len(order) > 1:
            self._expects, self._joined = False, True
            middle = ranked[:2].mean(axis=0)
            if not _among(ended.members, middle[None]):
                ended.join(middle)
                return
        if len(order) and not self.over and (ended.at_target or not self.misled):
            self._leader = ranked[0]
        if ended.control >= 0:
            self._has_met(ended)
            return
        if ended.at_target:
            self._tried = np.concatenate([self._tried, ended.members])
        self._rungs = self._rungs[1:]
        moves = bool(self._rungs) and self._rungs[0].scale != ended.rung.scale
        queue = np.concatenate([ranked, self._rest[0]])
        self._begin(queue, np.concatenate([scores, self._rest[1]]), moves)

    def _starts_heat(self) -> bool:
        """Begin with those that never ran at the target's scale, unless there was a heat."""
        queue, self._next_in_line = self._next_in_line, self._next_in_line[:0]
        fresh = [not _among(self._tried, mixture[None]) for mixture in queue]
        self._rungs = self._heat
        self._begin(queue[fresh], np.zeros(sum(fresh)), moves=False)
        return self._round is not None

    def _has_met(self, ended: Round) -> None:
        """Go on after the leader met equal shares, afresh where those beat it."""
        queue, scores = self._rest  # the leader first
        if ended.beaten:
            self._leader = self._all[0]
            self.misled, self._rungs = True, self._again
            afresh = self._afresh(queue)
            self._begin(afresh, np.zeros(len(afresh)), moves=False)
            return
        failed = int(len(ended.ranked()[0]) == 0)
        queue, scores = queue[failed:], scores[failed:]
        if len(queue):
            self._leader = queue[0]
        self._begin(queue, scores, moves=False)

    def _afresh(self, queue: np.ndarray) -> np.ndarray:
        """All mixtures [n, d]: equal shares, then by turns the last of the queue and any other."""
        turns = zip_longest(queue[::-1], self._all[1:], fillvalue=self._all[0])
        return distinct([self._all[0], *chain.from_iterable(turns)])


def _among(members: np.ndarray, mixture: np.ndarray) -> bool:
    """Whether a mixture [1, d] is one of some [n, d]."""
    return bool(np.isclose(members, mixture, rtol=0, atol=1e-9).all(axis=1).any())
