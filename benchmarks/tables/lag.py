"""The leader beside every other agent on each task, at every cost."""

from __future__ import annotations

from benchmarks.lag import Lag, lags
from benchmarks.results import Results
from benchmarks.scores import start
from benchmarks.standings import leaderboard
from benchmarks.table import Table
from benchmarks.tables.text import warning


def lag_table(results: Results) -> Table:
    """Where the leader's mean regret is over another's, and by how much: a row a task and agent."""
    order = [s.agent for s in leaderboard(results, [results.budget])]
    leader, others = order[0] if order else "", order[1:]
    found = [(other, lag) for other in others for lag in lags(results, leader, other)]
    found.sort(key=lambda pair: results.tasks.index(pair[1].task))
    notes = [
        results.caption,
        f"Regret of {leader} minus the other's, mean over seeds, sd units, at whatever cost from "
        f"{start(results.budget):g} target runs to the budget it is largest (under 0: it is better "
        "at every cost); 95% interval at that cost, which leans up, as the cost was chosen for it. "
        "Behind: share of costs, on a logarithmic scale, at which the difference is over 0.",
        *warning(results),
    ]
    rows = [[lag.task, other, *_shown(lag)] for other, lag in found]
    return Table(
        "The leader at every cost",
        ["task", "against", "at most", "at", "behind"], rows, notes, words=2,
    )  # fmt: skip


def _shown(lag: Lag) -> list[str]:
    return [lag.most.shown(), f"{lag.cost:.3g}", f"{lag.share:.1%}"]
