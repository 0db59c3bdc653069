"""Native vectors over pools of recorded runs, beside the bare search for the nearest row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any

import gymnasium as gym
import numpy as np

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import BATCH, BATCHES, FAST, batch, source_of, task_of, vector
from mixenv import FAMILIES
from mixenv.surfaces.rows import nearest

_KERNEL = "nearest row alone"


def pools() -> dict[str, str]:
    """The environments over recorded runs, by the name of their table."""
    surfaces = {family.options.get("surface", ""): family.id for family in FAMILIES}
    return {s.removeprefix("rows:"): id for s, id in surfaces.items() if s.startswith("rows:")}


def measure(sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second of 1024 environments without curves: the replica, and tables given."""
    ids = pools()
    rows = [_measure(ids["replica"], {})]
    rows += [_measure(ids[name], {"source": path}) for name, path in sources.items()]
    if "regmix" not in sources:
        rows.append(
            Measurement(
                f"{ids['regmix']}, native vector of {BATCH}", "steps/s", rival=_KERNEL,
                bar=Bar(0.5), note="needs --source regmix=PATH",
            )
        )  # fmt: skip
    return rows


def _measure(id: str, options: dict[str, Any]) -> Measurement:
    env = gym.make_vec(id, BATCH, **FAST, **options)
    task = task_of(env)
    found = rates({"kernel": Work(kernel(task), BATCH, calls=10), "env": vector(env, calls=10)})
    return Measurement(
        f"{id}, native vector of {BATCH}", "steps/s", found["env"],
        _KERNEL, found["kernel"], Bar(0.5), source_of(task),
    )  # fmt: skip


def kernel(task: Any) -> Callable[[], None]:
    """A call that finds the nearest rows of a batch of actions, each in its scale's pool.

    The batches are those that the environment is given, in the same turns.
    """
    pools = [np.ascontiguousarray(task.surface.pool(s).T) for s in task.scales]
    actions = [batch(task, BATCH, seed) for seed in range(BATCHES)]
    asked = cycle([[a["mixture"][a["scale"] == i] for i, _ in enumerate(pools)] for a in actions])

    def search() -> None:
        for mixtures, pool in zip(next(asked), pools, strict=True):
            nearest(mixtures, pool)

    return search
