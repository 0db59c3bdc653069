"""Making an environment, beside making CartPole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import gymnasium as gym

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import CARTPOLE
from mixenv import FAMILIES

_BAR = Bar(20.0, at_most=True)
_CALLS = 10


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Milliseconds of `gymnasium.make`, of the default environment and of the slowest."""
    ids = [family.id for family in FAMILIES if family.ships]
    found = rates({id: Work(partial(gym.make, id), calls=_CALLS) for id in (CARTPOLE, *ids)})
    took = {id: 1e3 / rate for id, rate in found.items()}
    slowest = max(ids, key=took.__getitem__)
    return [
        Measurement(name, "ms", took[id], CARTPOLE, took[CARTPOLE], _BAR)
        for name, id in (
            ("make DataMixture-v0", "DataMixture-v0"),
            (f"make the slowest of {len(ids)} ids, {slowest}", slowest),
        )
    ]
