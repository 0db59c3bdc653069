"""The command `mixenv report`: what a store holds of a suite, as one HTML file and a figure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import mistakes


@click.command()
@click.option(
    "--results",
    "folder",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder that mixenv bench wrote.",
)
@click.option("--suite", help="A suite played there; the last one unless given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; RESULTS/SUITE.html unless given.",
)
def report(folder: Path, suite: str | None, out: Path | None) -> None:
    """Write what was played as one HTML file that needs no network, and the figure beside it.

    Shown is all that mixenv bench was asked to play of the suite: every task, agent and seed of
    every call, as far as it was played by the code and on the numbers that are here now.
    """
    with mistakes():
        from benchmarks.html.content import html

        found = read(folder, suite)
        target = out or folder / f"{found.suite.name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html(found), encoding="utf-8")
        from benchmarks.figure import draw

        figures = draw(found, target.with_suffix("")) if found.tasks else []
    for path in (target, *figures):
        click.echo(f"wrote {path}")


def read(folder: Path, name: str | None) -> Any:
    """The results of a suite in a folder's store. Raises ValueError where there are none."""
    from benchmarks.cell import cells
    from benchmarks.html.plan import planned
    from benchmarks.results import Results
    from benchmarks.store import Store

    path = folder / "bench.sqlite"
    if not path.is_file():
        raise ValueError(
            f"results: expected a store at {path}, got none; "
            f"write it with mixenv bench --results {folder}"
        )
    with Store(path) as store:
        suite = planned(store.history(), name)
        if any(":" in agent for agent in suite.agents):
            sys.path.append(str(Path.cwd()))  # where a user's own module lies
        results = Results.read(store, suite, cells(suite))
    if not results.records and not results.failures:
        raise ValueError(
            f"results: expected cells of suite {suite.name} played by the code that is here, got "
            f"none in {path}; play them again with mixenv bench --suite {suite.name}"
        )
    return results
