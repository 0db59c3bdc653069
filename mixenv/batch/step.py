"""One experiment in each of a batch of episodes: bookkeeping, outcome, reward, end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv.batch import book, outcome, score, view
from mixenv.batch.book import Entry
from mixenv.batch.outcome import Outcome
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site, locate
from mixenv.batch.state import Lead, State


class Result(NamedTuple):
    """What a step gave besides the state: `reward`, `terminated`, `truncated` [...] and the rest.

    `scale` [...] is the index that was asked for.
    """

    reward: Any
    terminated: Any
    truncated: Any
    scale: Any
    site: Site
    entry: Entry
    outcome: Outcome


def step(
    rules: Rules, state: State, mixture: Any, scale: Any, steps: Any, live: Any = None, xp: Any = np
) -> tuple[State, Result]:
    """Carry out experiments: shares [..., d], indices of scales and steps [...] (checked).

    Episodes that are not `live` [...] stay as they are, earn nothing and do not end.
    """
    site = locate(rules, mixture, scale, xp)
    entry = book.price(rules, state, site, scale, steps, live, xp)
    state = book.record(state, site, entry, xp)
    seen = outcome.observe(rules, state, site, scale, entry, xp)
    lead, reward = score.earn(rules, state.lead, site, scale, entry, seen.objective, xp)
    rows = view.show(rules, state, site, scale, entry, seen.standard, xp)
    state = state._replace(rows=rows, lead=lead)
    left = rules.task.budget + rules.slack(state.spent)
    terminated = ~entry.done | (state.spent + rules.cheapest > left)
    truncated = ~terminated & (state.count >= rules.most)
    if live is not None:
        terminated, truncated = terminated & live, truncated & live
    if rules.reward == "regret" and lead is not None:
        reward = _due(rules, lead, reward, terminated | truncated, xp)
    return state, Result(reward, terminated, truncated, scale, site, entry, seen)


def _due(rules: Rules, lead: Lead, reward: Any, ended: Any, xp: Any) -> Any:
    """The rewards with the regret of the episodes that ended."""
    if xp is not np:
        return xp.where(ended, score.final_regret(rules, lead, xp), reward)
    which = np.flatnonzero(ended)
    if len(which):
        chosen = Lead(*(value[which] for value in lead))
        reward[which] = score.final_regret(rules, chosen)
    return reward
