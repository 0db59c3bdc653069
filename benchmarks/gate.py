"""The regression gate: a small frozen suite's scores against recorded ones, by a statistical bound.

    python -m benchmarks.gate            compare; exit code 1 where an agent is credibly worse
    python -m benchmarks.gate --renew    record the scores of now

A score is the mean, over costs, of the regret of the recommendation in force (sd units, noise-free,
at the target). Scores are paired by task and seed, whose noise is the same before and after. An
agent is worse where the mean of its differences is over MARGIN even at the lower bound of a
one-sided Student interval, and better likewise; all agents together are called worse by chance in
1% of runs at most (Bonferroni). What does not change an agent's numbers gives differences of 0.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from benchmarks.cell import cells
from benchmarks.law import Law
from benchmarks.manifest import circumstances
from benchmarks.mistake import mistakes
from benchmarks.record import Record
from benchmarks.runner import plan, run
from benchmarks.scores import regret_at
from benchmarks.store import Store
from benchmarks.suite import Suite
from benchmarks.suites import SUITES
from benchmarks.tasks import PLACES, task_of
from benchmarks.verdict import Scores, compare
from benchmarks.workers import available, processes

FILE = Path(__file__).with_name("gate.json")
COSTS = (0.5, 1.0, 2.0, 4.0)  # target runs


def score(record: Record) -> float:
    """The mean regret at COSTS, sd units."""
    return float(regret_at(record, COSTS).mean())


def play(suite: Suite, jobs: int) -> Scores:
    """The scores of a suite's cells. Raises RuntimeError with the traceback of one that failed."""
    todo = cells(suite)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        store = stack.enter_context(Store(folder / "gate.sqlite"))
        for cell in todo:  # random search's laws are no score
            store.add_law(cell.task_key, Law(1, {}))
        executor = stack.enter_context(processes(jobs))
        run(store, plan(store, todo), store.begin({}), executor, lambda _: None)
        for cell, failure in store.failures(todo):
            raise RuntimeError(f"gate: {cell.agent} failed on {cell.task.label}: {failure}")
        return scores(store.records(todo))


def scores(records: list[Record]) -> Scores:
    """Scores by agent and task, in the order of the records."""
    found: Scores = {}
    for record in records:
        found.setdefault(record.agent, {}).setdefault(record.task, []).append(score(record))
    return found


def tasks(suite: Suite) -> dict[str, Any]:
    """What each task is, by label: what must not change under recorded scores."""
    return {
        task.label: {
            **{k: v for k, v in task.options.items() if k not in PLACES},
            "fingerprint": task_of(task).surface.fingerprint,
        }
        for task in suite.tasks
    }


def read(path: Path, suite: Suite) -> Scores:
    """The recorded scores. Raises ValueError where they are of other tasks, OSError for no file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    for label, rules in tasks(suite).items():
        if found["tasks"].get(label) != rules:
            raise ValueError(
                f"gate: expected task {label} as recorded, got another {rules}; its scores cannot "
                "be compared: renew them with --renew"
            )
    return found["scores"]


def write(path: Path, suite: Suite, found: Scores) -> None:
    """Record scores, with what they are of and how they were made."""
    whole = {
        "about": "Written by `python -m benchmarks.gate --renew`: mean regret (sd units) by seed.",
        "manifest": circumstances(["gate"]),
        "tasks": tasks(suite),
        "scores": {
            a: {t: np.round(v, 9).tolist() for t, v in by.items()} for a, by in found.items()
        },
    }
    path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


@click.command()
@click.option("--renew", is_flag=True, help="Record the scores of now in place of the old.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; one a processor.")
@click.option("--file", "path", default=FILE, type=click.Path(path_type=Path), hidden=True)
def main(renew: bool, jobs: int | None, path: Path) -> None:
    """Compare the frozen suite's scores with the recorded ones; exit code 1 where one is worse."""
    suite = SUITES["gate"]
    with mistakes():
        recorded = None if renew else read(path, suite)
        found = play(suite, jobs or available())
        verdicts = [] if recorded is None else compare(recorded, found)
    if recorded is None:
        write(path, suite, found)
        click.echo(f"wrote {path}")
    for verdict in verdicts:
        click.echo(verdict)
    if any(verdict.word == "better" for verdict in verdicts):
        click.echo("better than recorded: hold it with python -m benchmarks.gate --renew")
    sys.exit(any(verdict.word == "worse" for verdict in verdicts))


if __name__ == "__main__":
    main()
