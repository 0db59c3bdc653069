"""A table of recorded runs: mixtures in, metrics at checkpoints out. Shares sum to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixenv.metrics import Metric
from mixenv.scale import scale_label


@dataclass(frozen=True, eq=False)
class RunTable:
    """Recorded runs in long form: `n` runs, `d` domains, `m` rows (checkpoints), `k` metrics.

    `mixture` [n, d] shares; `scale` [n] parameters; `step_cost` [n] cost of one step
    in `cost_unit` ("FLOPs", or what the runs were paid in: "minutes");
    `run` [m] which run a row belongs to, ascending; `steps` [m] optimiser steps, ascending within
    a run; `values` [m, k] metrics, NaN where one was not recorded. `provenance` is "measured" or
    "synthetic"; `notes` say what reading a file changed. Arrays are made read-only. Raises
    ValueError when shapes or values do not fit.
    """

    name: str
    domains: tuple[str, ...]
    metrics: tuple[Metric, ...]
    mixture: np.ndarray
    scale: np.ndarray
    step_cost: np.ndarray
    run: np.ndarray
    steps: np.ndarray
    values: np.ndarray
    provenance: str = "measured"
    cost_unit: str = "FLOPs"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("mixture", "scale", "step_cost", "run", "steps", "values"):
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

    def take(self, runs: slice | Sequence[int] | np.ndarray) -> RunTable:
        """The table of some of the runs, by position or by a mask [n], in the order given."""
        chosen = np.arange(len(self.scale))[runs]
        rows = [np.flatnonzero(self.run == r) for r in chosen]
        kept = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
        return replace(
            self, mixture=self.mixture[chosen], scale=self.scale[chosen],
            step_cost=self.step_cost[chosen], steps=self.steps[kept], values=self.values[kept],
            run=np.repeat(np.arange(len(chosen)), [len(r) for r in rows]),
        )  # fmt: skip

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales that occur (parameters), ascending."""
        return tuple(float(s) for s in np.unique(self.scale))

    @classmethod
    def read(cls, path: str | Path, **options: Any) -> RunTable:
        """Read runs from a CSV (.tsv: tabs) or parquet file, one row a checkpoint, and check them.

        Columns are known by the usual spellings: shares `weight_*`, `ratio_*`, `phase_0_*`,
        `train_*`; sizes `model_size`, `params`, `scale`, `model` (parameters or labels such as
        "70M"); lengths `steps`, `step`, `n_tokens`, `tokens`; outcomes `*_loss`, `metric_*`,
        `metric/*`, `eval/*` (a name that says loss, perplexity, entropy, bits or error is a loss,
        any other an accuracy, a fraction); cost `flops`, else 6 x parameters x tokens.

        Options, where spellings do not tell: `shares` (a prefix, columns, or {column: domain}) and
        `percent=True` for shares that sum to 100; `scale` (a column, or one size for all rows),
        `scale_unit` (parameters a unit: 1e6 for sizes in millions), `known_scales`; `steps`,
        `tokens`, `run` (columns); `tokens_per_step` (default 1e6 where only tokens are given);
        `metrics` ({column: "loss", "accuracy" or "ignore"}, beside those known by name); `cost` (a
        column: what a run had cost up to the row) and its `cost_unit`; `duplicates="drop"`; `name`.

        Rows of one mixture and scale are checkpoints of one run; the same steps again with other
        values are a repeat, a run of its own. Sums of shares within 0.5% of one are renormalised.
        What reading changed or assumed is in `notes`. Raises TableError, listing row and column,
        for a table that does not fit; ValueError for an option; FileNotFoundError for no file;
        ModuleNotFoundError for parquet without pyarrow.
        """
        from mixenv.runs.importer import read_runs  # which makes run tables

        return read_runs(path, **options)

    def __str__(self) -> str:
        """What the table holds, and what reading it changed."""
        labels = ", ".join(
            f"{int(np.sum(self.scale == s))} at {scale_label(s)}" for s in self.scales
        )
        about = [
            f"run table {self.name!r}: {len(self.scale)} runs ({labels}), {len(self.run)} rows",
            f"domains: {', '.join(self.domains)}",
            f"metrics: {', '.join(metric.name for metric in self.metrics)}",
        ]
        return "\n".join([*about, *(f"note: {note}" for note in self.notes)])

    def save(self, path: Path) -> None:
        """Write the table as plain arrays (.npz, no pickle)."""
        np.savez_compressed(
            path,
            name=np.array(self.name),
            provenance=np.array(self.provenance),
            cost_unit=np.array(self.cost_unit),
            notes=np.array(self.notes, dtype=np.str_),
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
                cost_unit=str(file["cost_unit"]),
                notes=tuple(str(note) for note in file["notes"]),
                **{f: file[f] for f in _ARRAYS},
            )


_ARRAYS = ("mixture", "scale", "step_cost", "run", "steps", "values")


def _check(table: RunTable) -> None:
    n, d, k, m = len(table.scale), len(table.domains), len(table.metrics), len(table.run)
    expected = {
        "mixture": (n, d), "scale": (n,), "step_cost": (n,),
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
    bad = np.flatnonzero(~(np.isfinite(table.step_cost) & (table.step_cost > 0)))
    if len(bad):
        raise ValueError(
            f"run table {table.name!r}: run {bad[0]} has step_cost {table.step_cost[bad[0]]}; "
            f"expected a positive number of {table.cost_unit} a step"
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
