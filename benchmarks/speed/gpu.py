"""What an accelerator does for the functional environment, on the wall's clock.

Beside it is the CPU of the same machine, on one thread. Without an accelerator nothing is measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.speed.measurement import Measurement, missing
from benchmarks.speed.play import BATCH

BATCHES = (BATCH, 16_384, 131_072)


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """On the accelerator that JAX finds, and how much of its memory was taken."""
    from benchmarks.speed import devices, gpu_environment

    device = devices.accelerator()
    if device is None:
        scans = [f"functional scan of {n}" for n in BATCHES]
        return missing([*scans, f"{scans[-1]}, autoreset"], "steps/s", devices.ABSENT)
    return [*gpu_environment.rows(device, BATCHES), devices.memory(device)]
