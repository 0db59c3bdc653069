"""The bookkeeping of experiments: which run goes on, how far the budget takes it, what it costs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv.arrays import put
from mixenv.batch.ladder import Ladder, look, rungs
from mixenv.batch.rules import Rules
from mixenv.batch.runs import Held
from mixenv.batch.site import Site
from mixenv.batch.state import State


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
    rules: Rules, state: State, site: Site, scale: Any, steps: Any, live: Any = None, xp: Any = np
) -> Entry:
    """The entry of experiments up to `steps` [...] (indices) at `scale` [...].

    Nothing is done in episodes that are not `live` [...].
    """
    held = state.runs.find(site, xp)
    row, known = site.row, xp.asarray(rules.ladder.steps)
    wanted = rules.ladder.request(row, steps, xp)
    resumed = (held.reached > 0) & (held.reached < wanted) & rules.task.resume
    begin, replicate = held.reached * resumed, xp.where(resumed, held.replicate, held.count)
    rate = xp.asarray(rules.task.rates)[scale]
    most = (rules.task.budget + rules.slack(state.spent) - state.spent) / rate
    start, asked = look(known, row, begin), look(known, row, wanted)
    end, at = _affordable(rules.ladder, row, start, asked, wanted, most, xp)
    done = end > begin if live is None else (end > begin) & live
    cost = xp.where(done, rate * (at - start), 0.0)
    cut_short, resumed = done & (end < wanted), done & resumed
    return Entry(done, begin, end, held, replicate, at, cost, cut_short, resumed)


def record(state: State, site: Site, entry: Entry, xp: Any = np) -> State:
    """The state after the entries that were done (NumPy: run slots are written in place).

    The others write what their slot held, or name an empty one that stays empty.
    """
    held, done = entry.held, entry.done
    fresh, longer = done & ~entry.resumed, done & (entry.end > held.reached)
    reached = xp.where(longer, entry.end, held.reached)
    replicate = xp.where(longer, entry.replicate, held.replicate)
    new = Held(held.slot, held.count + fresh, reached, replicate)
    runs = state.runs.write(site, held, new, xp)
    return state._replace(spent=state.spent + entry.cost, count=state.count + done, runs=runs)


def _affordable(
    ladder: Ladder, row: Any, start: Any, asked: Any, wanted: Any, most: Any, xp: Any
) -> tuple[Any, Any]:
    """The last position up to the one wanted that costs at most `most` steps, and its steps."""
    known = xp.asarray(ladder.steps)
    if xp is not np:
        within = (rungs(known, row)[..., 1:] - start[..., None] <= most[..., None]).sum(
            axis=-1, dtype=np.int32
        )
        end = xp.where(asked - start <= most, wanted, xp.minimum(within, wanted))
        return end, look(known, row, end)
    short = (asked - start > most).nonzero()[0]
    if not len(short):
        return wanted, asked
    few = row[short]  # only they need a search
    last = start[short] + most[short].astype(np.int32)  # rounded down
    within = np.minimum(ladder.last(few, last), wanted[short])
    return put(wanted.copy(), short, within), put(asked, short, look(known, few, within))
