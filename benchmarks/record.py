"""A record: everything one cell showed, step by step, and its compact form for the store."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

WALL_CLOCK = ("seconds", "start_seconds", "cpu_seconds")  # fields that differ from run to run
_ARRAYS = "arrays"  # in the header of the compact form


@dataclass(frozen=True, eq=False)
class Record:
    """One episode of n experiments with r distinct recommendations over d domains.

    Costs are in target runs, scales in parameters, regrets in sd units. `metrics` [n, k] are the
    noisy metrics each experiment showed (float32), called `metric_names` [k]; `value` is the
    objective of them and `truth` the surface's at the same mixture, scale and steps; `cut_short`
    and `resumed` are as in `Outcome`; `optimum` and `sd` are the objective's at the target.
    `in_force` [n + 1] says which of `recommended` [r, d] held before the first experiment and after
    each; `regret` [r] is theirs. `seconds` [n]: ask, tell and recommend; `start_seconds`: making
    the agent; `cpu_seconds`: processor time of the whole episode, environment and watching too.

    Where the agent has a `predict`: at p moments (`predicted_at`, cost) what it said of the
    objective at the target, noise-free, of the task's probe mixtures and, last, of its own
    recommendation: `predicted_mean`, `predicted_sd` and `predicted_truth` [p, 65] (float32); see
    `benchmarks.forecast`. Empty for the others.

    `failed`: no episode but what counts for one that failed; see `benchmarks.failed`. Never stored.
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
    domains: tuple[str, ...]
    metric_names: tuple[str, ...]
    mixture: np.ndarray
    scale: np.ndarray
    steps: np.ndarray
    cost: np.ndarray
    cut_short: np.ndarray
    resumed: np.ndarray
    metrics: np.ndarray
    value: np.ndarray
    truth: np.ndarray
    recommended: np.ndarray
    regret: np.ndarray
    in_force: np.ndarray
    predicted_at: np.ndarray
    predicted_mean: np.ndarray
    predicted_sd: np.ndarray
    predicted_truth: np.ndarray
    seconds: np.ndarray
    start_seconds: float
    cpu_seconds: float
    failed: bool = False

    @property
    def spent(self) -> np.ndarray:
        """Cost [n + 1] before the first experiment and after each."""
        return np.concatenate([[0.0], np.cumsum(self.cost)])

    @property
    def regrets(self) -> np.ndarray:
        """Regret [n + 1] of the recommendation in force at `spent`."""
        return self.regret[self.in_force]


def same(one: Record, other: Record) -> bool:
    """Whether two records agree to the last bit, wall-clock fields aside."""
    return all(
        _equal(getattr(one, f.name), getattr(other, f.name))
        for f in fields(Record)
        if f.name not in WALL_CLOCK
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    return bool(one == other)


def encode(record: Record) -> bytes:
    """A record as compressed bytes: a line of JSON, then the arrays. Numbers come back exactly."""
    known = asdict(record)
    del known["failed"]
    arrays = {k: np.ascontiguousarray(v) for k, v in known.items() if isinstance(v, np.ndarray)}
    header = {name: value for name, value in known.items() if name not in arrays}
    header[_ARRAYS] = [[name, a.dtype.str, a.shape] for name, a in arrays.items()]
    body = b"".join(_planes(a).tobytes() for a in arrays.values())
    return zlib.compress(json.dumps(header).encode() + b"\n" + body, 6)


def decode(blob: bytes) -> Record:
    """The record that `encode` wrote."""
    line, _, body = zlib.decompress(blob).partition(b"\n")
    known: dict[str, Any] = json.loads(line)
    for name, dtype, shape in known.pop(_ARRAYS):
        kind = np.dtype(dtype)
        size = kind.itemsize * int(np.prod(shape))
        planes = np.frombuffer(body[:size], np.uint8).reshape(kind.itemsize, -1)
        known[name] = np.ascontiguousarray(planes.T).view(kind).reshape(shape)
        body = body[size:]
    for name in ("target", "domains", "metric_names"):
        known[name] = tuple(known[name])
    return Record(**known)


def _planes(array: np.ndarray) -> np.ndarray:
    """The bytes of an array, first bytes of all numbers first: so they compress better."""
    return array.reshape(-1, 1).view(np.uint8).reshape(-1, array.itemsize).T
