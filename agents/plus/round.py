"""One round of a race: who runs in it, what they showed, and how that ranks them."""

from __future__ import annotations

import numpy as np

from agents.history import same_run
from agents.plus.rungs import Rung
from agents.plus.settings import Settings
from mixenv.problem import Experiment


class Round:
    """Runs of some mixtures at one fidelity.

    Below the target's scale no fidelity is trusted alone: values, standardised, count with a part
    of the score before. At the target's scale they count alone, with a part of what the trend that
    they end with would add. Failed runs are not ranked.
    """

    def __init__(
        self,
        rung: Rung,
        members: np.ndarray,
        before: np.ndarray,
        scale: float,
        settings: Settings,
        control: int,
    ) -> None:
        """Of mixtures [m, d], scores [m] before; `scale` is the target's.

        `control`: where equal shares are that only go along, -1: nowhere.
        """
        self.rung, self.members, self._before = rung, members, before
        self.control = control
        self.at_target = rung.scale == scale
        self._trend, self._memory = settings.race_trend, settings.race_memory
        self._values = np.full(len(members), np.nan)
        self._onward = np.full(len(members), np.nan)

    def waiting(self) -> list[Experiment]:
        """The runs that were not told yet, in order."""
        left = self.members[np.isnan(self._values)]
        return [Experiment(m.copy(), self.rung.scale, self.rung.steps) for m in left]

    def take(self, experiment: Experiment, value: float, onward: float) -> bool:
        """Note what a run showed, and what its trend would add. Whether it is of this round."""
        left = np.flatnonzero(np.isnan(self._values))
        found = [i for i, e in zip(left, self.waiting(), strict=True) if same_run(experiment, e)]
        if found:
            self._values[found[0]] = value if np.isfinite(value) else np.inf
            self._onward[found[0]] = onward
        return bool(found)

    def join(self, mixture: np.ndarray) -> None:
        """One more mixture [d], of no score before."""
        self.members = np.concatenate([self.members, mixture[None]])
        self._before = np.append(self._before, np.nan)
        self._values = np.append(self._values, np.nan)
        self._onward = np.append(self._onward, np.nan)

    @property
    def led(self) -> bool:
        """Whether the first, which led before, was told and did not fail."""
        return bool(np.isfinite(self._values[:1]).any())

    @property
    def told(self) -> int:
        """How many were told and did not fail."""
        return int(np.isfinite(self._values).sum())

    @property
    def beaten(self) -> bool:
        """Whether equal shares are ahead of the first of those preferred to them."""
        if self.control < 0:
            return False
        others = np.delete(self._values, self.control)
        return bool((self._values[self.control] < others[~np.isinf(others)][:1]).any())

    def ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions [r] of those that did not fail, the best first, and their scores [r].

        Without equal shares where they only go along.
        """
        score = self._score()
        if self.control >= 0:
            score[self.control] = np.nan
        order = np.argsort(score, kind="stable")
        return order[np.isfinite(score[order])], np.sort(score[np.isfinite(score)])

    def _score(self) -> np.ndarray:
        values = np.where(np.isfinite(self._values), self._values, np.nan)
        if not self.at_target:
            return _standard(values) + self._memory * _standard(self._before)
        trend = self._trend * self._onward
        return values + trend if np.isfinite(trend[np.isfinite(values)]).all() else values


def _standard(values: np.ndarray) -> np.ndarray:
    """Values of mean 0 and sd 1, those that are equal 0; not finite ones stay so."""
    known = values[np.isfinite(values)]
    spread = known.std() if len(known) else 0.0
    return (values - known.mean()) / spread if spread > 0 else values * 0.0
