"""Points of the surrogate in batches, beside CartPole and beside onnxruntime on its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement, scaled
from benchmarks.speed.peer import absent, network
from benchmarks.speed.play import BATCH, CARTPOLE, cartpole, points, source_of, task_of

_CALLS = 40
_PRECISIONS = ("float64", "float32")


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Points a second in batches of 1024, in both precisions."""
    task = task_of(gym.make("DataMixture-v0"))
    found = rates({CARTPOLE: cartpole(), **_works(task)}, turns=15)
    rows = []
    for kind in _PRECISIONS:
        ours, source = (f"surrogate, {kind}", "points/s", found[kind]), source_of(task)
        rows.append(Measurement(*ours, CARTPOLE, found[CARTPOLE], scaled(300_000), source))
        rows.append(
            Measurement(
                f"surrogate, {kind}", "points/s", rival="onnxruntime", bar=Bar(1.0),
                surface=source, note=f"not installed: {', '.join(absent())}",
            )
            if absent()
            else Measurement(*ours, "onnxruntime", found[f"onnx {kind}"], Bar(1.0), source)
        )  # fmt: skip
    return rows


def _works(task: Any) -> dict[str, Work]:
    """The surface in each precision, and the peer's network where it is installed."""
    works = {}
    for kind in _PRECISIONS:
        asked = points(task, BATCH, np.dtype(kind))
        works[kind] = Work(lambda asked=asked: task.surface.metrics(*asked), BATCH, _CALLS)
        if not absent():
            works[f"onnx {kind}"] = Work(network(task.surface, kind), BATCH, _CALLS)
    return works
