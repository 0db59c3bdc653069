"""The paper's headline, counted its way, beside its claims (arXiv 2503.21023, section 5).

"Faster to the best accuracy or loss" is read so: on one task, the level is the median over seeds
of the best objective among the models that a baseline has trained, at any fidelity, when its
budget is spent. The speedup is the median cost at which the baseline first has that level (a seed
that never has it counts as the budget) over the median cost at which the agent's incumbent,
trained at the target at the cost of one target run more, first has it (never counts as two
budgets). Over tasks: the geometric mean. Best so far is kept, levels are noise-free. This flatters
the agent: the baseline must reach its own best, the agent may stop at it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.results import Results
from benchmarks.scores import BASELINES, cost_to_level, levels_at
from benchmarks.speedup import Speedup
from benchmarks.statistics import Costs, quotient, ratio

CLAIMS = {"hyperband": 2.6, "random": 3.3}  # of MFMS-GP


def level(results: Results, task: str, baseline: str) -> float:
    """The median best objective of a baseline's models at the end of its budget.

    Of an even number of seeds, the worse of the middle two: half of them and more have it.
    """
    group = results.groups[task, baseline]
    best = [levels_at(record, [record.budget])[0] for record in group]
    return float(np.percentile(best, 50, method="higher"))


def to_the_best(
    results: Results, agent: str, baseline: str, tasks: Sequence[str]
) -> Speedup | None:
    """The speedup of an agent to a baseline's best, over the tasks that both have played."""
    both = [t for t in tasks if {(t, agent), (t, baseline)} <= results.groups.keys()]
    pairs = [_costs(results, task, agent, baseline) for task in both]
    if not pairs:
        return None
    bases, tests = zip(*pairs, strict=True)
    return Speedup(
        agent, baseline, "paper", float("nan"), tuple(both), ratio(bases, tests),
        min(quotient(*pair) for pair in pairs),
        any(base.censored for base in bases), any(test.censored for test in tests),
    )  # fmt: skip


def challengers(results: Results) -> list[str]:
    """The agents that the paper's claims are compared with: all but its baselines."""
    return [agent for agent in results.suite.agents if agent not in BASELINES]


def _costs(results: Results, task: str, agent: str, baseline: str) -> tuple[Costs, Costs]:
    target = level(results, task, baseline)
    sides = [
        (np.array([cost_to_level(r, target) for r in group]), group[0].budget)
        for group in (results.groups[task, baseline], results.groups[task, agent])
    ]
    return Costs(*sides[0]), Costs(*sides[1])
