"""Critical-difference ranks: agents ranked on each task, and which mean ranks can be told apart.

Friedman's test, then Nemenyi's critical difference (Demsar, JMLR 7, 2006): one difference serves
all pairs and can be drawn, and it has something to say at five tasks, where pairwise Wilcoxon
tests over tasks under Holm's correction cannot reach 5% at all. Its price: a verdict on two agents
depends on which others are ranked. The paired comparisons do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import friedmanchisquare, rankdata, studentized_range

AGENTS, TASKS = 3, 2  # the least that the tests need
_DECIMALS = 6  # sd units: a smaller difference of scores is a tie


@dataclass(frozen=True)
class Ranks:
    """Agents by mean rank over `tasks` tasks, best first; 1 is best.

    `p` is Friedman's; `difference` Nemenyi's at 5%; `groups` the largest sets of neighbours not
    told apart. Where there is no test, `reason` says why, `p` and `difference` are NaN.
    """

    agents: tuple[str, ...]
    means: tuple[float, ...]
    tasks: int
    p: float = float("nan")
    difference: float = float("nan")
    groups: tuple[tuple[str, ...], ...] = ()
    reason: str = ""


def ranks(scores: np.ndarray, names: tuple[str, ...]) -> Ranks:
    """Ranks from scores [tasks, agents], lower is better; ties share their mean rank.

    Raises ValueError where scores are not one finite number a task and agent.
    """
    _check(scores, names)
    each = rankdata(np.round(scores, _DECIMALS), axis=1)
    means = each.mean(axis=0)
    order = np.argsort(means, kind="stable")
    agents, sorted_means = tuple(names[i] for i in order), tuple(float(means[i]) for i in order)
    reason = _reason(each)
    if reason:
        return Ranks(agents, sorted_means, len(scores), reason=reason)
    p = float(friedmanchisquare(*each.T).pvalue)
    wide = nemenyi(len(names), len(scores))
    groups = _groups(sorted_means, wide if p < 0.05 else np.inf)
    named = tuple(agents[low:high] for low, high in groups)
    return Ranks(agents, sorted_means, len(scores), p, wide, named)


def nemenyi(agents: int, tasks: int, level: float = 0.95) -> float:
    """Critical difference of mean ranks: q / sqrt(2) x sqrt(k (k + 1) / 6 n)."""
    q = studentized_range.ppf(level, agents, np.inf)
    return float(q / np.sqrt(2) * np.sqrt(agents * (agents + 1) / (6 * tasks)))


def _groups(means: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """Maximal runs [low, high) of sorted means no further apart than the difference."""
    found: list[tuple[int, int]] = []
    for low, first in enumerate(means):
        high = int(np.searchsorted(means, first + difference + 1e-9, side="right"))
        if high - low > 1 and (not found or high > found[-1][1]):
            found.append((low, high))
    return found


def _reason(each: np.ndarray) -> str:
    tasks, agents = each.shape
    if agents < AGENTS:
        return f"no test: needs at least {AGENTS} agents, got {agents}"
    if tasks < TASKS:
        return f"no test: needs at least {TASKS} tasks, got {tasks}"
    return "no test: all agents tie on every task" if np.ptp(each) == 0 else ""


def _check(scores: np.ndarray, names: tuple[str, ...]) -> None:
    if scores.ndim != 2 or scores.shape[1] != len(names) or not np.isfinite(scores).all():
        raise ValueError(
            f"scores: expected finite numbers [tasks, {len(names)}], got shape {scores.shape} "
            f"with {int((~np.isfinite(scores)).sum())} not finite; leave out tasks that an agent "
            "has not played"
        )
