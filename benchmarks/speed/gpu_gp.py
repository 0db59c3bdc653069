"""The GP engine on an accelerator, beside the same on a CPU, in float64, on the wall's clock.

Without an accelerator nothing is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.speed.clock import wall
from benchmarks.speed.gp import CALLS, SIZES, WORSE, Warm, warm
from benchmarks.speed.gp_data import ORIGIN
from benchmarks.speed.measurement import Bar, Measurement, missing


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """On the accelerator that JAX finds, and how much of its memory was taken."""
    from benchmarks.speed import devices

    device = devices.accelerator()
    if device is None:
        return missing([f"GP suggestion at n = {n}" for n in SIZES], "ms", devices.ABSENT)
    return [*rows(device, SIZES, CALLS), devices.memory(device)]


def rows(device: Any, sizes: Sequence[int], calls: int) -> list[Measurement]:
    """Milliseconds of a suggestion, refits included, the mean of the `calls` that end at a size.

    And how much worse data held out are foretold, at most: numbers should not hang on the device.
    """
    from benchmarks.speed.devices import CPU, card, on_processor

    theirs = on_processor(processor_times, sizes, calls)
    ours = times(device, sizes, calls)
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


def times(device: Any, sizes: Sequence[int], calls: int) -> dict[int, Warm]:
    """Our engine on a device, by size."""
    return {n: timed(device, n, calls) for n in sizes}


def processor_times(sizes: Sequence[int], calls: int) -> dict[int, Warm]:
    """Our engine on the CPU, by size."""
    from benchmarks.speed.devices import processor

    return times(processor(), sizes, calls)


def timed(device: Any, n: int, calls: int) -> Warm:
    """Our engine on a device, by the wall's clock. Says so: to compile there can take minutes."""
    from benchmarks.speed.devices import card, on

    began = wall()
    with on(device):
        found = warm("ours", n, calls, wall)
    took = f"{1e3 * found.seconds:.1f} ms a suggestion, {wall() - began:.0f} s with compiling"
    print(f"GP engine at n = {n} on {card(device)}: {took}", file=sys.stderr, flush=True)
    return found
