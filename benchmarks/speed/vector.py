"""Native vectors of environments, beside SyncVectorEnv, the surface alone, and CartPole."""

from __future__ import annotations

from collections.abc import Mapping

import gymnasium as gym

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement, scaled
from benchmarks.speed.play import (
    BATCH,
    CARTPOLE,
    FAST,
    cartpole,
    points,
    source_of,
    task_of,
    vector,
)

_SYNC = 256  # environments of the rival: its rate an environment falls with more


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second of 1024 environments without curves."""
    native = gym.make_vec("DataMixture-v0", BATCH, **FAST)
    closed = gym.make_vec("DataMixtureSynthetic-v0", BATCH, **FAST)
    sync = gym.make_vec("DataMixture-v0", _SYNC, vectorization_mode="sync", **FAST)
    task = task_of(native)
    asked = points(task)
    found = rates({
        CARTPOLE: cartpole(),
        "surface": Work(lambda: task.surface.metrics(*asked), BATCH, calls=20),
        "native": vector(native),
        "closed": vector(closed),
        "sync": vector(sync, calls=4),
    })  # fmt: skip
    ours, source = (f"native vector of {BATCH}", "steps/s", found["native"]), source_of(task)
    return [
        Measurement(*ours, f"SyncVectorEnv of {_SYNC}", found["sync"], Bar(5.0), source),
        Measurement(*ours, "its surface, batched", found["surface"], Bar(0.6), source),
        Measurement(
            f"native vector of {BATCH}, synthetic", "steps/s", found["closed"],
            CARTPOLE, found[CARTPOLE], scaled(2e6), source_of(task_of(closed)),
        ),
    ]  # fmt: skip
