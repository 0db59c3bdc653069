"""The bookkeeping of experiments: which run goes on, how far the budget takes it, what it costs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv.arrays import put
from mixenv.batch.ladder import look, rungs
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site
from mixenv.batch.state import Runs, State


class Held(NamedTuple):
    """The runs [...] that an episode has at a site, in a `slot`: the next free one for none.

    `count` of them; the longest has `reached` a position of the ladder and is number `replicate`.
    """

    slot: Any
    count: Any
    reached: Any
    replicate: Any


class Entry(NamedTuple):
    """What is bought: `done` [...], whether anything is; positions `begin` to `end` on the ladder.

    `held` tells of the runs there were, `replicate` [...] which one this is, `steps` [...] where it
    ends; `cost` [...] in target runs, `cut_short` and `resumed` [...].
    """

    done: Any
    begin: Any
    end: Any
    held: Held
    replicate: Any
    steps: Any
    cost: Any
    cut_short: Any
    resumed: Any


def price(
    rules: Rules, state: State, site: Site, scale: Any, steps: Any, xp: Any = np
) -> Entry:  # fmt: skip
    """The entry of experiments up to `steps` [...] (indices) at `scale` [...]."""
    held = (_find if xp is np else _find_dense)(state.runs, site)
    row, ladder = site.row, xp.asarray(rules.ladder.steps)
    wanted = look(xp.asarray(rules.ladder.wanted), row, steps)
    resumed = (held.reached > 0) & (held.reached < wanted) & rules.task.resume
    begin, replicate = held.reached * resumed, xp.where(resumed, held.replicate, held.count)
    rate = xp.asarray(rules.task.rates)[scale]
    most = (rules.task.budget + rules.slack(state.spent) - state.spent) / rate
    start, asked = look(ladder, row, begin), look(ladder, row, wanted)
    end = _affordable(ladder, row, start, asked, wanted, most, xp)
    done = end > begin
    at = look(ladder, row, end)
    cost = xp.where(done, rate * (at - start), 0.0)
    cut_short, resumed = done & (end < wanted), done & resumed
    return Entry(done, begin, end, held, replicate, at, cost, cut_short, resumed)


def record(state: State, site: Site, entry: Entry, xp: Any = np) -> State:
    """The state after the entries that were done (NumPy: run slots are written in place).

    The others write what their slot held, or name an empty one that stays empty.
    """
    held, done, runs = entry.held, entry.done, state.runs
    fresh, longer = done & ~entry.resumed, done & (entry.end > held.reached)
    reached = xp.where(longer, entry.end, held.reached)
    replicate = xp.where(longer, entry.replicate, held.replicate)
    told = (site.high, held.count + fresh, reached, replicate)
    book = xp.stack([t.astype(np.uint32) for t in told], axis=-1)
    index = (np.arange(len(done)), held.slot) if xp is np else held.slot
    used = runs.used + (fresh & (held.count == 0))
    runs = Runs(put(runs.low, index, site.low), put(runs.book, index, book), used)
    return state._replace(spent=state.spent + entry.cost, count=state.count + done, runs=runs)


def _affordable(
    ladder: Any, row: Any, start: Any, asked: Any, wanted: Any, most: Any, xp: Any
) -> Any:
    """The last position up to the one wanted that costs at most `most` steps from the start."""
    if xp is not np:
        within = (rungs(ladder, row)[..., 1:] - start[..., None] <= most[..., None]).sum(
            axis=-1, dtype=np.int32
        )
        return xp.where(asked - start <= most, wanted, xp.minimum(within, wanted))
    end = wanted
    short = np.flatnonzero(asked - start > most)
    if len(short):  # few: only they need a search
        away = rungs(ladder, row[short])[..., 1:] - start[short, None]
        end = put(end.copy(), short, np.minimum((away <= most[short, None]).sum(-1), wanted[short]))
    return end


def _find_dense(runs: Runs, site: Site) -> Held:
    """What the slots [..., N] hold of sites [...]: at most one slot is a site's."""
    same = (runs.low == site.low[..., None]) & (runs.book[..., 0] == site.high[..., None])
    same &= runs.book[..., 1] > 0
    told = (same[..., None] * runs.book).sum(axis=-2, dtype=np.uint32).astype(np.int32)
    slot, found = same.argmax(axis=-1).astype(np.int32), same.any(axis=-1)
    slot = found * slot + ~found * runs.used
    return Held(slot, *(told[..., i] for i in (1, 2, 3)))


def _find(runs: Runs, site: Site) -> Held:
    """The same in NumPy, which looks only at slots in use and at the few that match."""
    live = max(int(runs.used.max()), 1)
    row, column = np.divmod(np.flatnonzero(runs.low[:, :live] == site.low[:, None]), live)
    book = runs.book[row, column]
    same = (book[:, 0] == site.high[row]) & (book[:, 1] > 0)
    row, column, book = row[same], column[same], book[same]
    held = Held(runs.used.copy(), *(np.zeros_like(runs.used) for _ in range(3)))
    held.slot[row], held.count[row] = column, book[:, 1]
    held.reached[row], held.replicate[row] = book[:, 2], book[:, 3]
    return held
