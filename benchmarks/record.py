"""A record: everything one cell showed, step by step, and its compact form for the store."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

WALL_CLOCK = ("seconds", "start_seconds")  # fields that differ from run to run


@dataclass(frozen=True, eq=False)
class Record:
    """One episode of n experiments with r distinct recommendations over d domains.

    Costs are in target runs, scales in parameters, regrets in sd units. `value` is the noisy
    objective an experiment showed and `truth` the surface's at the same mixture, scale and steps;
    `optimum` and `sd` are the objective's at the target. `in_force` [n + 1] says which of
    `recommended` [r, d] held before the first experiment and after each; `regret` [r] is theirs.
    `seconds` [n]: ask, tell and recommend; `start_seconds`: making the agent.
    """

    task: str
    agent: str
    seed: int
    surface: str
    provenance: str
    fingerprint: str
    noise: str | float
    max_share: float
    budget: float
    target: tuple[float, int]
    optimum: float
    sd: float
    mixture: np.ndarray
    scale: np.ndarray
    steps: np.ndarray
    cost: np.ndarray
    value: np.ndarray
    truth: np.ndarray
    recommended: np.ndarray
    regret: np.ndarray
    in_force: np.ndarray
    seconds: np.ndarray
    start_seconds: float

    @property
    def spent(self) -> np.ndarray:
        """Cost [n + 1] before the first experiment and after each."""
        return np.concatenate([[0.0], np.cumsum(self.cost)])

    @property
    def regrets(self) -> np.ndarray:
        """Regret [n + 1] of the recommendation in force at `spent`."""
        return self.regret[self.in_force]


def encode(record: Record) -> bytes:
    """A record as compressed JSON; every float comes back exactly."""
    plain = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(record).items()
    }
    return zlib.compress(json.dumps(plain).encode(), 6)


def decode(blob: bytes) -> Record:
    """The record that `encode` wrote."""
    plain: dict[str, Any] = json.loads(zlib.decompress(blob))
    arrays = {f.name for f in fields(Record) if f.type == "np.ndarray"}
    known = {k: np.array(v) if k in arrays else v for k, v in plain.items()}
    return Record(**{**known, "target": tuple(plain["target"])})
