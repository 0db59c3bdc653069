"""The one table of environments; registration, tests, docs and benchmarks iterate over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym


@dataclass(frozen=True)
class Family:
    """One registered id, what it is, where its numbers come from, and its default options."""

    id: str
    about: str
    provenance: str
    options: dict[str, Any] = field(default_factory=dict)
    ships: bool = True  # False where a table must be fetched first


FAMILIES = (
    Family(
        "DataMixture-v0",
        "mean validation loss over a capped region of five SlimPajama domains, 20M to 1B",
        "surrogate",
    ),
    Family(
        "DataMixturePile-v0",
        "RegMix: 1 088 recorded runs on 17 Pile domains at 1M, 60M and 1B parameters",
        "measured",
        {"surface": "rows:regmix", "max_share": 1.0, "noise": 0.0},
        ships=False,
    ),
    Family(
        "DataMixtureRuns-v0",
        "the 472 SlimPajama runs of arXiv 2503.21023 as recorded, and nothing else",
        "measured",
        {"surface": "rows:slimpajama-472", "max_share": 1.0, "noise": 0.0},
        ships=False,
    ),
    Family(
        "DataMixtureReplica-v0",
        "synthetic runs in the shape of the 472: surrogate plus noise, a stand-in for the recorded",
        "synthetic",
        {"surface": "rows:replica", "max_share": 1.0, "noise": 0.0},
    ),
)


def register() -> None:
    """Register every family with Gymnasium; doing it again changes nothing."""
    for family in FAMILIES:
        if family.id not in gym.registry:
            gym.register(
                family.id, entry_point="mixenv.env:DataMixtureEnv", kwargs=dict(family.options)
            )
