"""Run and evaluation noise on top of a surface: a spec in, an additive model out.

The level is an assumption, not a measurement: nobody repeated the 472 runs. Suites sweep it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mixenv.metrics import Metric

NoiseSpec = str | float
LOSS_SD_NATS = 0.005  # run-to-run sd of a loss at the reference scale and length
GROWTH = 0.25  # noise grows as (reference / scale)^GROWTH * (reference / steps)^GROWTH
COMMON = 0.5  # part of an accuracy's variance that all runs of an episode share
LOW, HIGH = 0.15, 1.5  # heteroscedastic noise, in sds, on either side of the hyperplane
_RELATIVE = re.compile(r"([0-9]*\.?[0-9]+)sd")


@dataclass(frozen=True, eq=False)
class Noise:
    """Additive noise of `k` metrics.

    `run_sd` [k] is the sd of a run's own noise at (`scale`, `steps`), growing towards smaller and
    shorter runs; `items` [k] adds a binomial part where positive (accuracies); `normal` [d] makes
    the level HIGH where normal . (w - centroid) > 0, else LOW; `fraction` [k] marks metrics
    clipped to [0, 1].
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
        growth = ((self.scale / scale)[..., None] * (self.steps / steps)) ** GROWTH
        noise = growth[..., None] * (self.run_sd * run)[..., None, :]
        if self._binomial:
            spread = xp.maximum(mean * (1 - mean), 0.0) * self._inverse_items
            shared = COMMON**0.5 * common[..., None, :] + (1 - COMMON) ** 0.5 * point
            noise = noise + xp.sqrt(spread) * shared
        noisy = mean + self._level(mixture, xp)[..., None, None] * noise
        return xp.minimum(xp.maximum(noisy, self._floor), self._ceiling)

    @cached_property
    def _binomial(self) -> bool:
        return bool(self.items.any())

    @cached_property
    def _inverse_items(self) -> np.ndarray:
        return (self.items > 0) / np.maximum(self.items, 1)

    @cached_property
    def _floor(self) -> np.ndarray:
        return np.where(self.fraction, 0.0, -np.inf)

    @cached_property
    def _ceiling(self) -> np.ndarray:
        return np.where(self.fraction, 1.0, np.inf)

    def _level(self, mixture: Any, xp: Any) -> Any:
        if self.normal is None:
            return np.asarray(self.level)
        side = (mixture - 1 / mixture.shape[-1]) @ self.normal
        return xp.where(side > 0, HIGH, LOW) * self.level


def check_noise(spec: NoiseSpec) -> None:
    """Raise ValueError unless `spec` is "seed", "<x>sd", "heteroscedastic" or a number >= 0."""
    if isinstance(spec, str):
        known = spec in ("seed", "heteroscedastic") or _RELATIVE.fullmatch(spec)
    else:
        known = np.isfinite(spec) and spec >= 0
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
    return Noise(np.where(fraction, 0.0, LOSS_SD_NATS), items, fraction, scale, steps, level)


def relative_noise(
    spec: str, metrics: tuple[Metric, ...], sd: np.ndarray, scale: float, steps: int, domains: int
) -> Noise:
    """Noise in units of each metric's sd [k] at the target (scale, steps)."""
    fraction = np.array([m.sign < 0 for m in metrics])
    match = _RELATIVE.fullmatch(spec)
    factor = float(match[1]) if match else 1.0
    normal = None if match else np.random.default_rng(7).normal(size=domains)
    return Noise(factor * sd, np.zeros(len(metrics)), fraction, scale, steps, 1.0, normal)
