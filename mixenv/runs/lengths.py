"""How long the runs of a file are and what a step of them costs: tokens or steps in, both out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixenv.runs import cells
from mixenv.runs.frame_file import Columns
from mixenv.runs.problems import Findings
from mixenv.runs.roles import Roles

TOKENS_PER_STEP = 1e6  # where a table counts tokens only, a step is a million of them
ONE_LENGTH = 100  # steps of a run where a table gives no length: a step is a hundredth of it
_MOST_STEPS, _MOST_TOKENS = 1e12, 1e18


class Lengths(NamedTuple):
    """`steps` [m] and `step_cost` [m] of each row, the latter in `cost_unit`."""

    steps: np.ndarray
    step_cost: np.ndarray
    cost_unit: str


def read_lengths(
    columns: Columns, roles: Roles, scale: np.ndarray, tokens_per_step: float | None,
    cost_unit: str, findings: Findings,
) -> Lengths:  # fmt: skip
    """Steps from steps, else from tokens; cost from its column, else 6 x parameters x tokens.

    `scale` [m] in parameters. Without tokens (and no `tokens_per_step`) a step costs in proportion
    to the parameters, which is noted.
    """
    tokens = None
    if roles.tokens:
        tokens = _positive(columns, roles.tokens, _MOST_TOKENS, findings)
    steps = _steps(columns, roles, scale, tokens, tokens_per_step or TOKENS_PER_STEP, findings)
    if tokens is None and tokens_per_step is not None:
        tokens = steps * tokens_per_step
    if roles.cost:
        paid = _positive(columns, roles.cost, np.inf, findings)
        return Lengths(steps, np.maximum(paid / steps, np.finfo(float).tiny), cost_unit)
    if tokens is not None:
        return Lengths(steps, 6 * scale * tokens / steps, "FLOPs")
    findings.notes.append(
        "no tokens and no FLOPs: a step is taken to cost in proportion to the parameters; pass "
        "tokens_per_step= or cost= where it does not"
    )
    return Lengths(steps, scale, "parameters x steps")


def _steps(
    columns: Columns, roles: Roles, scale: np.ndarray, tokens: np.ndarray | None,
    tokens_per_step: float, findings: Findings,
) -> np.ndarray:  # fmt: skip
    """Whole steps [m], at least 1."""
    if roles.steps:
        return _whole(columns, roles.steps, findings)
    if tokens is None or roles.tokens is None:
        findings.notes.append(f"no steps and no tokens: every run is taken to be {ONE_LENGTH} long")
        return np.full(len(scale), ONE_LENGTH)
    steps = np.rint(np.clip(np.nan_to_num(tokens / tokens_per_step, nan=1.0), 0, _MOST_STEPS))
    short = np.flatnonzero(steps < 1)
    for row in short.tolist():
        findings.refuse(
            f"expected at least one step of {tokens_per_step:g} tokens, got {tokens[row]:g} "
            "tokens; pass a smaller tokens_per_step=", roles.tokens, row + 1
        )  # fmt: skip
    if merged := len(np.unique(tokens)) - len(np.unique(steps)):
        findings.notes.append(
            f"token counts that are the same step as another after rounding: {merged}; a smaller "
            "tokens_per_step= keeps them apart"
        )
    return np.maximum(steps, 1).astype(np.int64)


def _whole(columns: Columns, name: str, findings: Findings) -> np.ndarray:
    found = _positive(columns, name, _MOST_STEPS, findings)
    for row in np.flatnonzero(np.isfinite(found) & (found != np.rint(found))).tolist():
        findings.refuse(
            f"expected a whole number of steps, got {found[row]:g}; name tokens with tokens=",
            name, row + 1,
        )  # fmt: skip
    return np.maximum(np.nan_to_num(found, nan=1.0), 1).astype(np.int64)


def _positive(columns: Columns, name: str, most: float, findings: Findings) -> np.ndarray:
    """The positive numbers [m] of a column, up to `most`; NaN where one is refused."""
    found = cells.numbers(columns, name, findings)
    wrong = (found <= 0) | (found > most)
    limit = f", at most {most:g}" if np.isfinite(most) else ""
    for row in np.flatnonzero(wrong).tolist():
        message = f"expected a positive number{limit}, got {found[row]:g}"
        findings.refuse(message, name, row + 1)
    return np.where(wrong, np.nan, found)
