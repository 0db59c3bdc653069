"""Records as tables for other tools: one row a step, or one row a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.record import Record, decode
from benchmarks.store import Entry, Store

ROWS = ("steps", "cells")


def export(store: Store, entries: Iterable[Entry], path: Path, rows: str = "steps") -> int:
    """Write a table as .csv, .jsonl or .parquet, by the name of the file; return its rows.

    Every row says where its numbers come from. Raises ValueError for another kind of file or of
    rows, ImportError where pandas cannot write parquet.
    """
    if path.suffix not in _WRITERS:
        raise ValueError(f"export: expected a file {', '.join(_WRITERS)}, got {path.name}")
    if rows not in ROWS:
        raise ValueError(f"rows: expected one of {', '.join(ROWS)}, got {rows!r}")
    table = (steps if rows == "steps" else cells)(store, entries)
    path.parent.mkdir(parents=True, exist_ok=True)
    _WRITERS[path.suffix](table, path)
    return len(table)


def steps(store: Store, entries: Iterable[Entry]) -> pd.DataFrame:
    """One row an experiment; cells that failed have none. Costs in target runs, regrets in sd."""
    parts = [_steps(store, e, decode(blob)) for e in entries if (blob := store.blob(e.key))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def cells(store: Store, entries: Iterable[Entry]) -> pd.DataFrame:
    """One row a cell; of one that failed, its traceback in `failure` and no numbers."""
    found = []
    for entry in entries:
        blob = store.blob(entry.key)
        known = {} if blob is None else _summary(decode(blob))
        found.append({**_origin(store, entry), **known, "failure": entry.failure})
    return pd.DataFrame(found)


def _steps(store: Store, entry: Entry, record: Record) -> pd.DataFrame:
    n = len(record.cost)
    columns: dict[str, Any] = {
        **_origin(store, entry), **_source(record),
        "step": np.arange(1, n + 1), "scale": record.scale, "steps": record.steps,
        "cost": record.cost, "spent": record.spent[1:], "cut_short": record.cut_short,
        "resumed": record.resumed, "value": record.value, "truth": record.truth,
        "regret": record.regrets[1:], "seconds": record.seconds,
    }  # fmt: skip
    columns |= _spread("share", record.domains, record.mixture)
    recommended = record.recommended[record.in_force[1:]]
    columns |= _spread("recommended", record.domains, recommended)
    columns |= _spread("metric", record.metric_names, record.metrics)
    return pd.DataFrame(columns, index=pd.RangeIndex(n))


def _spread(what: str, names: tuple[str, ...], values: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{what}_{name}": values[:, i] for i, name in enumerate(names)}


def _summary(record: Record) -> dict[str, Any]:
    last = record.recommended[record.in_force[-1]]
    return {
        **_source(record), "optimum": record.optimum, "sd": record.sd,
        "experiments": len(record.cost), "spent": float(record.spent[-1]),
        "regret": float(record.regrets[-1]), "start_seconds": record.start_seconds,
        "seconds": float(record.seconds.sum()), "cpu_seconds": record.cpu_seconds,
        **dict(zip((f"recommended_{d}" for d in record.domains), last.tolist(), strict=True)),
    }  # fmt: skip


def _origin(store: Store, entry: Entry) -> dict[str, Any]:
    """Which cell a row is of, and how it was played."""
    made = store.manifest(entry.manifest)
    return {
        "task": entry.task, "agent": entry.agent, "seed": entry.seed, "key": entry.key,
        "suite": made.get("suite", ""), "command": made.get("command", ""),
        "commit": made.get("commit", ""), "code": entry.code,
        "mixenv": made.get("versions", {}).get("mixenv", ""),
    }  # fmt: skip


def _source(record: Record) -> dict[str, Any]:
    """Where a row's numbers come from."""
    return {
        "surface": record.surface, "provenance": record.provenance,
        "fingerprint": record.fingerprint, "noise": str(record.noise),
        "max_share": record.max_share, "budget": record.budget,
        "target_scale": record.target[0], "target_steps": record.target[1],
    }  # fmt: skip


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda table, path: table.to_csv(path, index=False),
    ".jsonl": lambda table, path: table.to_json(path, orient="records", lines=True),
    ".parquet": lambda table, path: table.to_parquet(path, index=False),
}
