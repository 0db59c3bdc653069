"""Observations over arrays: experiments in, the rows that an agent sees out."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.arrays import put
from mixenv.batch.block import Block
from mixenv.batch.book import Entry
from mixenv.batch.ladder import look
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site
from mixenv.batch.state import Rows, State
from mixenv.recycle import Recycler


def show(
    rules: Rules, state: State, site: Site, scale: Any, entry: Entry, standard: Any, xp: Any = np
) -> Rows | Block:
    """The rows after experiments (NumPy: written in place)."""
    row, done, old = _row(rules, site, scale, entry, standard, xp), entry.done, state.rows
    if isinstance(old, Block):
        old.write(row, done)
        return old
    if xp is np:
        return _written(row, old, done, state)
    row = Rows(*(array.astype(np.float32) for array in row))
    if rules.rows is None:
        pairs = zip(row, old, strict=True)
        return Rows(*(xp.where(done[..., None], new, last) for new, last in pairs))
    position = xp.where(done, state.count - 1, rules.rows)  # out of bounds: nothing is written
    return Rows(*(put(o, position, n) for o, n in zip(old, row, strict=True)))


def _written(row: Rows, old: Rows, done: np.ndarray, state: State) -> Rows:
    where = np.flatnonzero(done)
    index = (where, state.count[where] - 1)
    return Rows(*(put(o, index, n[where]) for o, n in zip(old, row, strict=True)))


def _row(rules: Rules, site: Site, scale: Any, entry: Entry, standard: Any, xp: Any) -> Rows:
    """Of any types: they are written as float32. What was not done is marked as not there."""
    log_steps = look(xp.asarray(rules.ladder.log_steps), site.row, entry.end)
    hot = look(xp.asarray(rules.one_hot), None, scale)
    cost, mask = entry.cost[..., None], entry.done[..., None]
    return Rows(site.mixture, hot, log_steps[..., None], standard, cost, mask)


def observe(
    rules: Rules, state: State, xp: Any = np, recycler: Recycler | None = None
) -> dict[str, Any]:
    """The observations of episodes (NumPy: in new arrays, or in what a recycler has)."""
    rows = state.rows
    if isinstance(rows, Block):
        seen = dict(zip(Rows._fields, rows.copies(), strict=True))
    elif recycler is not None:
        seen = recycler.copy(rows._asdict())
    else:
        seen = {name: value.copy() if xp is np else value for name, value in rows._asdict().items()}
    budget, one = rules.task.budget, np.float32
    remaining = (budget - state.spent).clip(0.0, budget)
    seen["count"] = state.count.astype(one)[..., None]
    seen["remaining"] = remaining.astype(one)[..., None]
    return seen
