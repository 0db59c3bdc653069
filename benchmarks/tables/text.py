"""Numbers and warnings as tables write them."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.standings import Field
from benchmarks.statistics import FEW, TOO_FEW, Interval


def plain(value: float, digits: int = 3) -> str:
    """A few significant digits, without powers of ten."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:g}" if rounded < 10**digits else f"{rounded:,.0f}"


def ends(interval: Interval) -> str:
    """The ends of an interval in two significant digits, or why there are none."""
    if interval.few:
        return f" ({TOO_FEW})"
    return f" [{plain(interval.low, 2)}, {plain(interval.high, 2)}]"


def warning(results: Results) -> list[str]:
    """What goes under a table that rests on few seeds, or on cells that failed."""
    least = min(map(len, results.groups.values()), default=0)
    few = [f"Too few seeds (under {FEW}) for intervals to be trusted."] if least < FEW else []
    return [*few, *failed(results)]


def failed(results: Results) -> list[str]:
    """How cells count that failed, where any did."""
    agents = [a for a in results.suite.agents if results.failed(a)]
    if not agents:
        return []
    counts = ", ".join(f"{results.failed(a)} of {a}" for a in agents)
    return [
        f"Failed cells: {counts}. A failed cell counts as the regret of the uniform mixture at "
        "every cost, and as never getting to a threshold."
    ]


def marked(results: Results, agent: str, task: str | None = None) -> str:
    """An agent's name with the number of its cells that failed, of one task or of all."""
    count = results.failed(agent, task)
    return f"{agent} ({count} failed)" if count else agent


def compared(results: Results, inside: Field) -> list[str]:
    """Which tasks and agents a table over all tasks leaves out."""
    notes = []
    if len(inside.tasks) < len(results.tasks):
        count = f"{len(inside.tasks)} of {len(results.tasks)}"
        notes.append(f"Only the tasks that all of these agents have played: {count}.")
    if inside.left_out:
        names = ", ".join(inside.left_out)
        notes.append(f"Left out, having played too few of the tasks: {names}.")
    return notes


def rate(p: float) -> str:
    """A p value: "0.012", or "<0.001"."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
