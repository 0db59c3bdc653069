"""Rewards over arrays: what an experiment earns, and what the episode has achieved so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv import truth
from mixenv.batch.book import Entry
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site
from mixenv.batch.state import Lead


def earn(
    rules: Rules, lead: Lead | None, site: Site, scale: Any, entry: Entry, objective: Any,
    xp: Any = np,
) -> tuple[Lead | None, Any]:  # fmt: skip
    """Progress and rewards [...] after experiments that showed an `objective` [...]."""
    earned = -objective
    if lead is not None and rules.reward == "regret":
        return _follow(lead, site, scale, entry, objective, xp), xp.zeros_like(objective)
    if lead is not None:
        best = _best(rules, lead, scale, entry, objective, xp)
        before = xp.where(lead.best < np.inf, lead.best, rules.uniform_value)
        earned = xp.where(best < np.inf, before - best, 0.0)
        earned = xp.where(_at_target(rules, scale, entry), earned, 0.0)
        lead = lead._replace(best=best)
    return lead, xp.where(entry.done, earned - rules.task.cost_weight * entry.cost, 0.0)


def final_regret(rules: Rules, lead: Lead, xp: Any = np) -> Any:
    """Minus the incumbents' regret [...] in sd units."""
    task = rules.task
    if task.pool is not None:
        return -xp.asarray(rules.row_regrets)[lead.row]
    at_target = truth.AtTarget(task.surface, task.target)
    value = task.objective(at_target(lead.mixture.reshape(-1, rules.domains), xp), xp)
    over = xp.maximum(0.0, value - task.optimum.value) / task.sd
    return -over.reshape(lead.mixture.shape[:-1])


def _at_target(rules: Rules, scale: Any, entry: Entry) -> Any:
    index, steps = rules.target
    return entry.done & (scale == index) & (entry.steps == steps)


def _best(rules: Rules, lead: Lead, scale: Any, entry: Entry, objective: Any, xp: Any) -> Any:
    lower = xp.minimum(lead.best, objective)
    return xp.where(_at_target(rules, scale, entry), lower, lead.best)


def _follow(
    lead: Lead, site: Site, scale: Any, entry: Entry, objective: Any, xp: Any
) -> Lead:  # fmt: skip
    """The incumbent: the largest scale, then most steps, then the least noisy objective."""
    same_scale, same_steps = scale == lead.scale, entry.steps == lead.steps
    lower = objective < lead.objective
    longer = (entry.steps > lead.steps) | (same_steps & lower)
    better = entry.done & ((scale > lead.scale) | (same_scale & longer))
    return Lead(
        lead.best,
        xp.where(better, scale, lead.scale),
        xp.where(better, entry.steps, lead.steps),
        xp.where(better, objective, lead.objective),
        xp.where(better[..., None], site.mixture, lead.mixture),
        xp.where(better, site.row, lead.row),
    )
