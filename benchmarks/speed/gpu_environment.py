"""The functional environment on an accelerator, beside the bare network there and beside a CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed import functional
from benchmarks.speed.clock import TURNS, rates, wall
from benchmarks.speed.devices import CPU, card, on
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import source_of, task_of

EXACT = Bar(1e-4, at_most=True)  # what `mixenv.functional` promises of 32-bit floats
_AUTO = "step_autoreset"
_STEPS = 2**21  # that a CPU takes in all turns together, where these are more than one


class Stage:
    """`n` episodes of a task on one device, with actions for `length` steps of each."""

    def __init__(self, task: Any, device: Any, n: int, length: int) -> None:
        self._device = device
        few = min(TURNS, max(1, _STEPS // (n * length)))
        self._turns = few if device.platform == "cpu" else TURNS
        with on(device):
            self._asked = functional.actions(task, n, length)
            self._games = functional.games(task, n)

    def rates(self, *names: str) -> dict[str, float]:
        """Steps a second by the wall's clock of "bare", "step" or "step_autoreset"."""
        with on(self._device):
            works = {name: functional.timed(self._games[name], self._asked) for name in names}
            return rates(works, self._turns, wall)

    def outcome(self) -> np.ndarray:
        """Rewards and, after them, metrics as observed of "step": [length, n, 1 + k]."""
        with on(self._device):
            seen, reward, *_ = self._games["step"](self._asked)[1]
        return np.concatenate([np.asarray(reward)[..., None], np.asarray(seen["metrics"])], -1)


@dataclass(frozen=True)
class Pair:
    """Rates of one thing: on the accelerator, of the bare network there, of the CPU at its best."""

    name: str
    rate: float
    bare: float
    cpu: float
    best: int  # the CPU's batch
    bar: Bar | None = None

    def rows(self, where: str, surface: str) -> list[Measurement]:
        """Beside the network, for which the bar is, and beside the CPU."""
        name, rival = f"{self.name} on {where}", f"{CPU}, scan of {self.best}"
        network = "bare network under jit, there too"
        return [
            Measurement(name, "steps/s", self.rate, network, self.bare, self.bar, surface),
            Measurement(name, "steps/s", self.rate, rival, self.cpu, None, surface),
        ]


def rows(
    device: Any, cpu: Any, batches: Sequence[int], length: int = functional.LENGTH
) -> list[Measurement]:
    """Steps a second at every batch, with autoreset at the largest; and how exact they are."""
    task = task_of(gym.make("DataMixture-v0"))
    ours, theirs = ({n: Stage(task, at, n, length) for n in batches} for at in (device, cpu))
    return [
        *(row for pair in pairs(ours, theirs) for row in pair.rows(card(device), source_of(task))),
        exact(ours[min(ours)], theirs[min(ours)], card(device), source_of(task)),
    ]


def pairs(ours: Mapping[int, Stage], theirs: Mapping[int, Stage]) -> list[Pair]:
    """Every batch, and the largest with new episodes where one ends. The bar is of the least."""
    found = {n: stage.rates("bare", "step") for n, stage in ours.items()}
    slow = {n: stage.rates("step")["step"] for n, stage in theirs.items()}
    best, last = max(slow, key=slow.__getitem__), max(found)
    auto, slow_auto = (stage.rates(_AUTO)[_AUTO] for stage in (ours[last], theirs[best]))
    return [
        *(
            Pair(
                f"functional scan of {n}", rate["step"], rate["bare"], slow[best], best,
                functional.BAR if n == min(found) else None,
            )
            for n, rate in found.items()
        ),
        Pair(f"functional scan of {last}, autoreset", auto, found[last]["bare"], slow_auto, best),
    ]  # fmt: skip


def exact(ours: Stage, theirs: Stage, where: str, surface: str) -> Measurement:
    """The largest difference between two devices' rewards and metrics; relative where above 1."""
    mine, reference = ours.outcome(), theirs.outcome()
    apart = np.abs(mine - reference) / np.maximum(np.abs(reference), 1.0)
    name = f"functional scan on {where}: rewards and metrics, apart at most from the CPU's"
    return Measurement(name, "", float(apart.max()), bar=EXACT, surface=surface)
