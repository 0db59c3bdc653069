"""The clock: units a second, of processor time or on the wall, the best of several turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TURNS = 7
Clock = Callable[[], float]


def processor() -> float:
    """Seconds of processor time that this process has taken."""
    return time.process_time()


def wall() -> float:
    """Seconds on the wall: also those in which an accelerator works and this process waits."""
    return time.perf_counter()


@dataclass(frozen=True)
class Work:
    """A function, called `calls` times a turn, that does `units` of work a call."""

    call: Callable[[], object]
    units: float = 1.0
    calls: int = 1

    def rate(self, clock: Clock = processor) -> float:
        """Units a second by a clock, over one turn."""
        began = clock()
        for _ in range(self.calls):
            self.call()
        return self.units * self.calls / max(clock() - began, 1e-9)


def rates(
    works: Mapping[str, Work], turns: int = TURNS, clock: Clock = processor
) -> dict[str, float]:
    """The best rate of each, taken in turns, after one call of each that is not measured."""
    for work in works.values():
        work.call()
    best = dict.fromkeys(works, 0.0)
    for _ in range(turns):
        for name, work in works.items():
            best[name] = max(best[name], work.rate(clock))
    return best
