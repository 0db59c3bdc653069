"""The GP engine on an accelerator, beside the same engine on a CPU, in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.speed.clock import wall
from benchmarks.speed.devices import CPU, card, on
from benchmarks.speed.gp import WORSE, Warm, warm
from benchmarks.speed.gp_data import ORIGIN
from benchmarks.speed.measurement import Bar, Measurement


def rows(device: Any, cpu: Any, sizes: Sequence[int], calls: int) -> list[Measurement]:
    """Milliseconds of a suggestion, refits included, the mean of the `calls` that end at a size.

    And how much worse data held out are foretold, at most: numbers should not hang on the device.
    """
    ours, theirs = ({n: timed(at, n, calls) for n in sizes} for at in (device, cpu))
    shortfall = max(theirs[n].density - ours[n].density for n in sizes)
    name = f"held-out log density on {card(device)}, largest shortfall from the CPU's"
    return [
        *(
            Measurement(
                f"GP suggestion at n = {n} on {card(device)}", "ms", 1e3 * ours[n].seconds,
                CPU, 1e3 * theirs[n].seconds, surface=ORIGIN,
            )
            for n in sizes
        ),
        Measurement(name, "nats", shortfall, bar=Bar(WORSE, at_most=True), surface=ORIGIN),
    ]  # fmt: skip


def timed(device: Any, n: int, calls: int) -> Warm:
    """Our engine on a device, by the wall's clock."""
    with on(device):
        return warm("ours", n, calls, wall)
