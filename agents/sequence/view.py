"""A problem as the network sees it: mixtures, scales and steps in, the objective out."""

from __future__ import annotations

import numpy as np

from agents.plus.rows import Rows
from agents.sequence import scaling
from agents.sequence.belief import Belief, Imagined
from agents.sequence.fidelity import Fidelity, place
from agents.sequence.grouping import groups, merged
from agents.sequence.inputs import features
from agents.sequence.scaling import Observed
from agents.sequence.settings import Settings
from agents.sequence.weights import Weights
from mixenv.problem import Problem


class View:
    """What is believed given some rows, at least one. Changes nothing; z unless said otherwise.

    `unit` of the objective as chosen before; None chooses it.
    """

    def __init__(
        self,
        problem: Problem,
        settings: Settings,
        weights: Weights,
        rows: Rows,
        unit: float | None = None,
    ) -> None:
        self._problem, self._settings = problem, settings
        rows = rows.take(kept(len(rows), settings.tokens))
        where = [(float(s), int(t)) for s, t in zip(rows.scales, rows.steps, strict=True)]
        values = rows.values[:, 0]
        self._groups = _groups(rows.mixtures, values, where)
        x = self.points(rows.mixtures, rows.scales, rows.steps)
        self._told = Observed(x, values, where)
        self.unit = scaling.unit(weights, self._told) if unit is None else unit
        self.scaling = scaling.scaling(weights, self._told, self.unit)
        self._belief = Belief(weights, x, self.scaling.z(values, where))

    def points(self, mixtures: np.ndarray, scales: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """The network's x [n, p] of mixtures [n, d] at scales [n] and steps [n]."""
        u, v = place(self._problem, scales, steps)
        return features(merged(mixtures, self._groups), u, v)

    def at(self, mixtures: np.ndarray, fidelity: Fidelity) -> np.ndarray:
        """The network's x [n, p] of mixtures [n, d] at one scale and steps."""
        ones = np.ones(len(mixtures))
        return self.points(mixtures, fidelity[0] * ones, fidelity[1] * ones)

    def now(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictive mean and sd [n], noise included, of z at points [n, p]."""
        return self._belief.now(points)

    def target(self, mixtures: np.ndarray) -> np.ndarray:
        """Predictive mean [n] of z of mixtures [n, d] at the target."""
        return self.now(self.at(mixtures, self._problem.target))[0]

    def imagine(self, candidates: np.ndarray, rng: np.random.Generator) -> Imagined:
        """Multi-step draws, each at as many of the candidates [c, d] at the target as anchors."""
        points, wanted = self.at(candidates, self._problem.target), self._settings
        orders = rng.permuted(np.tile(np.arange(len(points)), (wanted.draws, 1)), axis=1)
        while orders.shape[1] < wanted.anchors:
            orders = np.concatenate([orders, orders], axis=1)
        return self._belief.imagine(points[orders[:, : wanted.anchors]], int(rng.integers(2**31)))

    def objective(
        self, mixtures: np.ndarray, fidelity: Fidelity, imagined: Imagined
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective, in its own unit."""
        points = self.at(mixtures, fidelity)
        drawn, _ = imagined.at(points)
        level, spread = self._level(fidelity)
        sd = np.hypot(self.unit * drawn.std(axis=0, ddof=1), spread)
        return level + self.unit * self.now(points)[0], np.maximum(sd, 1e-3 * self.unit)

    def _level(self, fidelity: Fidelity) -> tuple[float, float]:
        """The level there and how far it may be off: 0 where known, else of a trend."""
        known = self.scaling.levels
        if fidelity in known:
            return known[fidelity], 0.0
        return _trend(known, fidelity)


def kept(n: int, most: int) -> np.ndarray:
    """Which of n outcomes are shown: all, or three eighths from the first and the rest latest."""
    if n <= most:
        return np.arange(n)
    first = most * 3 // 8
    return np.concatenate([np.arange(first), np.arange(n - most + first, n)])


def _groups(mixtures: np.ndarray, values: np.ndarray, where: list[Fidelity]) -> np.ndarray:
    commonest = max(dict.fromkeys(where), key=where.count)
    at = [i for i, f in enumerate(where) if f == commonest]
    return groups(mixtures[at], values[at])


def _trend(known: dict[Fidelity, float], fidelity: Fidelity) -> tuple[float, float]:
    """A level on a plane over log scale and log steps, through that of the nearest one known.

    It may be off by half of what the plane moves between the two.
    """
    places, levels = np.log(np.array(list(known))), np.array(list(known.values()))
    asked = np.log(np.array(fidelity))
    nearest = np.abs(places - asked).sum(1).argmin()
    here = places - places[nearest]
    inner = here.T @ here + 1e-3 * np.eye(2)
    slope = np.linalg.solve(inner, here.T @ (levels - levels[nearest]))
    move = float((asked - places[nearest]) @ slope)
    return float(levels[nearest]) + move, abs(move) / 2
