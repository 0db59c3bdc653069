"""The command `mixenv speed`: measure speeds, print one table, write it down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import mistakes

_WIDTH = 200


@click.command()
@click.option("--only", multiple=True, metavar="SECTION", help="Only this section. Repeatable.")
@click.option("--runner", is_flag=True, help="Only the runner's overhead: --only runner.")
@click.option("--gp", is_flag=True, help="Only the GP engine beside its rivals: --only gp.")
@click.option("--rl", is_flag=True, help="Only PPO beside Stable-Baselines3's: --only rl.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=PATH",
    help="Measure the pool of the run table NAME, read from a folder or file. Repeatable.",
)
@click.option(
    "--results",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of speed.md and speed.json.",
)
@click.option("--check", is_flag=True, help="Exit code 1 where a bar is missed.")
def speed(
    only: tuple[str, ...],
    runner: bool,
    gp: bool,
    rl: bool,
    sources: tuple[str, ...],
    results: Path,
    check: bool,
) -> None:
    """Measure speeds on one thread, each as a ratio to something measured beside.

    Sections: single, surface, vector, pool, history, make, imports, functional, runner, gp,
    rl, gpu, gpu_gp. The last two, on an accelerator, are in wall-clock time, beside the CPU's
    one thread.
    """
    flags = {"runner": runner, "gp": gp, "rl": rl}
    only = (*only, *(name for name, asked in flags.items() if asked))
    with mistakes():
        from benchmarks.speed.sections import check as existing

        names, local = existing(only), _local(sources)
        results.mkdir(parents=True, exist_ok=True)
        command = _command(names if only else (), local, check)
        found = _measure(names, local, command, results)
    _report(found, results)
    if check and any(m.met is False for m in found):
        raise click.exceptions.Exit(1)


def _local(sources: tuple[str, ...]) -> dict[str, str]:
    """Paths by table. Raises ValueError for a table without an environment, or no such path."""
    from benchmarks.page import parse_sources
    from benchmarks.speed.pool import pools

    found = parse_sources(sources)
    for name, path in found.items():
        if name not in pools():
            raise ValueError(f"--source: expected a run table of {', '.join(pools())}, got {name}")
        if not Path(path).exists():
            raise ValueError(f"--source: expected a folder or file of {name}, none at {path}")
    return found


def _measure(
    names: tuple[str, ...], sources: Mapping[str, str], command: list[str], folder: Path
) -> list[Any]:
    """Measure sections, and write all that is known after each: a later one may be cut short."""
    from benchmarks.manifest import circumstances
    from benchmarks.speed.report import write
    from benchmarks.speed.sections import measure_alone

    found, told = [], circumstances(command)
    for name in names:
        click.echo(f"measuring {name} ...", err=True)
        found += measure_alone(name, sources)
        write(found, told, folder)
    return found


def _command(only: tuple[str, ...], sources: Mapping[str, str], check: bool) -> list[str]:
    """The command without places on this machine."""
    words = ["speed"]
    for name in only:
        words += ["--only", name]
    for name, path in sources.items():
        words += ["--source", f"{name}={Path(path).name}"]
    return [*words, *(["--check"] if check else [])]


def _report(found: list[Any], folder: Path) -> None:
    from rich.console import Console

    from benchmarks.speed.report import PAGE, RECORD, table

    console = Console()
    console.width = max(console.width, _WIDTH)  # narrower, figures would be cut
    console.print(table(found).rich())
    for name in (PAGE, RECORD):
        console.print(f"wrote {folder / name}", soft_wrap=True)
