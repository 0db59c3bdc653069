"""The runner: plays the cells that a store lacks, through any `concurrent.futures` executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import Any

from benchmarks.cell import Cell
from benchmarks.law import law_of
from benchmarks.play import attempt
from benchmarks.store import Store
from benchmarks.suites import TaskSpec

Tick = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is still to do: cells to play, and tasks (by key) whose random-search law is due."""

    cells: list[Cell]
    laws: dict[str, TaskSpec]

    def __len__(self) -> int:
        return len(self.cells) + len(self.laws)


def plan(store: Store, cells: list[Cell], *, retry: bool = False) -> Plan:
    """What the store lacks; with `retry`, also the cells that failed.

    Agents named last come first: the dear ones, so that the workers end together.
    """
    tasks = {cell.task_key: cell.task for cell in cells}
    laws = {key: task for key, task in tasks.items() if store.law(key) is None}
    return Plan(store.missing(reversed(cells), retry=retry), laws)


def run(store: Store, plan: Plan, manifest: int, executor: Executor, tick: Tick) -> None:
    """Do what is planned, writing each result as it comes; `tick` is called with a word on each.

    Killed at any moment, the store holds every result that came and lacks the rest.
    """
    jobs: dict[Any, Cell | str] = {executor.submit(law_of, t): k for k, t in plan.laws.items()}
    jobs |= {executor.submit(attempt, cell): cell for cell in plan.cells}
    for future in as_completed(list(jobs)):
        job = jobs.pop(future)
        if isinstance(job, str):
            store.add_law(job, future.result())
            tick("random search's law")
        else:
            record, failure = future.result()
            store.add(job, manifest, record, failure)
            tick(f"{job.task.label} {job.agent} {job.seed}{' failed' if failure else ''}")
