"""A table of recorded runs: mixtures in, metrics at checkpoints out. Shares sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixenv.metrics import Metric


@dataclass(frozen=True, eq=False)
class RunTable:
    """Recorded runs in long form: `n` runs, `d` domains, `m` rows (checkpoints), `k` metrics.

    `mixture` [n, d] shares; `scale` [n] parameters; `flops_per_step` [n] FLOPs of one step;
    `run` [m] which run a row belongs to, ascending; `steps` [m] optimiser steps, ascending within
    a run; `values` [m, k] metrics, NaN where one was not recorded. `provenance` is "measured" or
    "synthetic". Arrays are made read-only. Raises ValueError when shapes or values do not fit.
    """

    name: str
    domains: tuple[str, ...]
    metrics: tuple[Metric, ...]
    mixture: np.ndarray
    scale: np.ndarray
    flops_per_step: np.ndarray
    run: np.ndarray
    steps: np.ndarray
    values: np.ndarray
    provenance: str = "measured"

    def __post_init__(self) -> None:
        for field in ("mixture", "scale", "flops_per_step", "run", "steps", "values"):
            array = np.array(getattr(self, field))
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        _check(self)

    @property
    def length(self) -> np.ndarray:
        """Steps [n] at which each run ends; 0 for a run without a recorded checkpoint."""
        length = np.zeros(len(self.scale), dtype=np.int64)
        np.maximum.at(length, self.run, self.steps)
        return length

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales that occur (parameters), ascending."""
        return tuple(float(s) for s in np.unique(self.scale))

    def save(self, path: Path) -> None:
        """Write the table as plain arrays (.npz, no pickle)."""
        np.savez_compressed(
            path,
            name=np.array(self.name),
            provenance=np.array(self.provenance),
            domains=np.array(self.domains),
            metric_names=np.array([m.name for m in self.metrics]),
            metric_signs=np.array([m.sign for m in self.metrics]),
            metric_items=np.array([m.items or 0 for m in self.metrics]),
            metric_evaluated=np.array([m.evaluated for m in self.metrics]),
            **{f: getattr(self, f) for f in _ARRAYS},
        )

    @classmethod
    def load(cls, path: Path) -> RunTable:
        """Read a table written by `save`."""
        with np.load(path, allow_pickle=False) as file:
            metrics = zip(
                file["metric_names"], file["metric_signs"], file["metric_items"],
                file["metric_evaluated"], strict=True,
            )  # fmt: skip
            return cls(
                name=str(file["name"]),
                domains=tuple(str(d) for d in file["domains"]),
                metrics=tuple(
                    Metric(str(n), int(s), int(i) or None, bool(e)) for n, s, i, e in metrics
                ),
                provenance=str(file["provenance"]),
                **{f: file[f] for f in _ARRAYS},
            )


_ARRAYS = ("mixture", "scale", "flops_per_step", "run", "steps", "values")


def _check(table: RunTable) -> None:
    n, d, k, m = len(table.scale), len(table.domains), len(table.metrics), len(table.run)
    expected = {
        "mixture": (n, d), "scale": (n,), "flops_per_step": (n,),
        "run": (m,), "steps": (m,), "values": (m, k),
    }  # fmt: skip
    for field, shape in expected.items():
        if getattr(table, field).shape != shape:
            raise ValueError(
                f"run table {table.name!r}: expected {field} of shape {shape}, "
                f"got {getattr(table, field).shape}"
            )
    if table.provenance not in ("measured", "synthetic"):
        raise ValueError(
            f"run table {table.name!r}: expected provenance 'measured' or 'synthetic', "
            f"got {table.provenance!r}"
        )
    _check_order(table, n)
    _check_shares(table)


def _check_order(table: RunTable, runs: int) -> None:
    """Rows name runs of the table, ascending, and steps ascend within a run."""
    known = (table.run >= 0) & (table.run < runs)
    if not known.all():
        raise ValueError(
            f"run table {table.name!r}: expected rows of runs 0 to {runs - 1}, "
            f"got run {table.run[~known][0]}"
        )
    later = (np.diff(table.run) > 0) | ((np.diff(table.run) == 0) & (np.diff(table.steps) > 0))
    wrong = table.steps < 1
    wrong[1:] |= ~later
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"run table {table.name!r}: expected rows ascending by run and then by positive steps, "
            f"got run {table.run[row]} at step {table.steps[row]} in row {row}; sort the rows"
        )


def _check_shares(table: RunTable) -> None:
    off = ~(np.abs(table.mixture.sum(axis=1) - 1) < 1e-6)
    bad = np.flatnonzero(off | ~(table.mixture >= 0).all(axis=1))
    if len(bad):
        raise ValueError(
            f"run table {table.name!r}: run {bad[0]} has shares {table.mixture[bad[0]].tolist()}; "
            "expected non-negative shares that sum to one; renormalise them first"
        )
