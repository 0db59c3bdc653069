"""Plays what is planned, through one store and one crew of workers; keeps everything it gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.cell import Cell
from benchmarks.manifest import manifest
from benchmarks.paper.memory import Memory
from benchmarks.paper.plan import Plan
from benchmarks.paper.predictor_tables import Answers
from benchmarks.paper.predictors import answer, count_due
from benchmarks.progress import progress
from benchmarks.results import Results
from benchmarks.runner import plan as due
from benchmarks.runner import run
from benchmarks.store import Store
from benchmarks.suites import Suite
from benchmarks.workers import available, processes


@dataclass(frozen=True, eq=False)
class Played:
    """The results of each part's suite, and the answers of each table."""

    results: dict[str, Results]
    answers: list[Answers]


def stores(folder: Path) -> tuple[Store, Memory]:
    """Where cells and predictors' scores are kept. Raises ValueError for a file that is neither."""
    return Store(folder / "bench.sqlite"), Memory(folder / "paper-predictors.json")


def play(
    plan: Plan,
    cells_of: dict[str, list[Cell]],
    store: Store,
    memory: Memory,
    jobs: int | None,
    console: Console,
) -> Played:
    """Play what neither store holds of the parts' cells and the splits; then read everything."""
    every = list({cell.key: cell for part in cells_of.values() for cell in part}.values())
    todo = due(store, every)
    total = len(todo) + count_due(plan.tables, plan.effort, memory)
    with processes(jobs or available()) as pool, progress(total, console) as tick:
        if todo:
            run(store, todo, store.begin(manifest(_whole(plan))), pool, tick)
        answers = answer(plan.tables, plan.sources, plan.effort, memory, pool, tick)
    read = {part: Results.read(store, plan.suites[part], own) for part, own in cells_of.items()}
    return Played(read, answers)


def _whole(plan: Plan) -> Suite:
    """The suites of all parts as one, for the manifest."""
    first, *others = plan.suites.values()
    agents = dict.fromkeys(agent for suite in (first, *others) for agent in suite.agents)
    return first.choose(agents=tuple(agents))
