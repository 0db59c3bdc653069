"""Results: the records of a suite by task and agent, with what went wrong and how it was made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.cell import Cell
from benchmarks.failed import stand_in
from benchmarks.law import Law
from benchmarks.record import Record
from benchmarks.store import Store
from benchmarks.suite import Suite

ABOUT = {
    "measured": "measured (recorded training runs)",
    "published": "published (the authors' simulator, a network; no measured runs)",
    "surrogate": "surrogate (a network that imitates the authors' simulator; no measured runs)",
    "synthetic": "synthetic (made-up numbers; no measured runs)",
}


@dataclass(frozen=True, eq=False)
class Results:
    """What a suite's cells showed. `laws` are random search's, by task label.

    Scores are over `groups`, in which failed cells count; what agents did is in `played`.
    """

    suite: Suite
    records: list[Record]
    failures: list[tuple[Cell, str]]
    laws: dict[str, Law]
    manifests: list[dict[str, Any]]
    total: int

    @classmethod
    def read(cls, store: Store, suite: Suite, cells: list[Cell]) -> Results:
        """What a store holds of the suite's cells."""
        found = {cell.task.label: store.law(cell.task_key) for cell in cells}
        laws = {label: law for label, law in found.items() if law is not None}
        return cls(
            suite, store.records(cells), store.failures(cells), laws, store.manifests(cells),
            len(cells),
        )  # fmt: skip

    @cached_property
    def played(self) -> dict[tuple[str, str], list[Record]]:
        """Records by (task label, agent)."""
        return _grouped(self.records)

    @cached_property
    def groups(self) -> dict[tuple[str, str], list[Record]]:
        """The same with a stand-in for every cell that failed; see `benchmarks.failed`."""
        return _grouped([*self.records, *(stand_in(cell) for cell, _ in self.failures)])

    def failed(self, agent: str, task: str | None = None) -> int:
        """How many of an agent's cells failed, of one task or of all."""
        return sum(c.agent == agent and task in (None, c.task.label) for c, _ in self.failures)

    @cached_property
    def tasks(self) -> list[str]:
        """Labels of the tasks that have a cell, if any of all has a record."""
        there = {task for task, _ in self.groups} if self.records else set()
        return [task.label for task in self.suite.tasks if task.label in there]

    @cached_property
    def budget(self) -> float:
        """The largest budget, in target runs."""
        return max((r.budget for r in self.records), default=0.0)

    @cached_property
    def costs(self) -> list[float]:
        """Costs at which regret is shown: powers of two up to the budget, and the budget."""
        powers = [float(2**i) for i in range(10) if 2**i < self.budget]
        return [*powers, self.budget]

    @cached_property
    def provenance(self) -> str:
        """Where the numbers come from, in words."""
        kinds = sorted({r.provenance for r in self.records})
        return "; ".join(ABOUT.get(kind, kind) for kind in kinds)

    @cached_property
    def caption(self) -> str:
        """One line that goes with every table and figure of these results."""
        if not self.records:
            return f"Suite {self.suite.name}: no records."
        seeds = sorted({len(group) for group in self.groups.values()})
        noise = sorted(
            {r.noise if isinstance(r.noise, str) else f"{r.noise:g}" for r in self.records}
        )
        cap = sorted({f"{r.max_share:g}" for r in self.records})
        count = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        return (
            f"Provenance: {self.provenance}. Suite {self.suite.name}; {count} seeds a task; "
            f"noise {', '.join(noise)}; shares up to {', '.join(cap)}; "
            f"budget {self.budget:g} target runs."
        )

    def decision_seconds(self, task: str, agent: str) -> float:
        """Median over seeds of an agent's mean seconds a decision."""
        means = [float(r.seconds.mean()) for r in self.groups[task, agent] if len(r.seconds)]
        return float(np.median(means)) if means else 0.0


def _grouped(records: list[Record]) -> dict[tuple[str, str], list[Record]]:
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[record.task, record.agent].append(record)
    return dict(groups)
