"""The functional environment on an accelerator, beside the bare network there and beside a CPU."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed import functional
from benchmarks.speed.clock import TURNS, rates, wall
from benchmarks.speed.devices import CPU, card, on, on_processor, processor
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
            found = rates(works, self._turns, wall)
        print(f"{card(self._device)}, steps/s: {found}", file=sys.stderr, flush=True)
        return found

    def outcome(self) -> np.ndarray:
        """Rewards and, after them, metrics as observed of "step": [length, n, 1 + k]."""
        with on(self._device):
            seen, reward, *_ = self._games["step"](self._asked)[1]
        return np.concatenate([np.asarray(reward)[..., None], np.asarray(seen["metrics"])], -1)


@dataclass(frozen=True)
class Side:
    """What a device does: steps a second by batch, and what the least batch was told."""

    bare: Mapping[int, float]  # of the network alone
    step: Mapping[int, float]
    auto: float  # with new episodes where one ends, at the batch of most steps
    outcome: np.ndarray  # [length, n, 1 + k]

    @property
    def best(self) -> int:
        """The batch of most steps a second."""
        return max(self.step, key=self.step.__getitem__)


def side(device: Any, batches: Sequence[int], length: int) -> Side:
    """Measure a device."""
    task = task_of(gym.make("DataMixture-v0"))
    stages = {n: Stage(task, device, n, length) for n in batches}
    found = {n: stage.rates("bare", "step") for n, stage in stages.items()}
    bare, step = ({n: rate[name] for n, rate in found.items()} for name in ("bare", "step"))
    auto = stages[max(step, key=step.__getitem__)].rates(_AUTO)[_AUTO]
    return Side(bare, step, auto, stages[min(batches)].outcome())


def processor_side(batches: Sequence[int], length: int) -> Side:
    """Measure the CPU."""
    return side(processor(), batches, length)


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


def rows(device: Any, batches: Sequence[int], length: int = functional.LENGTH) -> list[Measurement]:
    """Steps a second at every batch, with autoreset at the best; and how exact they are.

    The CPU, which is fastest in small batches, is spared the largest.
    """
    theirs = on_processor(processor_side, sorted(batches)[:-1], length)
    ours, where = side(device, batches, length), card(device)
    surface = source_of(task_of(gym.make("DataMixture-v0")))
    return [
        *(row for pair in pairs(ours, theirs) for row in pair.rows(where, surface)),
        exact(ours.outcome, theirs.outcome, where, surface),
    ]


def pairs(ours: Side, theirs: Side) -> Iterable[Pair]:
    """Every batch, and the best with new episodes where one ends. The bar is of the least."""
    slow, at, best = theirs.step[theirs.best], theirs.best, ours.best
    for n, rate in ours.step.items():
        bar = functional.BAR if n == min(ours.step) else None
        yield Pair(f"functional scan of {n}", rate, ours.bare[n], slow, at, bar)
    name = f"functional scan of {best}, autoreset"
    yield Pair(name, ours.auto, ours.bare[best], theirs.auto, at)


def exact(mine: np.ndarray, reference: np.ndarray, where: str, surface: str) -> Measurement:
    """The largest difference between two devices' rewards and metrics; relative where above 1."""
    apart = np.abs(mine - reference) / np.maximum(np.abs(reference), 1.0)
    name = f"functional scan on {where}: rewards and metrics, apart at most from the CPU's"
    return Measurement(name, "", float(apart.max()), bar=EXACT, surface=surface)
