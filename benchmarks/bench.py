"""The command `mixenv bench`: play a suite, print its tables, write its report."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import mistakes


def _names(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str]:
    return [name.strip() for name in (value or "").split(",") if name.strip()]


def _noise(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


@click.command()
@click.option(
    "--suite",
    default="quick",
    show_default=True,
    help="quick, main, paper, noise, transfer, deceptive, heldout, real, full, gate, reference, "
    "authors.",
)
@click.option("--surface", help="surrogate (default), published, or rows:TABLE.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Where the surface's file, or the run table NAME, lies if not fetched. Repeatable.",
)
@click.option("--tasks", callback=_names, help="Some of the suite's tasks: A,B,...")
@click.option(
    "--task",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="One more task, of a task file. Repeatable.",
)
@click.option(
    "--agents", callback=_names, help="In place of the suite's agents: A,B,... or baselines."
)
@click.option(
    "--agent", "more", multiple=True, metavar="MODULE:CLASS", help="One more. Repeatable."
)
@click.option("--ablate", is_flag=True, help="mfms-plus, whole and without each of its ideas.")
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds a task and agent.")
@click.option("--budget", type=float, help="Target runs an episode.")
@click.option("--noise", callback=_noise, help="seed, a multiple of it, 0.5sd, heteroscedastic, 0.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; one a processor.")
@click.option("--scheduler", metavar="ADDRESS", help="Play on a Dask cluster: tcp://HOST:8786.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="A cell that takes longer is recorded as failed.",
)
@click.option(
    "--results",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the store and the report.",
)
@click.option("--retry", is_flag=True, help="Play cells again that failed.")
def bench(
    suite: str,
    jobs: int | None,
    scheduler: str | None,
    timeout: float | None,
    results: Path,
    retry: bool,
    **choices: Any,
) -> None:
    """Play agents on tasks; print by how much each is faster, and draw regret against cost.

    Every cell (task, agent, seed) is played once and kept in RESULTS/bench.sqlite: stop at any
    moment and run again to go on. The report is RESULTS/SUITE.md, the figure SUITE.png and .svg.
    """
    with mistakes():
        from benchmarks.cell import cells
        from benchmarks.choices import choose
        from benchmarks.store import Store

        if scheduler and jobs:
            raise ValueError(
                "--jobs: expected none with --scheduler: its workers play, all of them"
            )
        chosen = choose(suite, **choices)
        planned = cells(chosen)
        store = Store(results / "bench.sqlite")
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 132)
    with store:
        with ExitStack() as stack:
            todo = _plan(store, planned, retry)
            if todo:
                with mistakes():
                    executor = stack.enter_context(_executor(jobs, scheduler))
                _play(store, chosen, todo, executor, timeout)
        _report(store, chosen, planned, results, console)


def _plan(store: Any, cells: Any, retry: bool) -> Any:
    from benchmarks.runner import plan

    return plan(store, cells, retry=retry)


def _executor(jobs: int | None, scheduler: str | None) -> Any:
    from benchmarks import workers

    if scheduler is None:
        return workers.processes(jobs or workers.available())
    from benchmarks.cluster import cluster

    return cluster(scheduler)


def _play(store: Any, suite: Any, todo: Any, executor: Any, timeout: float | None) -> None:
    from concurrent.futures import CancelledError

    from rich.console import Console

    from benchmarks.manifest import manifest
    from benchmarks.progress import progress
    from benchmarks.runner import run
    from benchmarks.worker import WorkerDied, WorkerError

    number = store.begin(manifest(suite))
    try:
        with progress(len(todo), Console(stderr=True)) as tick:
            run(store, todo, number, executor, tick, timeout=timeout)
    except (WorkerDied, WorkerError, CancelledError, OSError) as error:
        why = str(error).strip().splitlines()[-1:] or ["the scheduler is gone"]
        raise click.ClickException(f"{why[0]}; run the same command again to go on") from error


def _report(store: Any, suite: Any, cells: Any, folder: Path, console: Any) -> None:
    from benchmarks.report import summary, write
    from benchmarks.results import Results

    results = Results.read(store, suite, cells)
    for table in summary(results):
        console.print(table.rich())
    for path in write(results, folder):
        console.print(f"wrote {path}", soft_wrap=True)
    options = f"--results {folder} --suite {suite.name}"
    console.print(f"all of it, with every plot: mixenv report {options}", soft_wrap=True)
    if results.failures:
        failed = f"{len(results.failures)} of {len(cells)} cells failed"
        raise click.ClickException(f"{failed}; see the report, and play them again with --retry")
