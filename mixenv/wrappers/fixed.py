"""`FixedScale`, `FixedSteps`: one part of the action said once."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium import spaces

from mixenv.scale import parse_scale, scale_label
from mixenv.task import Task
from mixenv.wrappers.view import ActionView


class _Fixed(ActionView):
    """The action without `key`, whose index is always the same."""

    _index = 0

    def __init__(self, env: gym.Env[Any, Any], key: str) -> None:
        self._key = key
        super().__init__(env, needed=(key,))
        self.action_space = spaces.Dict({k: v for k, v in self.inner.items() if k != key})

    def action(self, action: Any) -> dict[str, Any]:
        """The action with the key put back."""
        return {**action, self._key: self._index}


class FixedScale(_Fixed, gym.utils.RecordConstructorArgs):
    """The action without its scale: every run is at `scale`, by default the target's.

    `scale` is in parameters or a label such as "1B". Raises ValueError for one off the task's.
    """

    def __init__(self, env: gym.Env[Any, Any], scale: str | float | None = None) -> None:
        gym.utils.RecordConstructorArgs.__init__(self, scale=scale)
        super().__init__(env, "scale")
        self._index = scale_index(self.task, self.task.target[0] if scale is None else scale)


class FixedSteps(_Fixed, gym.utils.RecordConstructorArgs):
    """The action without its steps: every experiment asks for `steps`, by default the target's.

    Asking for no more steps than a run has is a new run, so nothing is ever resumed. Raises
    ValueError for steps that are no checkpoint of the task.
    """

    def __init__(self, env: gym.Env[Any, Any], steps: int | None = None) -> None:
        gym.utils.RecordConstructorArgs.__init__(self, steps=steps)
        super().__init__(env, "steps")
        self._index = steps_index(self.task, self.task.target[1] if steps is None else steps)


def scale_index(task: Task, scale: str | float) -> int:
    """Where a scale stands among the task's. Raises ValueError."""
    parameters = parse_scale(scale)
    if parameters not in task.scales:
        known = ", ".join(scale_label(s) for s in task.scales)
        raise ValueError(f"scale: expected one of {known}, got {scale!r}")
    return task.scales.index(parameters)


def steps_index(task: Task, steps: int) -> int:
    """Where a checkpoint stands among the task's. Raises ValueError."""
    if steps not in task.steps:
        raise ValueError(
            f"steps: expected one of {len(task.steps)} checkpoints from {task.steps[0]} to "
            f"{task.steps[-1]}, got {steps!r}"
        )
    return task.steps.index(steps)
