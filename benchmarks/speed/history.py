"""Environments that show the full history, beside copying the arrays that they return."""

from __future__ import annotations

from collections.abc import Mapping

import gymnasium as gym

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import BATCH, batch, source_of, task_of, vector

_SIZES = (256, BATCH)


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second with the default observation, without curves."""
    return [_measure(size) for size in _SIZES]


def _measure(size: int) -> Measurement:
    env = gym.make_vec("DataMixture-v0", size, curve=None)
    steps = vector(env, calls=10)
    shown = env.step(batch(task_of(env), size))[0]

    def copy() -> dict[str, object]:
        return {name: array.copy() for name, array in shown.items()}

    found = rates({"copy": Work(copy, size, calls=10), "env": steps})
    return Measurement(
        f"full history, native vector of {size}", "steps/s", found["env"],
        "copying its arrays", found["copy"], Bar(0.5), source_of(task_of(env)),
    )  # fmt: skip
