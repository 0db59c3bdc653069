"""The devices on which something is timed: an accelerator and the CPU beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax

from benchmarks import workers
from benchmarks.speed.measurement import Measurement

CPU = "CPU, one thread"
ABSENT = "no accelerator found by JAX"
_GIB = 2**30


def accelerator() -> Any:
    """JAX's first device, or None where that is a CPU."""
    return None if jax.default_backend() == "cpu" else jax.devices()[0]


def processor() -> Any:
    """The CPU, also where it is not what JAX takes by itself."""
    return jax.devices("cpu")[0]


def on_processor(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns in a process of its own that has the CPU alone, on one thread."""
    with workers.processes(1) as pool:
        return pool.submit(function, *arguments).result()


def on(device: Any) -> AbstractContextManager[object]:
    """A context in which JAX makes arrays and computes on a device."""
    return jax.default_device(device)


def card(device: Any) -> str:
    """A device in words, and of how many of its platform it is one: a single one is used."""
    return f"{device.device_kind} (1 of {len(jax.devices(device.platform))})"


def memory(device: Any) -> Measurement:
    """GiB of a device's memory that this process held at most."""
    name = f"memory held at most on {card(device)}"
    peak = (device.memory_stats() or {}).get("peak_bytes_in_use")
    if peak is None:
        return Measurement(name, "GiB", note="not told by this device")
    return Measurement(name, "GiB", peak / _GIB)
