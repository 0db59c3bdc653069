"""`BanditEnv`: a handful of mixtures as the arms of a bandit, every pull one run at the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from operator import index
from typing import Any

import numpy as np
from gymnasium import spaces

from mixenv.env import DataMixtureEnv, Observation
from mixenv.make_task import make_task
from mixenv.noise import NoiseSpec
from mixenv.objective import MetricSpec
from mixenv.options import whole


class BanditEnv(DataMixtureEnv):
    """A data-mixture task as a bandit: K fixed mixtures, each pull a new full run at the target.

    **Action space** `Discrete(K)`: index of an arm, a row of `env.unwrapped.arms` [K, d].

    **Observation space**: that of `DataMixtureEnv` (by default the last experiment only) with one
    scale. Nothing in it says more of an arm than its mixture and what its pulls have shown.

    **Reward**: minus the noisy objective (nats, or its own unit). A pull costs 1 target run, which
    the reward leaves out.

    **Episode end**: `terminated` after `horizon` pulls.

    **Info**: that of `DataMixtureEnv`, and `arm`, the index pulled (-1 at a reset). Never the
    truth: `env.unwrapped.arm_regrets` [K] and `env.unwrapped.task` are for evaluators. The
    pseudo-regret of pulls a_1, ..., a_n is the sum of arm_regrets[a_i], in the objective's unit;
    divided by `task.sd`, in sd units.

    **Options**
    - `arms`: how many, default 16, drawn uniformly from the allowed region (the recorded mixtures
      at the target, of recorded runs); `instance`: default 0, decides which.
    - `horizon`: pulls, default 200, which is also the budget in target runs.
    - `noise`: default "1sd", as large as the signal: the objective's noise has the sd of its values
      over uniform mixtures. Recorded runs take none (0).
    - `metric`, `surface`, `source`, `max_share`, `target`, `standardise`, `observation`,
      `curve` (default None), `render_mode`: as in `DataMixtureEnv`.

    **Raises** ValueError for options or arms that do not fit; `gymnasium.error.ResetNeeded` when
    stepped before a reset or after the end.

    **Versions**: v0, the first.
    """

    def __init__(
        self, arms: int = 16, instance: int = 0, horizon: int = 200,
        metric: MetricSpec = "mean_loss", surface: str = "surrogate", source: str | None = None,
        max_share: float = 0.5, noise: NoiseSpec = "1sd",
        target: tuple[str | float, int] | None = None, observation: str = "last",
        curve: int | str | None = None, standardise: bool = False, render_mode: str | None = None,
    ) -> None:  # fmt: skip
        arms, horizon = whole("arms", arms, 2), whole("horizon", horizon, 2)
        instance = whole("instance", instance, 0)
        task = make_task(
            surface, metric=metric, source=source, max_share=max_share, budget=float(horizon),
            noise=noise, cost_weight=0.0, target=target, standardise=standardise, resume=False,
        )  # fmt: skip
        scale, steps = task.target
        super().__init__(
            task=replace(task, scales=(scale,), steps=(steps,)), max_experiments=horizon,
            observation=observation, curve=curve, render_mode=render_mode,
        )  # fmt: skip
        self.arms = self.task.region.sample(np.random.default_rng(instance), arms)
        self.action_space = spaces.Discrete(arms)  # type: ignore[assignment]

    @cached_property
    def arm_regrets(self) -> np.ndarray:
        """How much worse each arm [K] is at the target than the best arm, noise-free."""
        values = np.array([self.task.value(arm) for arm in self.arms])
        return values - values.min()

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; its noise hangs on `seed`. No options are known (ValueError)."""
        seen, info = super().reset(seed=seed, options=options)
        return seen, info | {"arm": -1}

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Pull an arm."""
        arm = self._arm(action)
        asked = {"mixture": self.arms[arm], "scale": 0, "steps": 0}
        seen, reward, terminated, truncated, info = super().step(asked)
        return seen, reward, terminated, truncated, info | {"arm": arm}

    def _arm(self, action: Any) -> int:
        """The arm that an action names, a whole number of any kind."""
        try:
            arm = index(action)
        except TypeError:
            arm = -1
        if not 0 <= arm < len(self.arms):
            raise ValueError(
                f"arm: expected an index from 0 to {len(self.arms) - 1}, got {action!r}"
            )
        return arm
