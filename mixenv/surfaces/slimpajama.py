"""The two network surfaces of the 472 SlimPajama runs: the authors' simulator and the surrogate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import numpy as np

from mixenv.facts import slimpajama
from mixenv.metrics import SLIMPAJAMA
from mixenv.runs.checkpoint import published_arrays
from mixenv.shipped import shipped
from mixenv.surfaces.network import NetworkSurface

_SUPPORT = (
    "454 runs with mixtures from Dirichlet(1): a share above 0.86 occurs about once in 472, so "
    "near the corners, and under 1 000 steps, the numbers are the network's opinion"
)


@lru_cache(maxsize=4)
def published(path: str) -> NetworkSurface:
    """The authors' simulator from their checkpoint file.

    Raises ValueError for a file that is not that checkpoint, FileNotFoundError for none.
    """
    return from_arrays("published", "published", published_arrays(Path(path)))


@lru_cache(maxsize=1)
def surrogate() -> NetworkSurface:
    """The network that ships, trained by data/build.py to agree with the published simulator."""
    with as_file(shipped("surrogate.npz")) as path, np.load(path) as arrays:
        return from_arrays("surrogate", "surrogate", dict(arrays))


def from_arrays(name: str, provenance: str, arrays: Mapping[str, Any]) -> NetworkSurface:
    """A surface from arrays W0.., b0.., x_mean, x_std, y_mean, y_std."""
    layers = range(sum(key.startswith("W") for key in arrays))
    facts = slimpajama()
    grid = range(facts.log_every_steps, facts.full_length_steps + 1, facts.log_every_steps)
    return NetworkSurface(
        name=name,
        provenance=provenance,
        support=_SUPPORT,
        domains=facts.domains,
        metric_set=SLIMPAJAMA,
        step_flops={s.parameters: s.flops_per_step for s in facts.scales},
        steps=tuple(grid),
        weights=tuple(arrays[f"W{i}"] for i in layers),
        biases=tuple(arrays[f"b{i}"] for i in layers),
        **{key: arrays[key] for key in ("x_mean", "x_std", "y_mean", "y_std")},
    )
