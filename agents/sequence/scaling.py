"""Objectives as the network reads them: z = (y - level of that scale and steps) / unit.

Both are constants of a decision. The unit is the one under which the network finds what was told
most likely (empirical Bayes), chosen again when there is a fifth more. A level is the objective of
the centroid. At the scale and steps that the design is seen at it is that of a linear regression;
elsewhere the mean of what the outcomes there exceed the network's prediction by, from those
already levelled. A first outcome at new steps so shows its level and nothing more: mixtures are
compared with others at the same scale and steps.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from agents.sequence.belief import Belief, evidence
from agents.sequence.fidelity import Fidelity
from agents.sequence.weights import Weights

_UNITS = 2.0 ** np.arange(-3, 3.5, 0.5)  # times the sd of what a regression leaves, and explains
_LEVELS = np.arange(-1, 1.05, 0.25)  # in units
_RIDGE = 0.3
_FIRST = 24  # outcomes of the design


@dataclass(frozen=True)
class Scaling:
    """Levels by (scale, steps), in the objective's unit as `unit` is."""

    levels: dict[Fidelity, float]
    unit: float

    def z(self, values: np.ndarray, where: list[Fidelity]) -> np.ndarray:
        """z [n] of objectives [n] at known scales and steps."""
        return (values - np.array([self.levels[f] for f in where])) / self.unit


@dataclass(frozen=True)
class Observed:
    """Outcomes in order: points x [n, p], objectives [n] and their (scale, steps)."""

    x: np.ndarray
    values: np.ndarray
    where: list[Fidelity]

    def at(self, fidelities: set[Fidelity]) -> np.ndarray:
        """Positions of the outcomes there."""
        return np.flatnonzero([f in fidelities for f in self.where])


def unit(weights: Weights, told: Observed) -> float:
    """The unit of the greatest evidence: of the design's scale and steps, then of all outcomes."""
    at = told.at({_in_order(told)[0]})
    x, values = told.x[at], told.values[at]
    level, spread = _regression(x, values)
    best = spread
    for _ in range(2):
        best = _likeliest(weights, x, values - level, spread)
        levels = level + best * _LEVELS
        level = levels[evidence(weights, x, (values - levels[:, None]) / best).argmax()]
    if len(at) == len(told.values):
        return best
    for _ in range(2):
        away = scaling(weights, told, best).z(told.values, told.where) * best
        best = _likeliest(weights, told.x, away, max(float(away.std()), 1e-3 * spread))
    return best


def _likeliest(weights: Weights, x: np.ndarray, away: np.ndarray, spread: float) -> float:
    """Of units about `spread`, the one that makes values `away` [n] from their level likeliest."""
    tried = spread * _UNITS
    each = evidence(weights, x, away / tried[:, None]) - len(x) * np.log(tried)  # of the values
    return float(tried[each.argmax()])


def scaling(weights: Weights, told: Observed, unit: float | None = None) -> Scaling:
    """Levels of every scale and steps told, the commonest first, in a unit if known."""
    order = _in_order(told)
    at = told.at({order[0]})
    level, spread = _regression(told.x[at], told.values[at])
    known = Scaling({order[0]: level}, spread if unit is None else unit)
    for f in order[1:]:
        done, new = told.at(set(known.levels)), told.at({f})
        z = known.z(told.values[done], [told.where[i] for i in done])
        mean, _ = Belief(weights, told.x[done], z).now(told.x[new])
        found = float((told.values[new] - known.unit * mean).mean())
        known = Scaling({**known.levels, f: found}, known.unit)
    return known


def _in_order(told: Observed) -> list[Fidelity]:
    """Scales and steps: the commonest of the first outcomes, then those of most outcomes."""
    first = Counter(told.where[:_FIRST]).most_common(1)[0][0]
    counts = Counter(told.where)
    return sorted(counts, key=lambda f: (f != first, -counts[f]))


def _regression(x: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The value at the centroid, and the sd of all, where mixtures x [n, p] act linearly."""
    roots = x[:, :-2]
    present = (x[:, :-2] > -1).any(0)
    centroid = np.where(present, 2.5 * ((1 / max(present.sum(), 1)) ** 0.5 - 0.4), -1.0)
    mean = values.mean()
    away, here = values - mean, roots - roots.mean(0)
    inner = here.T @ here + _RIDGE * max(len(x), 1) * np.eye(here.shape[1])
    level = mean + (centroid - roots.mean(0)) @ np.linalg.solve(inner, here.T @ away)
    least = 1e-9 * max(1.0, abs(mean))
    return float(level), float(max(away.std(), least))
