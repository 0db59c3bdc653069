"""The paper's problems: speedups a metric in its accounting and even-handed, beside its claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.headline import CLAIMS, to_the_best
from benchmarks.results import Results
from benchmarks.speedup import Speedup, speedup
from benchmarks.table import Table
from benchmarks.tables.speedup import cells

PAPERS, HONEST = "mfms-gp", "corners"
AGENTS = ("random", HONEST, "hyperband", PAPERS)
THRESHOLD = 0.25  # sd units
_ALL = "geometric mean"

Ask = Callable[[str, str, Sequence[str]], Speedup | None]


def paper_table(results: Results) -> Table:
    """To a baseline's own best, as the paper counts."""

    def ask(agent: str, baseline: str, tasks: Sequence[str]) -> Speedup | None:
        return to_the_best(results, agent, baseline, tasks)

    pairs = [(a, b) for a in (PAPERS, HONEST) for b in CLAIMS]
    notes = [
        results.caption,
        "Cost of the baseline over cost of the agent to the baseline's own best at the end of its "
        "budget (median seed). The baseline counts by the best model trained so far, at any "
        "fidelity; the agent by its incumbent trained at the target, that run added. The claims "
        f"are {PAPERS}'s. {_MARKS}",
    ]
    return _pivot(results, "Speedups as the paper counts", pairs, ask, notes)


def even_table(results: Results) -> Table:
    """To 0.25 sd of regret, everyone by what it recommends and has paid."""

    def ask(agent: str, baseline: str, tasks: Sequence[str]) -> Speedup | None:
        return speedup(results, agent, baseline, "search", THRESHOLD, tasks)

    pairs = [(PAPERS, b) for b in (*CLAIMS, HONEST)]
    pairs += [(HONEST, b) for b in CLAIMS]
    notes = [
        results.caption,
        f"Cost of the baseline over cost of the agent from which the recommendation's regret at "
        f"the target stays at or under {THRESHOLD:g} sd, search cost (median seeds). Random "
        f"search's cost is computed from the surface. {_MARKS}",
    ]
    return _pivot(results, f"Even-handed speedups to {THRESHOLD:g} sd", pairs, ask, notes)


def _pivot(
    results: Results, title: str, pairs: Sequence[tuple[str, str]], ask: Ask, notes: Sequence[str]
) -> Table:
    """A row a task, a column a pair; then all tasks; then the paper's claims."""
    rows = [
        [task, *(_cell(ask(agent, baseline, [task])) for agent, baseline in pairs)]
        for task in results.tasks
    ]
    whole = [_cell(ask(agent, baseline, results.tasks)) for agent, baseline in pairs]
    claims = [f"{CLAIMS[b]:g}" if a == PAPERS and b in CLAIMS else "" for a, b in pairs]
    rows += [[f"{_ALL} of {len(results.tasks)}", *whole], ["the paper's claim", *claims]]
    columns = ["task", *(f"{agent} against {baseline}" for agent, baseline in pairs)]
    return Table(title, columns, rows, notes)


_MARKS = (
    "Over tasks: the geometric mean; 95% bootstrap intervals over seeds. ≥: half of the baseline's "
    "seeds or more never get there and count as one budget; *: of the agent's, as two."
)


def _cell(found: Speedup | None) -> str:
    return cells([found])[0]
