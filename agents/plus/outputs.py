"""What is modelled, and how the objective follows from it: parts, the objective itself, or what
its companions tell of it and the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.plus.priors import Doubt
from agents.plus.settings import Settings
from mixenv.metrics import Metric
from mixenv.noise import HALF
from mixenv.objective import Objective


class Moments(NamedTuple):
    """The objective's mean [a] and variance [a], and each output's weight [M, a] in it."""

    mean: np.ndarray
    variance: np.ndarray
    weights: np.ndarray


class Outputs:
    """The metrics in an objective, M of them; or, with `parts` off, the objective as only one.

    An objective with an accuracy in it has two, where losses were measured beside: see
    `agents.plus.companions`. Without the problem's `metrics` there are no companions. A row keeps
    `columns` values: those modelled, or the objective and its companions.

    A sum has exact moments. The largest of several is integrated over fixed normal draws; there an
    output's weight is its gain times the probability that it is the largest. `counted` says that an
    accuracy of known items is in the objective; `plain` that it is one metric, and none of those:
    there scale and steps are bent, and decisions have a `doubt`; else that is None; `losses` that
    it is neither, so several losses for all that is known of it. `shared` is the
    variance that no number of runs removes: accuracies are of the same items every time.
    """

    def __init__(
        self, objective: Objective, settings: Settings, metrics: Sequence[Metric] = ()
    ) -> None:
        self.companions = _companions(objective, metrics) if settings.companions else []
        parts = settings.parts and not self.companions
        self._whole = None if parts else objective
        self._index = list(objective.index)
        gain = objective.gain if parts else (1.0,) * (1 + bool(self.companions))
        self.gain = np.array(gain)[:, None]
        self.shift = np.array(objective.shift if parts else (0.0,) * len(gain))[:, None]
        self.worst = objective.worst and parts
        self.count = len(gain)
        self.columns = 1 + len(self.companions) if self.companions else self.count
        self.counted = _counted(objective, metrics)
        self.accuracies = self._accuracies(objective, metrics, parts)
        self.plain = bool(metrics) and len(objective.index) == 1 and not self.counted
        self.losses = not (self.counted or self.plain)
        self.shared = _shared(objective, metrics)
        rough = self.plain and settings.rough_effect
        self.doubt = Doubt(0.0, rough, settings.rough_reach) if rough else None
        rng = np.random.default_rng(0)
        self._draws = rng.standard_normal((settings.worst_draws, self.count, 1))
        self._common = rng.standard_normal((settings.worst_draws, 1, 1))

    def _accuracies(
        self, objective: Objective, metrics: Sequence[Metric], parts: bool
    ) -> np.ndarray:
        """What each output [M] changes by when every accuracy in the objective does by one."""
        counted = [bool(metrics) and metrics[i].items is not None for i in objective.index]
        if parts:
            return np.array(counted, dtype=float)
        return np.array([0.0] * (self.count - 1) + [np.abs(objective.gain) @ counted])

    def of(self, metrics: np.ndarray) -> np.ndarray:
        """A row's columns [..., C] of metrics [..., k]."""
        if self._whole is None:
            return metrics[..., self._index]
        value = np.asarray(self._whole(metrics))[..., None]
        return np.concatenate([value, metrics[..., self.companions]], axis=-1)

    def value(self, columns: np.ndarray) -> np.ndarray:
        """The objective [...] of a row's columns [..., C]."""
        if self.companions:
            return columns[..., 0]
        terms = (columns - self.shift[:, 0]) * self.gain[:, 0]
        return terms.max(-1) if self.worst else terms.sum(-1)

    def moments(self, mean: np.ndarray, variance: np.ndarray, correlation: float = 0.0) -> Moments:
        """The objective's moments from outputs' means and variances [M, a].

        `correlation`: of what each adds to the objective, between outputs.
        """
        mean, variance = (mean - self.shift) * self.gain, variance * self.gain**2
        if not self.worst:
            alike = np.sqrt(variance).sum(0) ** 2
            total = (1 - correlation) * variance.sum(0) + correlation * alike
            return Moments(mean.sum(0), total, np.broadcast_to(self.gain, mean.shape))
        own, common = np.sqrt(1 - correlation), np.sqrt(correlation)
        drawn = mean + np.sqrt(variance) * (own * self._draws + common * self._common)
        largest = drawn.max(1)
        likely = (drawn == largest[:, None]).mean(0)
        return Moments(largest.mean(0), largest.var(0), self.gain * likely)


def _companions(objective: Objective, metrics: Sequence[Metric]) -> list[int]:
    """Positions of the losses that help: all of them, where an accuracy is in the objective."""
    if objective.worst or not _counted(objective, metrics):
        return []
    return [i for i, metric in enumerate(metrics) if metric.is_loss]


def _shared(objective: Objective, metrics: Sequence[Metric]) -> float:
    """What choosing the items adds to an accuracy's variance, half of 1 / 4 over their number.

    At most: p (1 - p) is 1 / 4 or less. The other half is a run's own, see `mixenv.noise`.
    """
    if not metrics:
        return 0.0
    pairs = zip(objective.gain, (metrics[i].items for i in objective.index), strict=True)
    each = [HALF * gain**2 / (4 * items) for gain, items in pairs if items is not None]
    return max(each, default=0.0) if objective.worst else sum(each)


def _counted(objective: Objective, metrics: Sequence[Metric]) -> bool:
    """Whether an accuracy of known items is in it. Unknown metrics are taken for none."""
    return bool(metrics) and any(metrics[i].items is not None for i in objective.index)
