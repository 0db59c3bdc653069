"""`View`: an episode so far, as a picture of it needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mixenv.dynamics import Transition
from mixenv.scale import scale_label
from mixenv.simplex import millionths
from mixenv.task import Task


@dataclass(frozen=True, eq=False)
class Curve:
    """One run over all its resumptions: objective [m] at steps [m]; the experiments it took."""

    scale_index: int
    steps: np.ndarray
    objective: np.ndarray
    experiments: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class View:
    """The experiments carried out, in order, and whether the episode has ended."""

    task: Task
    done: Sequence[Transition]
    ended: bool = False

    @property
    def title(self) -> str:
        """What is sought, where."""
        scale, steps = self.task.target
        return (
            f"{self.task.objective.name} at {scale_label(scale)}, {steps:,} steps "
            f"({self.task.surface.name}, lower is better)"
        )

    def names(self, most: int) -> list[str]:
        """The domains' names, long ones cut in the middle to `most` characters."""
        keep = (most - 1) // 2
        return [
            n if len(n) <= most else f"{n[: most - 1 - keep]}…{n[-keep:]}"
            for n in self.task.surface.domains
        ]

    @property
    def spent(self) -> float:
        """Target runs paid so far."""
        return sum(t.cost for t in self.done)

    @cached_property
    def objectives(self) -> list[float]:
        """The noisy objective at the end of each experiment."""
        return [float(self.task.objective(t.values[-1])) for t in self.done]

    @property
    def best(self) -> int | None:
        """The incumbent: least noisy objective at the largest scale, then most steps."""
        if not self.done:
            return None
        key = [(t.scale_index, t.end, -v) for t, v in zip(self.done, self.objectives, strict=True)]
        return max(range(len(key)), key=key.__getitem__)

    @cached_property
    def curves(self) -> list[Curve]:
        """The runs, in the order in which they began."""
        parts: dict[object, list[int]] = {}
        for i, t in enumerate(self.done):
            run = (tuple(millionths(t.mixture.tolist())), t.row, t.scale_index, t.replicate)
            parts.setdefault(run, []).append(i)
        return [self._curve(of) for of in parts.values()]

    def _curve(self, experiments: list[int]) -> Curve:
        passed = [self.done[i] for i in experiments]
        values = np.concatenate([t.values for t in passed])
        return Curve(
            passed[0].scale_index,
            np.concatenate([t.checkpoints for t in passed]),
            self.task.objective(values),
            tuple(experiments),
        )
