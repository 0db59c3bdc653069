"""What an agent is told: the problem, the experiments it may ask for, the outcomes it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixenv.metrics import Metric
from mixenv.objective import Objective
from mixenv.region import Region
from mixenv.simplex import check_mixture


@dataclass(frozen=True, eq=False)
class Experiment:
    """Train `mixture` [d] at `scale` (parameters) up to `steps` optimiser steps."""

    mixture: np.ndarray
    scale: float
    steps: int

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Experiment:
        """The experiment that an environment's step carried out (steps as far as it was paid)."""
        done = info["experiment"]
        return cls(np.array(done["mixture"]), float(done["scale"]), int(done["steps"]))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one experiment showed.

    `metrics` [k] at the last checkpoint (NaN: the run failed); `cost` in target runs;
    `curve_steps` [m] and `curve` [m, k] the checkpoints passed; `cut_short` if the budget ended
    the run before the steps asked for; `resumed` if an earlier run went on.
    """

    metrics: np.ndarray
    cost: float
    curve_steps: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    curve: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    cut_short: bool = False
    resumed: bool = False

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Outcome:
        """The outcome that an environment's info reports; an empty curve where it has none."""
        count = int(info.get("curve_count", 0))
        known = {
            "metrics": np.array(info["metrics"]),
            "cost": float(info["cost"]),
            "cut_short": bool(info["cut_short"]),
            "resumed": bool(info["resumed"]),
        }
        if count:
            known["curve_steps"] = np.array(info["curve_steps"][:count])
            known["curve"] = np.array(info["curve"][:count])
        return cls(**known)


@dataclass(frozen=True, eq=False)
class Problem:
    """A data-mixture problem as an agent sees it: no truth, no noise model.

    `scales` in parameters, ascending; `steps` the checkpoints allowed, ascending; `cost` [S, T]
    the price of a fresh run in target runs (1.0 = one full run at `target`); `target` the (scale,
    steps) at which the recommended mixture will be trained; `budget` in target runs. `pools` maps
    a scale to its recorded mixtures [n, d] where only recorded runs can be had, else is empty.
    `proportions` are the domains' shares of all the tokens there are, where they are known; they
    may exceed `max_share`. Raises ValueError for others than d shares that sum to one.
    """

    domains: tuple[str, ...]
    scales: tuple[float, ...]
    steps: tuple[int, ...]
    cost: np.ndarray
    metrics: tuple[Metric, ...]
    objective: Objective
    target: tuple[float, int]
    max_share: float
    budget: float
    region: Region
    pools: dict[float, np.ndarray] = field(default_factory=dict)
    proportions: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.proportions is not None:
            try:
                check_mixture(self.proportions, len(self.domains), 1.0)
            except ValueError as error:
                raise ValueError(f"proportions: {error}") from error

    def price(self, scale: float, steps: int) -> float:
        """Cost in target runs of a fresh run. Raises ValueError off the grid."""
        scale_index, steps_index = self.indices(scale, steps)
        return float(self.cost[scale_index, steps_index])

    def indices(self, scale: float, steps: int) -> tuple[int, int]:
        """Positions of a scale and a step count on the grid. Raises ValueError off the grid."""
        if scale not in self.scales:
            raise ValueError(f"scale: expected one of {self.scales} parameters, got {scale!r}")
        if steps not in self.steps:
            raise ValueError(
                f"steps: expected one of {len(self.steps)} checkpoints from {self.steps[0]} to "
                f"{self.steps[-1]}, got {steps!r}"
            )
        return self.scales.index(scale), self.steps.index(steps)

    def action(self, experiment: Experiment) -> dict[str, object]:
        """The environment's action for an experiment. Raises ValueError off the grid."""
        scale_index, steps_index = self.indices(experiment.scale, experiment.steps)
        return {
            "mixture": np.asarray(experiment.mixture, dtype=np.float64),
            "scale": scale_index,
            "steps": steps_index,
        }
