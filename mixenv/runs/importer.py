"""A file of anyone's runs in, a validated run table out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mixenv.metrics import Metric
from mixenv.runs import cells, lengths
from mixenv.runs.frame_file import Columns, read_columns
from mixenv.runs.grouping import group_runs
from mixenv.runs.problems import Findings
from mixenv.runs.roles import Roles, find_roles
from mixenv.runs.table import RunTable
from mixenv.scale import parse_scale, scale_label

_NOTED, _CLOSE = 1e-6, 5e-3  # sums this far from one are mended: silently, with a note
_ZERO = -1e-9  # a share below it is negative, not rounding


def read_runs(
    path: str | Path,
    *,
    name: str | None = None,
    shares: str | Sequence[str] | Mapping[str, str] | None = None,
    percent: bool = False,
    scale: str | float | None = None,
    scale_unit: float = 1.0,
    known_scales: Sequence[str | float] | None = None,
    steps: str | None = None,
    tokens: str | None = None,
    tokens_per_step: float | None = None,
    metrics: Mapping[str, str] | None = None,
    cost: str | None = None,
    cost_unit: str = "FLOPs",
    run: str | None = None,
    duplicates: str = "refuse",
) -> RunTable:
    """The table behind `RunTable.read`, which documents it."""
    path, findings = Path(path), Findings(str(path))
    _check_options(duplicates, scale_unit, tokens_per_step)
    columns = read_columns(path, findings)
    column = None if scale is None else str(scale)
    if column is not None and column not in columns:  # one size for all rows
        columns[column] = [column] * len(next(iter(columns.values())))
    roles = find_roles(
        list(columns), findings, shares=shares, metrics=metrics, scale=column, steps=steps,
        tokens=tokens, cost=cost, run=run,
    )  # fmt: skip
    mixture = _mixture(columns, list(roles.shares), percent, findings)
    size = _scale(columns, roles, scale_unit, known_scales, findings)
    length = lengths.read_lengths(columns, roles, size, tokens_per_step, cost_unit, findings)
    values = _values(columns, roles.metrics, findings)
    findings.check()
    name_of_run = (roles.run, columns[roles.run]) if roles.run else None
    runs = group_runs(
        mixture, size, length.steps, values, name_of_run, findings, duplicates == "drop"
    )
    last = runs.rows[np.append(np.flatnonzero(np.diff(runs.run)), len(runs.run) - 1)]
    return RunTable(
        name=name or path.stem,
        domains=tuple(roles.shares.values()),
        metrics=tuple(roles.metrics.values()),
        mixture=mixture[runs.first],
        scale=size[runs.first],
        step_cost=length.step_cost[last],
        run=runs.run,
        steps=length.steps[runs.rows],
        values=values[runs.rows],
        cost_unit=length.cost_unit,
        notes=tuple(findings.notes),
    )


def _check_options(duplicates: str, scale_unit: float, tokens_per_step: float | None) -> None:
    if duplicates not in ("refuse", "drop"):
        raise ValueError(f"duplicates: expected 'refuse' or 'drop', got {duplicates!r}")
    for option, value in (("scale_unit", scale_unit), ("tokens_per_step", tokens_per_step)):
        if value is not None and not 0 < value < np.inf:
            raise ValueError(f"{option}: expected a positive number, got {value!r}")


def _mixture(columns: Columns, names: list[str], percent: bool, findings: Findings) -> np.ndarray:
    """Shares [m, d] that sum to one."""
    whole = 100.0 if percent else 1.0
    shares = np.stack([cells.numbers(columns, name, findings) / whole for name in names], axis=1)
    for j, name in enumerate(names):
        for row in np.flatnonzero((shares[:, j] < _ZERO) | (np.abs(shares[:, j]) > 1e3)).tolist():
            message = f"expected a share from 0 to {whole:g}, got {shares[row, j] * whole:g}"
            findings.refuse(message, name, row + 1)
    findings.check()
    shares = np.maximum(shares, 0.0)
    total = shares.sum(axis=1)
    for row in np.flatnonzero(np.abs(total - 1) > _CLOSE).tolist():
        findings.refuse(_off(total[row] * whole, whole), None, row + 1)
    findings.check()
    if mended := int(np.sum(np.abs(total - 1) > _NOTED)):
        findings.notes.append(
            f"shares of {mended} rows renormalised; they summed to {total.min() * whole:.6g} to "
            f"{total.max() * whole:.6g}"
        )
    return shares / total[:, None]


def _off(total: float, whole: float) -> str:
    message = f"expected shares that sum to {whole:g} within 0.5%, got {total:.6g}"
    if whole == 1 and abs(total - 100) < 100 * _CLOSE:
        return f"{message}; if they are percentages, pass percent=True"
    return f"{message}; name the columns that belong with shares=, or correct the row"


def _scale(
    columns: Columns, roles: Roles, unit: float, known: Sequence[str | float] | None,
    findings: Findings,
) -> np.ndarray:  # fmt: skip
    """Parameters [m], each one of the `known` scales where those are given."""
    if roles.scale is None:
        findings.refuse(
            "expected a column of model sizes (model_size, params, scale, ...), got none; pass "
            'scale= with a column, or with a size such as "70M" for all rows', None, 0
        )  # fmt: skip
        return np.full(len(next(iter(columns.values()))), np.nan)
    size = cells.scales(columns, roles.scale, unit, findings)
    allowed = [parse_scale(s) for s in known] if known is not None else None
    if allowed is not None:
        labels = ", ".join(scale_label(s) for s in allowed)
        for row in np.flatnonzero(~np.isin(size, allowed) & np.isfinite(size)).tolist():
            message = f"expected one of {labels}, got {scale_label(size[row])}"
            findings.refuse(message, roles.scale, row + 1)
    return size


def _values(columns: Columns, metrics: dict[str, Metric], findings: Findings) -> np.ndarray:
    """Metrics [m, k]; an empty cell is NaN."""
    parts = [cells.numbers(columns, column, findings, missing=True) for column in metrics]
    for (column, metric), found in zip(metrics.items(), parts, strict=True):
        low, high = 0.0, np.inf if metric.sign > 0 else 1.0
        for row in np.flatnonzero((found < low) | (found > high)).tolist():
            findings.refuse(_beyond(metric, column, found[row]), column, row + 1)
    values = np.stack(parts, axis=1)
    if gaps := int(np.isnan(values).sum()):
        rows = int(np.isnan(values).any(axis=1).sum())
        findings.notes.append(f"outcomes missing: {gaps} cells in {rows} rows stay NaN")
    return values


def _beyond(metric: Metric, column: str, value: float) -> str:
    if metric.sign > 0:
        return f"expected a loss of at least 0, got {value:g}"
    return (
        f"expected an accuracy from 0 to 1, got {value:g}; divide percentages by 100, or if lower "
        f"is better pass metrics={{{column!r}: 'loss'}}"
    )
