"""The runner: plays the cells that a store lacks, through any `concurrent.futures` executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice

from benchmarks.cell import Cell
from benchmarks.law import laws_of, together
from benchmarks.play import attempt
from benchmarks.record import Record
from benchmarks.store import Store
from benchmarks.suite import TaskSpec
from benchmarks.worker import WorkerDied, WorkerError

Tick = Callable[[str], None]
Laws = dict[str, TaskSpec]
AHEAD = 512  # calls handed to the executor at a time: more than its workers, not all there are


@dataclass(frozen=True)
class Plan:
    """What is still to do: cells to play, and tasks whose random-search law is due.

    `laws`: tasks by key, in groups that take one pass over the surface together.
    """

    cells: list[Cell]
    laws: list[Laws]

    def __len__(self) -> int:
        return len(self.cells) + len(self.laws)


def plan(store: Store, cells: list[Cell], *, retry: bool = False) -> Plan:
    """What the store lacks; with `retry`, also the cells that failed.

    Agents named last come first: the dear ones, so that the workers end together.
    """
    tasks = {cell.task_key: cell.task for cell in cells}
    laws = {key: task for key, task in tasks.items() if store.law(key) is None}
    return Plan(store.missing(reversed(cells), retry=retry), together(laws))


def run(
    store: Store,
    plan: Plan,
    manifest: int,
    executor: Executor,
    tick: Tick,
    *,
    timeout: float | None = None,
) -> None:
    """Do what is planned, writing each result as it comes; `tick` is called with a word on each.

    Killed at any moment, the store holds every result that came and lacks the rest. A cell that
    takes more than `timeout` seconds, or under which two worker processes ended, is written as a
    failure; a law has no limit, and its errors are raised.
    """
    left = iter([*plan.laws, *plan.cells])
    running: dict[Future, Cell | Laws] = {}
    while True:
        for job in islice(left, AHEAD - len(running)):
            running[_submit(executor, job, timeout)] = job
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            tick(_keep(store, running.pop(future), manifest, future))


def _submit(executor: Executor, job: Cell | Laws, timeout: float | None) -> Future:
    if isinstance(job, Cell):
        return executor.submit(attempt, job, timeout=timeout)
    return executor.submit(laws_of, tuple(job.values()))


def _keep(store: Store, job: Cell | Laws, manifest: int, future: Future) -> str:
    """Write one result; return the word on it."""
    if not isinstance(job, Cell):
        for key, law in zip(job, future.result(), strict=True):
            store.add_law(key, law)
        return "random search's law"
    record, failure = _result(future)
    store.add(job, manifest, record, failure)
    return f"{job.task.label} {job.agent} {job.seed}{' failed' if failure else ''}"


def _result(future: Future) -> tuple[Record | None, str]:
    """What `attempt` returned; what befell its worker is the cell's failure."""
    try:
        return future.result()
    except (WorkerDied, WorkerError, TimeoutError) as error:
        return None, str(error)
    except Exception as error:
        if type(error).__name__ != "KilledWorker":  # Dask's word for a worker that died
            raise
        return None, f"the Dask worker died: {error}"
