"""What an agent's model says of the target, at fixed costs, and what is true there.

The mixtures asked about are the task's own, the same for every agent and seed, so that the share
of them inside `predict`'s intervals can be counted and compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from mixenv.problem import Outcome
from mixenv.task import Task
from mixenv.truth import AtTarget

COSTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # target runs
PROBES = 64
_SEED = 64
_SLACK = 1e-9


@lru_cache(maxsize=64)
def probes(task: Task) -> np.ndarray:
    """The task's probe mixtures [64, d]: uniform over its region."""
    return task.region.sample(np.random.default_rng(_SEED), PROBES)


@dataclass
class Forecasts:
    """Calls `predict`, where the agent has it, once the cost spent reaches each of `COSTS`.

    `at` [p] are the costs; `mean`, `sd` and `truth` [p, 65] are of the objective at the target,
    noise-free, of the probes and, last, of the agent's recommendation.
    """

    task: Task
    predict: Callable[..., Any] | None
    spent: float = 0.0
    at: list[float] = field(default_factory=list)
    mean: list[np.ndarray] = field(default_factory=list)
    sd: list[np.ndarray] = field(default_factory=list)
    truth: list[np.ndarray] = field(default_factory=list)
    _due: list[float] = field(default_factory=lambda: list(COSTS))

    def after(self, outcome: Outcome, recommended: np.ndarray) -> None:
        """Count one experiment's cost, and ask the agent where that reaches a cost that is due."""
        self.spent += outcome.cost
        if self._due and self.spent >= self._due[0] - _SLACK:
            self._due = [cost for cost in self._due if cost > self.spent + _SLACK]
            self._ask(recommended)

    def end(self, recommended: np.ndarray) -> None:
        """Ask once more, unless nothing happened since the last time."""
        if self.spent and self.at[-1:] != [self.spent]:
            self._ask(recommended)

    def arrays(self) -> dict[str, Any]:
        """The fields of a record; empty for an agent without `predict`."""
        shape = (len(self.at), PROBES + 1)
        return {"predicted_at": np.array(self.at, dtype=np.float64)} | {
            f"predicted_{name}": np.array(getattr(self, name), dtype=np.float32).reshape(shape)
            for name in ("mean", "sd", "truth")
        }

    def _ask(self, recommended: np.ndarray) -> None:
        if self.predict is None:
            return
        asked = np.vstack([probes(self.task), recommended])
        try:
            mean, sd = self.predict(asked.copy(), *self.task.target)
        except ValueError:  # the agent has no model yet
            return
        self.at.append(self.spent)
        self.mean.append(np.asarray(mean))
        self.sd.append(np.asarray(sd))
        self.truth.append(self._truth(asked))

    def _truth(self, mixtures: np.ndarray) -> np.ndarray:
        return self.task.objective(AtTarget(self.task.surface, self.task.target)(mixtures))
