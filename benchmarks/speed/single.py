"""Single steps of environments, beside CartPole's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym

from benchmarks.speed.clock import rates
from benchmarks.speed.measurement import Bar, Measurement, scaled
from benchmarks.speed.play import CARTPOLE, cartpole, single, source_of, task_of

_CASES: Mapping[str, tuple[str, dict[str, Any], Bar]] = {
    "surrogate, default curve": ("DataMixture-v0", {}, scaled(5_000)),
    "surrogate, no curve": ("DataMixture-v0", {"curve": None}, scaled(12_000)),
    "synthetic, default curve": ("DataMixtureSynthetic-v0", {}, Bar(0.12)),
    "synthetic, no curve": ("DataMixtureSynthetic-v0", {"curve": None}, Bar(0.12)),
    "replica, default curve": ("DataMixtureReplica-v0", {}, Bar(0.1)),
    "replica, no curve": ("DataMixtureReplica-v0", {"curve": None}, Bar(0.1)),
}


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Steps a second with observation="last", against CartPole's."""
    works = {
        name: single(id, observation="last", **options) for name, (id, options, _) in _CASES.items()
    }
    found = rates({CARTPOLE: cartpole(), **works})
    return [
        Measurement(
            name, "steps/s", found[name], CARTPOLE, found[CARTPOLE], bar,
            surface=source_of(task_of(gym.make(id))),
        )
        for name, (id, _, bar) in _CASES.items()
    ]  # fmt: skip
