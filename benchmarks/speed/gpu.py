"""What an accelerator does for the functional environment and the GP engine, on the wall's clock.

Beside it is the CPU of the same machine, on one thread. Without an accelerator nothing is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.speed.gp import CALLS, SIZES
from benchmarks.speed.measurement import Measurement
from benchmarks.speed.play import BATCH

BATCHES = (BATCH, 16_384, 131_072)
ABSENT = "no accelerator found by JAX"
_GIB = 2**30


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Both on the accelerator that JAX finds, and how much of its memory they took."""
    from benchmarks.speed import devices, gpu_engine, gpu_environment

    device = devices.accelerator()
    if device is None:
        return absent()
    cpu = devices.processor()
    return [
        *gpu_environment.rows(device, cpu, BATCHES),
        *gpu_engine.rows(device, cpu, SIZES, CALLS),
        memory(device),
    ]


def memory(device: Any) -> Measurement:
    """GiB of a device's memory that this process held at most."""
    from benchmarks.speed.devices import card

    name = f"memory held at most on {card(device)}"
    peak = (device.memory_stats() or {}).get("peak_bytes_in_use")
    if peak is None:
        return Measurement(name, "GiB", note="not told by this device")
    return Measurement(name, "GiB", peak / _GIB)


def absent() -> list[Measurement]:
    """What would be measured."""
    scans = [f"functional scan of {n}" for n in BATCHES]
    names = [*scans, f"{scans[-1]}, autoreset"]
    return [
        *(Measurement(name, "steps/s", note=ABSENT) for name in names),
        *(Measurement(f"GP suggestion at n = {n}", "ms", note=ABSENT) for n in SIZES),
    ]
