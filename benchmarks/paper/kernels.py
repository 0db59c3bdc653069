"""The three kernels of MFMS-GP on the same seeds, beside what Appendix E reports."""

from __future__ import annotations

import numpy as np

from benchmarks.paper import claims
from benchmarks.results import Results
from benchmarks.scores import START, any_time
from benchmarks.statistics import Comparison, compare, holm, median
from benchmarks.table import Table

KERNELS = {"mfms-gp": "RBF", "mfms-gp-tv": "TV", "mfms-gp-jsd": "JSD"}
_FIRST, *_OTHERS = KERNELS


def kernel_table(results: Results) -> Table:
    """Any-time regret by metric and kernel, paired differences to RBF, the best, the paper's."""
    tasks = [t for t in results.tasks if _seeds(results, t)]
    compared = [_compared(results, tasks, agent) for agent in _OTHERS]
    rows = [
        _row(task, [_scores(results, task, agent) for agent in KERNELS], found)
        for task, *found in zip(tasks, *compared, strict=True)
    ]
    if len({tuple(_seeds(results, task)) for task in tasks}) == 1:
        rows.append(_whole(results, tasks))
    notes = [
        results.caption,
        f"Regret in sd units averaged over the logarithm of cost, from {START:g} target runs to "
        "the budget: median over the seeds that all have played; differences are of means, under 0 "
        "is better than RBF; 95% intervals. Best here: by random signs of the "
        f"differences, corrected by Holm for {len(tasks)} metrics, at 5%; over all metrics of each "
        "seed's mean, once. Appendix E: in words, over metrics that it names.",
    ]
    columns = ["metric", *KERNELS.values(), *(f"{KERNELS[a]} - RBF" for a in _OTHERS)]
    columns += ["best here", "Appendix E"]
    return Table("Kernels over the mixture", columns, rows, notes)


def _row(name: str, scores: list[np.ndarray], found: list[Comparison]) -> list[str]:
    return [
        name, *(median(values).shown() for values in scores),
        *(c.difference.shown() for c in found), best(found), claims.KERNELS.get(name, ""),
    ]  # fmt: skip


def _whole(results: Results, tasks: list[str]) -> list[str]:
    """The row over all metrics: of each seed's mean, every metric counts the same."""
    scores = {a: np.mean([_scores(results, t, a) for t in tasks], axis=0) for a in KERNELS}
    found = [compare(scores[a], scores[_FIRST], names=(a, _FIRST)) for a in _OTHERS]
    return _row(f"mean over {len(tasks)}", list(scores.values()), found)


def best(found: list[Comparison]) -> str:
    """The kernel that beats RBF by most, RBF where it beats all others, else that nothing shows."""
    if any(c.difference.few for c in found):
        return "too few seeds"
    better = [c for c in found if c.verdict.startswith(f"{c.agent} ")]
    if better:
        return KERNELS[min(better, key=lambda c: c.difference.value).agent]
    worse = all(c.verdict.startswith(f"{c.against} ") for c in found)
    return KERNELS[_FIRST] if worse else "no difference shown"


def _compared(results: Results, tasks: list[str], agent: str) -> list[Comparison]:
    """A kernel against RBF on each task, corrected for their number."""
    found = []
    for task in tasks:
        one, other = (_scores(results, task, name) for name in (agent, _FIRST))
        found.append(compare(one, other, names=(agent, _FIRST), task=task))
    return holm(found)


def _seeds(results: Results, task: str) -> list[int]:
    """The seeds that all kernels have played."""
    groups = [results.groups.get((task, agent), []) for agent in KERNELS]
    return sorted(set.intersection(*({r.seed for r in group} for group in groups)))


def _scores(results: Results, task: str, agent: str) -> np.ndarray:
    """Any-time regrets, one a seed of `_seeds`."""
    by_seed = {record.seed: record for record in results.groups[task, agent]}
    return np.array([any_time(by_seed[seed]) for seed in _seeds(results, task)])
