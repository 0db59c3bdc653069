"""`DiscreteArms`: a few mixtures at a few fidelities, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from mixenv.simplex import check_mixture
from mixenv.task import Task
from mixenv.wrappers.fixed import scale_index, steps_index
from mixenv.wrappers.view import KEYS, ActionView, whole

Fidelity = tuple[str | float, int]


class DiscreteArms(ActionView, gym.utils.RecordConstructorArgs):
    """Discrete(K * F): mixture i // F at fidelity i % F, of K mixtures and F fidelities.

    `arms` are K mixtures [K, d], or a number of them to draw uniformly from the allowed region
    with `seed` (of a pool: distinct recorded mixtures). `fidelities` are (scale, steps), scales in
    parameters or labels such as "1B"; by default the target alone. The attribute `arms` [K, d]
    holds the mixtures. Raises ValueError for mixtures off the region, fidelities off the grid, and
    an index out of range.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        arms: int | Sequence[Sequence[float]] | np.ndarray = 16,
        fidelities: Sequence[Fidelity] | None = None,
        seed: int = 0,
    ) -> None:
        if not isinstance(arms, (int, np.integer)):  # a spec is JSON
            arms = [np.asarray(arm).tolist() for arm in arms]
        gym.utils.RecordConstructorArgs.__init__(self, arms=arms, fidelities=fidelities, seed=seed)
        super().__init__(env, needed=KEYS)
        self.arms = _arms(self.task, arms, seed)
        chosen = [self.task.target] if fidelities is None else fidelities
        self._fidelities = [
            (scale_index(self.task, s), steps_index(self.task, t)) for s, t in chosen
        ]
        if not self._fidelities:
            raise ValueError("fidelities: expected at least one (scale, steps), got none")
        self.action_space = spaces.Discrete(len(self.arms) * len(self._fidelities))

    @property
    def fidelities(self) -> list[tuple[float, int]]:
        """The F fidelities: scale in parameters, steps."""
        return [(self.task.scales[s], self.task.steps[t]) for s, t in self._fidelities]

    def action(self, action: Any) -> dict[str, Any]:
        """The mixture [d] and the indices that a number stands for."""
        count = len(self.arms) * len(self._fidelities)
        arm, fidelity = divmod(whole("action", action, count), len(self._fidelities))
        scale, steps = self._fidelities[fidelity]
        return {"mixture": self.arms[arm].copy(), "scale": scale, "steps": steps}


def _arms(task: Task, arms: int | Sequence[Sequence[float]], seed: int) -> np.ndarray:
    """The mixtures [K, d]: those given, checked, or as many drawn."""
    if not isinstance(arms, (int, np.integer)):
        d = len(task.surface.domains)
        checked = [check_mixture(arm, d, task.max_share) for arm in arms]
        if not checked:
            raise ValueError("arms: expected at least one mixture, got none")
        return np.array(checked)
    pool = None if task.pool is None else np.unique(task.region.reference(), axis=0)
    if arms < 1 or (pool is not None and arms > len(pool)):
        most = "" if pool is None else f" and at most {len(pool)}, the recorded mixtures"
        raise ValueError(f"arms: expected at least 1{most}, got {arms!r}")
    rng = np.random.default_rng(seed)
    if pool is not None:
        return pool[rng.permutation(len(pool))[:arms]]
    return task.region.sample(rng, int(arms))
