"""The sections by name, each measured in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from benchmarks import workers
from benchmarks.speed.measurement import Measurement
from benchmarks.worker import SINGLE_THREAD

SECTIONS = {
    name: f"benchmarks.speed.{name}"
    for name in (
        "single", "surface", "vector", "pool", "history", "make", "imports", "functional",
        "runner", "gp", "rl", "gpu", "gpu_gp",
    )
}  # fmt: skip
ACCELERATED = ("gpu", "gpu_gp")  # not kept from an accelerator, nor on one thread


def check(names: tuple[str, ...]) -> tuple[str, ...]:
    """The sections named, or all of them. Raises ValueError for one that does not exist."""
    for name in names:
        if name not in SECTIONS:
            raise ValueError(f"--only: expected one of {', '.join(SECTIONS)}, got {name!r}")
    return tuple(dict.fromkeys(names)) or tuple(SECTIONS)


def measure(name: str, sources: Mapping[str, str]) -> list[Measurement]:
    """The measurements of a section, in this process."""
    found = import_module(SECTIONS[name]).measure(sources)
    return [replace(measurement, section=name) for measurement in found]


def measure_alone(name: str, sources: Mapping[str, str]) -> list[Measurement]:
    """The measurements of a section, in a fresh process: on one thread, but for an accelerator's.

    With one thread (NPROC=1) these were seen not to end on a card within minutes.
    """
    with workers.processes(1, {} if name in ACCELERATED else SINGLE_THREAD) as pool:
        return pool.submit(measure, name, dict(sources)).result()
