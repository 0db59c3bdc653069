"""Synthetic surfaces in closed form: a name in, losses with a known optimum out, in NumPy or JAX.

Loss m (nats per token) of mixture w at scale N (parameters) after t steps is

    E_m + A_m x + B_m y + r Q_m(w) + sqrt(1 - r^2) R_m(w),
    x = (N_max / N)^(1/4),  y = (T / t)^(1/2),  Q_m(w) = a_m |w - c_m|^2 / 2,  R_m(w) = g_m b . w.

At the largest scale N_max and full length T, r is 1: the loss is least at c_m. Towards cheap runs r
falls to `transfer`, by the same two power laws. Over the whole simplex R has the sd of Q and, for
the mean loss, no correlation with it: there r is the correlation of a cheap run's mean loss with
the target's. Over a capped region it is nearly so (with 3 domains, less: -0.6 to -0.9 for -0.9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add, mul
from typing import Any

import numpy as np

from mixenv.metrics import Metric
from mixenv.quadratic import Quadratic
from mixenv.surfaces.blend import Blend, Place, widen

_DECIMALS = 9  # of the numbers that a fingerprint is of


@dataclass(frozen=True, eq=False)
class SyntheticSurface:
    """k losses on d domains; see the module for the formula and `make_synthetic` to make one.

    `floor`, `size_loss`, `data_loss` [k] are E, A and B in nats; `bend` [k] a; `centre` [k, d] c;
    `rival` [k] g and `direction` [d] b. `transfer` in [-1, 1] is the correlation of the mean loss
    at the smallest scale with that at the target, over the whole simplex.
    """

    name: str
    transfer: float
    domains: tuple[str, ...]
    metric_set: tuple[Metric, ...]
    step_flops: Mapping[float, float]
    steps: tuple[int, ...]
    floor: np.ndarray
    size_loss: np.ndarray
    data_loss: np.ndarray
    bend: np.ndarray
    centre: np.ndarray
    rival: np.ndarray
    direction: np.ndarray
    provenance: str = field(default="synthetic", init=False)

    @property
    def support(self) -> str:
        """It rests on no run at all."""
        return "a formula, exact everywhere; no run was trained"

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the k losses."""
        return tuple(m.name for m in self.metric_set)

    @property
    def scales(self) -> tuple[float, ...]:
        """Scales in parameters, ascending."""
        return self._scales

    @cached_property
    def _scales(self) -> tuple[float, ...]:
        return tuple(sorted(self.step_flops))

    @property
    def fingerprint(self) -> str:
        """A hash of every number, to nine decimals: a last bit may hang on the processor."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(repr((self.transfer, self.step_flops, self.steps)).encode())
        for array in (
            self.floor, self.size_loss, self.data_loss, self.bend, self.centre, self.rival,
            self.direction,
        ):  # fmt: skip
            rounded = np.round(np.ascontiguousarray(array, dtype=np.float64), _DECIMALS) + 0.0
            digest.update(rounded.tobytes())
        return digest.hexdigest()[:16]

    @property
    def cost_unit(self) -> str:
        """FLOPs."""
        return "FLOPs"

    def step_cost(self, scale: float) -> float:
        """FLOPs of one optimiser step at `scale` parameters."""
        return self.step_flops[scale]

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Losses [..., n, k] at mixture [..., n, d], scale [..., n] and steps [..., n]."""
        mixture, scale, steps = xp.asarray(mixture), xp.asarray(scale), xp.asarray(steps)
        if xp is np and mixture.ndim == 2 and len(mixture) == scale.size == steps.size == 1:
            return self._one(mixture, scale, steps)
        return self._losses(mixture, *self._blend.at(scale, steps, xp)).copy()

    def on_grid(self, scales: np.ndarray, steps: np.ndarray) -> Callable[..., np.ndarray]:
        """The losses [n, m, k] of mixtures [n, d] at places [n, m], s * T + t, of a grid [S, T].

        What scale and steps alone decide is tabled once. A step of 0 asks what the first one asks.
        """
        grid = np.repeat(scales, len(steps)), np.tile(np.maximum(steps, self.steps[0]), len(scales))
        level, ours, theirs = self._blend.at(*grid)
        table, k = np.concatenate([level, theirs, ours[None]]), len(level)

        def ask(mixture: np.ndarray, place: np.ndarray) -> np.ndarray:
            found = table.take(place.T, axis=1)
            return self._losses(mixture[:, None], found[:k], found[-1], found[k : 2 * k])

        return ask

    def _losses(self, mixture: Any, level: Any, ours: Any, theirs: Any) -> Any:
        """Losses [..., n, k] of mixtures [..., n, d] at a `Place`.

        Queries on the last axis in between, for long rows. Shares add in one order whatever the
        batch, which `sum` does not promise.
        """
        w = mixture.T
        axes, slopes = w.ndim - 1, widen(self._slope, w.ndim - 1)
        [squares, *others], linear = w * w, w[0] * slopes[0]
        for share, slope, square in zip(w[1:], slopes[1:], others, strict=True):
            linear += share * slope
            squares += square
        losses = widen(self._square, axes) * squares
        losses += linear[:-1]
        losses = ours * losses
        losses += level
        losses += theirs * linear[-1]
        return losses.T

    def _one(self, mixture: np.ndarray, scale: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """The same losses [1, k] of one query in Python floats, more than twice as soon."""

        def make() -> Place:
            level, ours, theirs = self._blend.at(scale.reshape(1), steps.reshape(1))
            return Place(level[:, 0].tolist(), ours.item(), theirs[:, 0].tolist())

        [shares], key = mixture.tolist(), (scale.item(), steps.item())
        level, ours, theirs = self._blend.recall(key, make)
        effects, rival = self._effects(shares)
        parts = zip(effects, level, theirs, strict=True)
        return np.array([[ours * effect + at + g * rival for effect, at, g in parts]])

    def place(self, scale: float, steps: np.ndarray) -> Place:
        """Where `along` is to ask: one scale and checkpoints steps [m]."""
        level, ours, theirs = self._blend.at(np.array([scale]), steps)
        return Place(level.T.copy(), ours[:, None], theirs.T.copy())

    def along(self, mixture: np.ndarray, place: Place) -> np.ndarray:
        """The losses [m, k] of one mixture [d] at the m checkpoints of a `place`, sooner.

        Equal to those of `metrics`, bit for bit.
        """
        level, ours, theirs = place
        effects, rival = self._effects(mixture.tolist())
        losses = ours * np.array(effects)
        losses += level
        losses += theirs * rival
        return losses

    def _effects(self, shares: list[float]) -> tuple[list[float], float]:
        """What the shares do to each loss (Q without its constant part), and to R: b . w.

        Products are added in their order, which `sum` does not promise from Python 3.12 on.
        """
        squares, *linear, rival = [
            reduce(add, map(mul, shares, slope)) for slope in (shares, *self._slopes)
        ]
        pairs = zip(self._squares, linear, strict=True)
        return [a * squares + pull for a, pull in pairs], rival

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Losses [n, m, k] at mixture [n, d], scale [n] and checkpoints steps [n, m]."""
        return self.metrics(xp.asarray(mixture)[:, None], xp.asarray(scale)[:, None], steps, xp)

    def quadratic(self, scale: float, steps: int) -> Quadratic:
        """The losses at `scale` parameters and `steps`, as functions of the mixture."""
        level, ours, theirs = self._blend.at(np.array([scale]), np.array([steps]))
        linear = ours * self._slope[:, :-1] + np.outer(self.direction, theirs)
        return Quadratic(level[:, 0], linear.T, ours * self.bend)

    @cached_property
    def _blend(self) -> Blend:
        return Blend(
            self.floor, self.size_loss, self.data_loss, self.rival, self.scales, self.steps,
            self.transfer,
        )  # fmt: skip

    @cached_property
    def _squares(self) -> list[float]:
        return self._square.tolist()

    @cached_property
    def _slopes(self) -> list[list[float]]:
        """`_slope`, column by column."""
        return self._slope.T.tolist()

    @cached_property
    def _square(self) -> np.ndarray:
        """Coefficients [k] of squared shares in Q."""
        return 0.5 * self.bend

    @cached_property
    def _slope(self) -> np.ndarray:
        """Coefficients [d, k + 1] of shares: in Q (they sum to 1, so |c|^2 is in), then b."""
        pull = 0.5 * (self.centre**2).sum(axis=1) - self.centre.T
        return np.column_stack([pull * self.bend, self.direction])
