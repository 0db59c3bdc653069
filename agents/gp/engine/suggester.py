"""A loop's engine: observations in, suggestions and predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from agents.gp.data import LARGEST, Data, keep, pad, standardise
from agents.gp.engine.buckets import bucket, screened, starts
from agents.gp.engine.kernel import constrain, origin
from agents.gp.engine.programs import programs
from agents.gp.engine.schedule import Schedule
from agents.gp.engine.search import Grid
from agents.gp.precision import float64
from mixenv import simplex

NEARBY = 64  # of the points scored first, those beside the best seen
_RADII = (0.02, 0.1)
_LEADERS = 8  # best observations, beside which the nearby points lie


@dataclass(frozen=True)
class Status:
    """How the last fit went."""

    converged: bool  # otherwise: the hyper-parameters are those of a first fit's start
    loss: float  # minus the log posterior density, in nats
    evaluations: int
    jitter: float  # added to the noise's variance, for standardised values


class Suggester:
    """A GP over (shares, place) that grows by an observation at a time, and suggests the next.

    `grid` [f, k] are the places at which a mixture may be tried, as features on [0, 1], and
    `penalty` [f] what is taken off the log EI there, in nats (none by default). Values are to be
    small. A suggestion maximises log EI less the penalty over the capped simplex times the grid.
    Between fits an observation is appended in O(N^2); `Schedule` says when to fit anew, from the
    last hyper-parameters and, while data are few, from others too. Above 1 024 observations the
    latest 512 and the best 512 others are kept. `status` [Status | None] tells of the last fit.
    """

    def __init__(
        self,
        shares: int,
        max_share: float,
        grid: np.ndarray,
        rng: np.random.Generator,
        penalty: np.ndarray | None = None,
    ) -> None:
        simplex.check_cap(shares, max_share)
        self._shares, self._max_share, self._rng = shares, max_share, rng
        self._grid = Grid(grid, np.zeros(len(grid)) if penalty is None else penalty)
        self._x: list[np.ndarray] = []
        self._y: list[float] = []
        self._free = origin(shares + grid.shape[1])
        self._posterior: Any = None
        self._used = self._size = 0  # rows of the posterior, and of its bucket
        self._centre, self._spread = 0.0, 1.0
        self._schedule = Schedule()
        self.status: Status | None = None

    def __len__(self) -> int:
        """How many observations it holds."""
        return len(self._y)

    def add(self, x: np.ndarray, y: float) -> bool:
        """Take an observation: features [d + k], value. False, and passed over, where not finite.

        Raises ValueError for features of another length.
        """
        x = np.asarray(x, dtype=np.float64)
        expected = self._shares + self._grid.places.shape[1]
        if x.shape != (expected,):
            raise ValueError(
                f"features: expected {expected}, shares then place, got shape {x.shape}; "
                "give one observation at a time"
            )
        if not (np.isfinite(x).all() and np.isfinite(y)):
            return False
        self._x.append(x)
        self._y.append(float(y))
        return True

    def suggest(self) -> np.ndarray:
        """Features [d + k] to try next; a uniform mixture at a random place before any value."""
        posterior = self._known("suggest") if self._y else None
        shares = self._starts(max(screened(self._size), len(self._grid.penalty)))
        places = self._rng.integers(len(self._grid.penalty), size=len(shares))
        best, place = shares[-1], places[-1]
        if posterior is not None:
            with float64():
                found = programs().search(posterior, self._grid, shares, places, self._max_share)
            found = jax.device_get(found)
            if np.isfinite(found.score[0]):
                best, place = found.shares[0], found.place[0]
        return np.concatenate([best, self._grid.places[place]])

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean [m] and sd [m] of the noise-free values at features [m, d + k].

        Raises ValueError before there is an observation.
        """
        with float64():
            mean, sd = programs().moments(self._known("predict"), _rounded_up(x))
        mean, sd = np.asarray(mean)[: len(x)], np.asarray(sd)[: len(x)]
        return self._centre + self._spread * mean, self._spread * sd

    def sample(self, x: np.ndarray, count: int) -> np.ndarray:
        """Joint draws [count, m] of the noise-free values at features [m, d + k].

        Raises ValueError before there is an observation.
        """
        normals = self._rng.normal(size=(count, len(x)))
        with float64():
            values = np.asarray(programs().draw(self._known("sample"), x, normals))
        return self._centre + self._spread * values

    @property
    def noise(self) -> float:
        """The sd of an observation's noise, as fitted. Raises ValueError before an observation."""
        return self._spread * float(np.sqrt(self._known("noise").hyper.noise))

    def _known(self, asked: str) -> Any:
        if not self._y:
            raise ValueError(f"{asked}: expected at least one observation, got none; add one")
        with float64():
            return self._current()

    def _current(self) -> Any:
        """The posterior of all observations: the old one appended to, or a new fit."""
        for row in range(self._used, len(self._y)):
            full = len(self._y) > LARGEST or bucket(len(self._y)) != self._size
            if full or self._schedule.due(row):
                self._fit()
                break
            self._append(row)
        if self._schedule.due(len(self._y)):
            self._fit()
        return self._posterior

    def _append(self, row: int) -> None:
        y = (self._y[row] - self._centre) / self._spread
        self._posterior, mean, variance = programs().append(self._posterior, row, self._x[row], y)
        mean, variance = jax.device_get((mean, variance))
        self._schedule.seen(float((y - mean) ** 2 / variance))
        self._used = row + 1

    def _fit(self) -> None:
        values = np.array(self._y)
        kept = keep(values)
        y, self._centre, self._spread = standardise(values[kept])
        self._size = bucket(len(kept))
        data = pad(np.array(self._x)[kept], y, self._size)
        self._learn(data)
        self._used = len(self._y)
        self._schedule.fitted(len(self._y))

    def _learn(self, data: Data) -> None:
        """Fit from the last hyper-parameters; failing that from the origin; failing that, there."""
        first = origin(data.x.shape[1])
        for last in (self._free, first):
            found = programs().learn(data, starts(last, self._size))
            free, finite, loss, evaluations = jax.device_get(found[1:])
            if finite:
                self._posterior, self._free = found.posterior, free
                self.status = Status(True, float(loss), int(evaluations), 0.0)
                return
        self._posterior, jitter = programs().condition(constrain(first), data)
        self._free = first
        self.status = Status(False, np.nan, int(evaluations), float(jitter))

    def _starts(self, count: int) -> np.ndarray:
        """Mixtures [c, d]: beside the best seen, some off the region, and uniform over it."""
        uniform = simplex.sample(self._rng, count, self._shares, self._max_share)
        if not self._y:
            return uniform
        leaders = np.argsort(self._y)[:_LEADERS]
        beside = np.array(self._x)[np.resize(leaders, NEARBY), : self._shares]
        radii = np.resize(np.repeat(_RADII, _LEADERS), NEARBY)[:, None]
        uniform[:NEARBY] = beside + radii * self._rng.normal(size=beside.shape)
        return uniform


def _rounded_up(x: np.ndarray) -> np.ndarray:
    """Features with rows repeated up to a power of two, so that few sizes compile."""
    size = 1 << (len(x) - 1).bit_length()
    return np.resize(x, (size, x.shape[1])) if size != len(x) else x
