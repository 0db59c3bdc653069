"""Observations over arrays: experiments in, the rows that an agent sees out."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.arrays import put
from mixenv.batch.book import Entry
from mixenv.batch.ladder import look
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site
from mixenv.batch.state import Rows, State
from mixenv.observation import standardised
from mixenv.recycle import Recycler


def show(
    rules: Rules, state: State, site: Site, scale: Any, entry: Entry, metrics: Any, xp: Any = np
) -> Rows:
    """The rows after experiments (NumPy: a history is written in place)."""
    row, done, old = _row(rules, site, scale, entry, metrics, xp), entry.done, state.rows
    if xp is np:
        return _kept(row, old, done) if rules.rows is None else _written(row, old, done, state)
    if rules.rows is None:
        pairs = zip(row, old, strict=True)
        return Rows(*(xp.where(done[..., None], new, last) for new, last in pairs))
    position = xp.where(done, state.count - 1, rules.rows)  # out of bounds: nothing is written
    return Rows(*(put(o, position, n) for o, n in zip(old, row, strict=True)))


def _kept(row: Rows, old: Rows, done: np.ndarray) -> Rows:
    """The new rows, but the old ones where nothing was done."""
    missing = np.flatnonzero(~done)
    if len(missing):
        row = Rows(*(put(n, missing, o[missing]) for n, o in zip(row, old, strict=True)))
    return row


def _written(row: Rows, old: Rows, done: np.ndarray, state: State) -> Rows:
    where = np.flatnonzero(done)
    index = (where, state.count[where] - 1)
    return Rows(*(put(o, index, n[where]) for o, n in zip(old, row, strict=True)))


def _row(rules: Rules, site: Site, scale: Any, entry: Entry, metrics: Any, xp: Any) -> Rows:
    one = np.float32
    log_steps = look(xp.asarray(rules.ladder.log_steps), site.row, entry.end)
    return Rows(
        site.mixture.astype(one),
        look(xp.asarray(rules.one_hot), None, scale),
        log_steps[..., None],
        _standardised(rules, site, entry, metrics, xp),
        entry.cost.astype(one)[..., None],
        xp.ones((*entry.cost.shape, 1), one),
    )


def _standardised(rules: Rules, site: Site, entry: Entry, metrics: Any, xp: Any) -> Any:
    if rules.task.pool is None:
        return standardised(rules.task.moments, metrics, xp)
    return look(xp.asarray(rules.recorded_standard), site.row, entry.end)


def observe(
    rules: Rules, state: State, xp: Any = np, recycler: Recycler | None = None
) -> dict[str, Any]:
    """The observations of episodes (NumPy: in new arrays, or in what a recycler has)."""
    seen = state.rows._asdict()
    if recycler is not None and rules.rows is not None:
        seen = recycler.copy(seen)
    elif xp is np:
        seen = {name: value.copy() for name, value in seen.items()}
    budget, one = rules.task.budget, np.float32
    remaining = xp.minimum(xp.maximum(budget - state.spent, 0.0), budget)
    seen["count"] = state.count.astype(one)[..., None]
    seen["remaining"] = remaining.astype(one)[..., None]
    return seen
