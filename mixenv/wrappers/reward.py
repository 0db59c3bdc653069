"""`NormalisedReward`: rewards in the task's standard deviations."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from mixenv.task import Task

REWARDS = ("outcome", "improvement")


class NormalisedReward(gym.Wrapper[Any, Any, Any, Any], gym.utils.RecordConstructorArgs):
    """The reward divided by the sd of the objective over the allowed region at the target.

    The divisor is a constant of the episode's task, so rewards stay a function of seed and actions,
    unlike under a running mean. `centre=True` first adds, under reward="outcome", the objective of
    the region's mean metrics at the target: a full run of an average mixture then earns minus its
    cost. What was not carried out earns 0 as before. Raises ValueError under reward="regret", which
    is in sd units already, and for a centre under another reward than "outcome".
    """

    def __init__(self, env: gym.Env[Any, Any], centre: bool = False) -> None:
        gym.utils.RecordConstructorArgs.__init__(self, centre=centre)
        super().__init__(env)
        kind = getattr(env.unwrapped, "reward", None)
        if kind not in REWARDS:
            raise ValueError(
                f'NormalisedReward: expected reward="outcome" or "improvement", got {kind!r}; '
                "the regret is in sd units already, leave this wrapper out"
            )
        if centre and kind != "outcome":
            raise ValueError(f'centre: expected reward="outcome", got {kind!r}; leave it out')
        self._centred = centre

    @property
    def task(self) -> Task:
        """The task of the current episode."""
        return self.unwrapped.task  # type: ignore[attr-defined]

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step, and scale the reward."""
        seen, reward, terminated, truncated, info = self.env.step(action)
        shifted = float(reward)
        if self._centred and info["experiment"]["steps"] > 0:
            shifted += float(self.task.objective(self.task.moments.mean))
        return seen, shifted / self.task.sd, terminated, truncated, info
