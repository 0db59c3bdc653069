"""The constants of a task: standardising mean and sd, and the optimum that regret is against.

They depend on the surface, the allowed region and the target only. Those of the tasks that ship
are stored in data/constants.json under the surface's fingerprint; others are computed when first
asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mixenv.region import Region
from mixenv.shipped import shipped
from mixenv.surfaces.protocol import Surface


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and sd [k] of every metric over uniform mixtures of the region at the target."""

    mean: np.ndarray
    sd: np.ndarray


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best mixture [d] at the target, the objective there, and the objective's sd."""

    mixture: np.ndarray
    value: float
    sd: float


class AtTarget:
    """A surface's metrics at one target, as a function of the mixture alone."""

    def __init__(self, surface: Surface, target: tuple[float, int]) -> None:
        self.surface, self.target = surface, target

    def __call__(self, mixtures: Any, xp: Any = np) -> Any:
        """Metrics [n, k] at mixtures [n, d], in NumPy or another namespace."""
        n = len(mixtures)
        scale, steps = self.target
        at = (mixtures, xp.full(n, scale), xp.full(n, steps))
        return self.surface.metrics(*at) if xp is np else self.surface.metrics(*at, xp)


def compute_moments(surface: Surface, region: Region, target: tuple[float, int]) -> Moments:
    """Moments over the region's reference mixtures. A metric that never varies gets sd 1."""
    values = AtTarget(surface, target)(region.reference())
    sd = np.nanstd(values, axis=0)
    return Moments(np.nanmean(values, axis=0), np.where(sd > 0, sd, 1.0))


def compute_optimum(
    surface: Surface, region: Region, target: tuple[float, int], objective: Any
) -> Optimum:
    """The least objective over the region at the target, and its sd over reference mixtures."""
    at_target = AtTarget(surface, target)

    def function(mixtures: np.ndarray) -> np.ndarray:
        return objective(at_target(mixtures))

    best = region.minimise(function)
    sd = compute_sd(surface, region, target, objective)
    return Optimum(best, float(function(best[None])[0]), sd)


def compute_sd(
    surface: Surface, region: Region, target: tuple[float, int], objective: Any
) -> float:
    """The objective's sd over the region's reference mixtures; 1 where it never varies."""
    sd = float(np.std(objective(AtTarget(surface, target)(region.reference()))))
    return sd if sd > 0 else 1.0


def constants_key(surface: Surface, max_share: float, target: tuple[float, int]) -> str:
    """The key under which a region's constants are stored."""
    return f"{surface.fingerprint}|{max_share:g}|{target[0]:g}|{target[1]}"


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return json.loads(shipped("constants.json").read_text(encoding="utf-8"))


def shipped_moments(key: str) -> Moments | None:
    """Stored moments, or None."""
    entry = _shipped().get(key)
    return Moments(np.array(entry["mean"]), np.array(entry["sd"])) if entry else None


def shipped_optimum(key: str, objective: str) -> Optimum | None:
    """The stored optimum of a named objective, or None."""
    entry = _shipped().get(key, {}).get("objectives", {}).get(objective)
    if entry is None:
        return None
    return Optimum(np.array(entry["mixture"]), entry["value"], entry["sd"])
