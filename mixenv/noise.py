"""Run and evaluation noise on top of a surface: a spec in, an additive model out.

The level is an assumption, not a measurement: nobody repeated the 472 runs. Suites sweep it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mixenv.arrays import put
from mixenv.metrics import Metric

NoiseSpec = str | float
LOSS_SD_NATS = 0.005  # run-to-run sd of a loss at the reference scale and length
GROWTH = 0.25  # noise grows as (reference / scale)^GROWTH * (reference / steps)^GROWTH
HALF = 0.5  # of an accuracy's variance is a run's own, the other half common to an episode
LOW, HIGH = 0.15, 1.5  # heteroscedastic noise, in sds, on either side of the hyperplane
_RELATIVE = re.compile(r"([0-9]*\.?[0-9]+)sd")


@dataclass(frozen=True, eq=False)
class Noise:
    """Additive noise of `k` metrics.

    `run_sd` [k] is the sd of a run's own noise at (`scale`, `steps`), growing towards smaller and
    shorter runs; where `items` [k] is positive (accuracies) the noise is binomial instead;
    `normal` [d] makes the level HIGH where normal . (w - centroid) > 0, else LOW; `fraction` [k]
    marks metrics clipped to [0, 1].
    """

    run_sd: np.ndarray
    items: np.ndarray
    fraction: np.ndarray
    scale: float
    steps: int
    level: float = 1.0
    normal: np.ndarray | None = None

    @property
    def off(self) -> bool:
        """Whether there is no noise at all."""
        return self.level == 0.0

    def apply(
        self, mean: Any, mixture: Any, scale: Any, steps: Any, z: tuple[Any, Any, Any], xp: Any = np
    ) -> Any:
        """Noisy metrics [..., m, k] of surface means [..., m, k].

        `mixture` [..., d], `scale` [...], `steps` [..., m]; `z` holds standard normals: of the run
        [..., k], of each checkpoint [..., m, k] and of the episode [..., k].
        """
        run, point, common = z
        own = xp.where(self.binomial, point, run[..., None, :])
        shared = common[..., None, self.columns]
        return self.add(mean, mixture, self.spread(scale, steps), own, shared, xp)

    def spread(self, scale: Any, steps: Any) -> Any:
        """The sd of a run's own noise, [..., m, k], at scale [...] and steps [..., m]."""
        growth = ((self.scale / scale)[..., None] * (self.steps / steps)) ** GROWTH
        return growth[..., None] * self.run_sd

    def add(self, mean: Any, mixture: Any, spread: Any, own: Any, common: Any, xp: Any = np) -> Any:
        """Noisy metrics [..., m, k] from the `spread` [..., m, k] and the normals of each metric.

        `own` [..., m, k] is a run's, or for a binomial metric a checkpoint's; `common` [..., m, b]
        the episode's, of the `columns` that are binomial.
        """
        noise = spread * own
        if self.counts:
            columns = self.columns
            p = mean[..., columns]
            counted = xp.sqrt(xp.maximum(p * (1 - p), 0.0) * self._inverse_items)
            counted *= common + own[..., columns]
            noise = put(noise, (..., columns), counted)
        noisy = mean + self._levelled(noise, mixture, xp)
        if self._clipped:
            noisy = xp.minimum(xp.maximum(noisy, self._floor), self._ceiling)
        return noisy

    @cached_property
    def counts(self) -> bool:
        """Whether any metric is binomial."""
        return bool(self.binomial.any())

    @cached_property
    def binomial_list(self) -> list[bool]:
        """`binomial` as Python booleans."""
        return self.binomial.tolist()

    @cached_property
    def metric_words(self) -> np.ndarray:
        """The words [k] by which metrics draw apart."""
        return np.arange(len(self.items), dtype=np.uint32)

    @cached_property
    def binomial(self) -> np.ndarray:
        """Which metrics [k] have the noise of counting items; they have no run noise."""
        return self.items > 0

    @cached_property
    def columns(self) -> slice | np.ndarray:
        """Where the b binomial metrics are: a slice if they lie together, which is quicker."""
        where = np.flatnonzero(self.binomial)
        together = len(where) == 0 or where[-1] - where[0] + 1 == len(where)
        if not together:
            return where
        return slice(int(where[0]), int(where[-1]) + 1) if len(where) else slice(0, 0)

    @cached_property
    def _inverse_items(self) -> np.ndarray:
        return HALF / self.items[self.binomial]

    @cached_property
    def _clipped(self) -> bool:
        return bool(self.fraction.any())

    @cached_property
    def _floor(self) -> np.ndarray:
        return np.where(self.fraction, 0.0, -np.inf)

    @cached_property
    def _ceiling(self) -> np.ndarray:
        return np.where(self.fraction, 1.0, np.inf)

    def _levelled(self, noise: Any, mixture: Any, xp: Any) -> Any:
        if self.normal is None:
            return noise if self.level == 1.0 else self.level * noise
        side = (mixture - 1 / mixture.shape[-1]) @ self.normal
        return (xp.where(side > 0, HIGH, LOW) * self.level)[..., None, None] * noise


def check_noise(spec: NoiseSpec) -> None:
    """Raise ValueError unless `spec` is "seed", "<x>sd", "heteroscedastic" or a number >= 0."""
    if isinstance(spec, str):
        known = spec in ("seed", "heteroscedastic") or _RELATIVE.fullmatch(spec)
    else:
        real = isinstance(spec, int | float | np.integer | np.floating)
        known = real and not isinstance(spec, bool) and np.isfinite(spec) and spec >= 0
    if not known:
        raise ValueError(
            'noise: expected "seed", "heteroscedastic", "<x>sd" such as "0.5sd", or a '
            f"multiple >= 0 of the seed noise (0 is off), got {spec!r}"
        )


def absolute(spec: NoiseSpec) -> bool:
    """Whether the noise is in the metrics' own units, not in sds of the task."""
    return spec == "seed" or not isinstance(spec, str)


def seed_noise(metrics: tuple[Metric, ...], scale: float, steps: int, level: float = 1.0) -> Noise:
    """Losses: 0.005 nats a run at (scale, steps); accuracies: binomial in their items."""
    fraction = np.array([m.sign < 0 for m in metrics])
    items = np.array([m.items or 0 for m in metrics], dtype=np.float64)
    run_sd = np.where(fraction | (items > 0), 0.0, LOSS_SD_NATS)
    return Noise(run_sd, items, fraction, scale, steps, level)


def relative_level(spec: str) -> float:
    """The x of "<x>sd"; 1 for "heteroscedastic", whose two levels multiply it."""
    match = _RELATIVE.fullmatch(spec)
    return float(match[1]) if match else 1.0


def relative_noise(
    spec: str, metrics: tuple[Metric, ...], sd: np.ndarray, scale: float, steps: int, domains: int
) -> Noise:
    """Noise in units of each metric's sd [k] at the target (scale, steps)."""
    fraction = np.array([m.sign < 0 for m in metrics])
    normal = None
    if spec == "heteroscedastic":
        normal = np.random.default_rng(7).normal(size=domains)
    run_sd = relative_level(spec) * sd
    return Noise(run_sd, np.zeros(len(metrics)), fraction, scale, steps, 1.0, normal)
