"""The command `mixenv paper`: the paper's tables again, with what differs and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import mistakes

_WIDTH = 240


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(("problems", "kernels", "predictors")),
    help="Only this part. Repeatable.",
)
@click.option("--surface", default="surrogate", show_default=True, help="surrogate or published.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Where the run table NAME lies or, without NAME, the surface's file. Repeatable.",
)
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds a problem and agent.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; one a processor.")
@click.option("--quick", is_flag=True, help="A first look: three metrics, few seeds, small fits.")
@click.option(
    "--results",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the stores and of mixenv-paper.md.",
)
def paper(
    only: tuple[str, ...], jobs: int | None, quick: bool, results: Path, **choices: Any
) -> None:
    """Play the paper's problems, kernels and predictors again; print them beside its numbers.

    Problems: speedups of MFMS-GP a metric, as the paper counts and even-handed. Kernels: RBF, TV
    and JSD. Predictors: E1 to E8 on the run tables that were fetched or are named by --source.
    What was played is kept in RESULTS: stop at any moment and run again to go on.
    """
    from rich.console import Console

    with mistakes():
        from benchmarks.cell import cells
        from benchmarks.paper.plan import PARTS, make
        from benchmarks.paper.play import play, stores

        plan = make(only or PARTS, quick=quick, **choices)
        planned = {part: cells(suite) for part, suite in plan.suites.items()}
        store, memory = stores(results)
    with store:
        played = play(plan, planned, store, memory, jobs, Console(stderr=True))
    report = results / "mixenv-paper.md"  # paper.md is the suite's
    _report(plan, played, quick, report)
    failed = sum(len(found.failures) for found in played.results.values())
    if failed:
        raise click.ClickException(f"{failed} cells failed; see {report}")


def _report(plan: Any, played: Any, quick: bool, path: Path) -> None:
    from rich.console import Console

    from benchmarks.paper.document import markdown, sections, write

    console = Console()
    console.width = max(console.width, _WIDTH)  # narrower, figures would be cut
    parts = list(sections(plan, played))
    for heading, content in parts:
        console.rule(heading)
        for block in content:
            console.print(f"- {block}" if isinstance(block, str) else block.rich())
    write(markdown(parts, sys.argv[1:], quick), path)
    console.print(f"wrote {path}", soft_wrap=True)
