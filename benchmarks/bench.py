"""The command `mixenv bench`: play a suite, print its tables, write its report."""

from __future__ import annotations

import sys
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
@click.option("--suite", default="quick", show_default=True, help="quick, main, paper, reference.")
@click.option("--surface", help="surrogate (default), published, or rows:TABLE.")
@click.option("--source", type=click.Path(), help="The surface's file, where it is not fetched.")
@click.option("--tasks", callback=_names, help="Some of the suite's tasks: A,B,...")
@click.option("--agents", callback=_names, help="In place of the suite's agents: A,B,...")
@click.option(
    "--agent", "more", multiple=True, metavar="MODULE:CLASS", help="One more. Repeatable."
)
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds a task and agent.")
@click.option("--budget", type=float, help="Target runs an episode.")
@click.option("--noise", callback=_noise, help="seed, a multiple of it, 0.5sd, heteroscedastic, 0.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; one a processor.")
@click.option(
    "--results",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the store and the report.",
)
@click.option("--retry", is_flag=True, help="Play cells again that failed.")
def bench(suite: str, jobs: int | None, results: Path, retry: bool, **choices: Any) -> None:
    """Play agents on tasks; print by how much each is faster, and draw regret against cost.

    Every cell (task, agent, seed) is played once and kept in RESULTS/bench.sqlite: stop at any
    moment and run again to go on. The report is RESULTS/SUITE.md, the figure SUITE.png and .svg.
    """
    with mistakes():
        from benchmarks.cell import cells
        from benchmarks.store import Store

        chosen = _suite(suite, **choices)
        planned = cells(chosen)
        store = Store(results / "bench.sqlite")
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 132)
    with store:
        _play(store, chosen, planned, jobs, retry)
        _report(store, chosen, planned, results, console)


def _suite(name: str, *, tasks: Any, agents: Any, more: Any, seeds: Any, **options: Any) -> Any:
    """The suite that the options describe. Raises ValueError for what does not exist."""
    from benchmarks.ours import our_agents
    from benchmarks.suites import SUITES

    if name not in SUITES:
        raise ValueError(f"suite: expected one of {', '.join(SUITES)}, got {name!r}")
    our_agents()
    from agents.registry import AGENTS, find

    if any(":" in agent for agent in (*agents, *more)):
        sys.path.append(str(Path.cwd()))  # where a user's own module lies; workers inherit it
    suite = SUITES[name].choose(tasks=tasks, agents=agents, seeds=seeds, **options)
    suite = suite.choose(agents=(*suite.agents, *more))
    for agent in suite.agents:
        if agent not in AGENTS:  # naming one of ours need not load it
            find(agent)
    return suite


def _play(store: Any, suite: Any, cells: Any, jobs: int | None, retry: bool) -> None:
    from concurrent.futures.process import BrokenProcessPool

    from rich.console import Console

    from benchmarks.manifest import manifest
    from benchmarks.progress import progress
    from benchmarks.runner import plan, run
    from benchmarks.workers import available, processes

    todo = plan(store, cells, retry=retry)
    if not todo:
        return
    number = store.begin(manifest(suite))
    console = Console(stderr=True)
    try:
        with processes(jobs or available()) as pool, progress(len(todo), console) as tick:
            run(store, todo, number, pool, tick)
    except BrokenProcessPool as error:
        raise click.ClickException(
            "a worker process died (out of memory?); run the same command again to go on"
        ) from error


def _report(store: Any, suite: Any, cells: Any, folder: Path, console: Any) -> None:
    from benchmarks.report import summary, write
    from benchmarks.results import Results

    results = Results.read(store, suite, cells)
    for table in summary(results):
        console.print(table.rich())
    for path in write(results, folder):
        console.print(f"wrote {path}", soft_wrap=True)
    if results.failures:
        failed = f"{len(results.failures)} of {len(cells)} cells failed"
        raise click.ClickException(f"{failed}; see the report, and play them again with --retry")
