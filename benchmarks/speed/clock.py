"""The clock: units a second of processor time, the best of several turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TURNS = 7


@dataclass(frozen=True)
class Work:
    """A function, called `calls` times a turn, that does `units` of work a call."""

    call: Callable[[], object]
    units: float = 1.0
    calls: int = 1

    def rate(self) -> float:
        """Units a second of this process's processor time, over one turn."""
        began = time.process_time()
        for _ in range(self.calls):
            self.call()
        return self.units * self.calls / max(time.process_time() - began, 1e-9)


def rates(works: Mapping[str, Work], turns: int = TURNS) -> dict[str, float]:
    """The best rate of each, taken in turns, after one call of each that is not measured."""
    for work in works.values():
        work.call()
    best = dict.fromkeys(works, 0.0)
    for _ in range(turns):
        for name, work in works.items():
            best[name] = max(best[name], work.rate())
    return best
