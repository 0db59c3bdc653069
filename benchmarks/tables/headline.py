"""The paper's headline, counted its way, beside what it claims."""

from __future__ import annotations

from itertools import product

from benchmarks.headline import CLAIMS, challengers, to_the_best
from benchmarks.results import Results
from benchmarks.table import Table
from benchmarks.tables.speedup import cells


def headline_table(results: Results) -> Table:
    """The speedups to a baseline's best, as the paper counts, beside what the paper claims."""
    rows = []
    for agent, baseline in product(challengers(results), reversed(CLAIMS)):
        whole = to_the_best(results, agent, baseline, results.tasks)
        if whole is not None:
            claim = f"{CLAIMS[baseline]:g}"
            rows.append([agent, baseline, f"all {len(whole.tasks)}", *cells([whole]), claim])
            for task in whole.tasks:
                one = to_the_best(results, agent, baseline, [task])
                rows.append([agent, baseline, task, *cells([one]), ""])
    notes = [
        results.caption,
        "Cost of the baseline over cost of the agent to the baseline's own best at the end of its "
        "budget, as the paper counts (benchmarks/headline.py says how); the claims are MFMS-GP's. "
        "*: half of the agent's seeds or more never got there and count as two budgets.",
    ]
    columns = ["agent", "against", "task", "speedup", "worst", "the paper's claim"]
    return Table("As the paper counts", columns, rows, notes, words=3)
