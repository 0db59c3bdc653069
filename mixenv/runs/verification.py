"""What is known of the 472 runs, checked on a table; and how well a surface agrees with one."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from mixenv import facts
from mixenv.runs.check import Check
from mixenv.runs.table import RunTable
from mixenv.scale import scale_label

_TOLERANCE = 5e-5  # half a unit of the last digit of the published loss


class _Surface(Protocol):
    @property
    def metric_names(self) -> tuple[str, ...]: ...

    def metrics(self, mixture: np.ndarray, scale: np.ndarray, steps: np.ndarray) -> np.ndarray: ...


class Agreement(NamedTuple):
    """How well a surface predicts recorded rows: one number for each of a table's k metrics.

    `r2` [k] over every row; `noise_sd` [k], in the metric's unit, the standard deviation of the
    residuals at the largest scale and the step at which most of its runs end, over `rows` rows.
    """

    r2: np.ndarray
    noise_sd: np.ndarray
    rows: int


def verify_slimpajama(table: RunTable) -> list[Check]:
    """The known counts of the 472 runs, and their best final StackExchange loss (nats)."""
    known = facts.slimpajama()
    length, largest = table.length, known.scales[-1].parameters
    checks = [_equal("runs", known.runs, len(table.scale))]
    for scale in known.scales:
        at = table.scale == scale.parameters
        checks.append(_equal(f"runs at {scale.scale}", scale.runs, int(at.sum())))
        used = int((at & (length > 0)).sum())
        checks.append(_equal(f"runs with a history at {scale.scale}", scale.usable_runs, used))
    full = int(((table.scale == largest) & (length == known.full_length_steps)).sum())
    name = f"runs at {scale_label(largest)} ending at {known.full_length_steps} steps"
    checks.append(_equal(name, known.full_length_runs_1B, full))
    empty = int((length == 0).sum())
    checks.append(_equal("runs with an empty history", known.empty_runs, empty))
    expected, best = known.best_final_stack_exchange, _best_final(table, "stack_exchange")
    ok = abs(best - expected) <= _TOLERANCE
    return [*checks, Check("best final stack_exchange loss", expected, round(best, 5), ok)]


def agreement(surface: _Surface, table: RunTable) -> Agreement:
    """R^2 of a surface on a table's rows, and the noise its residuals imply.

    Metrics are matched by name; cells without a number are left out. NaN where a metric has fewer
    than two rows. Raises ValueError for a surface that lacks one of the table's metrics.
    """
    names = [metric.name for metric in table.metrics]
    lacking = [name for name in names if name not in surface.metric_names]
    if lacking:
        raise ValueError(
            f"expected a surface with the metrics of {table.name!r}, got one without "
            f"{', '.join(lacking)}; compare it with a table of its own metrics"
        )
    answer = surface.metrics(table.mixture[table.run], table.scale[table.run], table.steps)
    predicted = np.asarray(answer)[:, [surface.metric_names.index(name) for name in names]]
    last = _last_rows(table)
    residual = table.values - predicted
    r2 = [_r2(*column) for column in zip(table.values.T, residual.T, strict=True)]
    return Agreement(np.array(r2), np.array([_sd(r) for r in residual[last].T]), len(last))


def _equal(check: str, expected: int, got: int) -> Check:
    return Check(check, expected, got, got == expected)


def _best_final(table: RunTable, name: str) -> float:
    """The lowest value of a metric at the last step of a run; infinite without rows."""
    values = table.values[:, [metric.name for metric in table.metrics].index(name)]
    final = values[_is_last(table)]
    return float(final[np.isfinite(final)].min(initial=np.inf))


def _last_rows(table: RunTable) -> np.ndarray:
    """Rows at the largest scale, at the step at which most of its runs end."""
    largest = table.scale[table.run] == table.scale.max(initial=0.0)
    ends, count = np.unique(table.steps[largest & _is_last(table)], return_counts=True)
    return np.flatnonzero(largest & (table.steps == ends[np.argmax(count)])) if len(ends) else ends


def _is_last(table: RunTable) -> np.ndarray:
    return table.steps == table.length[table.run]


def _r2(values: np.ndarray, residual: np.ndarray) -> float:
    known = np.isfinite(residual)
    if known.sum() < 2:
        return float("nan")
    total = ((values[known] - values[known].mean()) ** 2).sum()
    return float(1 - (residual[known] ** 2).sum() / total) if total > 0 else float("nan")


def _sd(residual: np.ndarray) -> float:
    known = residual[np.isfinite(residual)]
    return float(known.std(ddof=1)) if len(known) > 1 else float("nan")
