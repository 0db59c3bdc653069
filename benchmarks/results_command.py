"""The command `mixenv results`: what a store holds, and tables, merges and removals of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import Mistake, mistakes

_FILE = "bench.sqlite"


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--results",
        "folder",
        default="results",
        show_default=True,
        type=click.Path(path_type=Path),
        help="The store, or the folder it lies in.",
    )(command)


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    for option, what in (("--agent", "agents"), ("--task", "tasks")):
        word = f"Of this {what[:-1]} only. Repeatable."
        command = click.option(option, what, multiple=True, metavar="NAME", help=word)(command)
    return command


@click.group()
def results() -> None:
    """List, export, merge and remove what `mixenv bench` has recorded."""


@results.command("list")
@_where
@_which
def list_(folder: Path, **which: tuple[str, ...]) -> None:
    """Print what is there: cells, failures and circumstances, by suite, task and agent."""
    from rich.console import Console

    with mistakes():
        from benchmarks.listing import listing

        with _open(folder) as store:
            table, made = listing(store, _chosen(store, **which))
    console = Console(width=None if sys.stdout.isatty() else 132)
    console.print(table.rich())
    for line in made:
        console.print(line, soft_wrap=True, highlight=False)


@results.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rows", default="steps", show_default=True, help="steps or cells.")
@_where
@_which
def export(file: Path, rows: str, folder: Path, **which: tuple[str, ...]) -> None:
    """Write FILE (.csv, .jsonl or .parquet): one row a step, or one row a cell."""
    with mistakes():
        from benchmarks.export import export as write

        with _open(folder) as store:
            count = write(store, _chosen(store, **which), file, rows)
    click.echo(f"wrote {count} rows to {file}")


@results.command()
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path))
@_where
def merge(others: tuple[Path, ...], folder: Path) -> None:
    """Copy into the store what OTHERS (stores, or their folders) hold and it lacks.

    Cells of which both hold different numbers are refused, by name, and nothing of that store is
    copied.
    """
    from benchmarks.merge import merge as copy

    for path in others:
        with mistakes(), _open(path) as other, _open(folder, new=True) as store:
            done = copy(store, other)
        click.echo(
            f"{path}: {done.added} cells added, {done.replaced} in place of failures, "
            f"{done.known} there already"
        )


@results.command()
@click.option("--failed", is_flag=True, help="Failures only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_where
@_which
def rm(failed: bool, yes: bool, folder: Path, **which: tuple[str, ...]) -> None:
    """Remove cells, of some tasks or agents, or that failed."""
    with mistakes():
        if not failed and not any(which.values()):
            raise ValueError("rm: expected --task, --agent or --failed, got none of them")
        with _open(folder) as store:
            found = [e for e in _chosen(store, **which) if e.failure or not failed]
            if found and not yes:
                _ask(len(found))
            store.remove(found)
    click.echo(f"removed {len(found)} cells")


def _ask(count: int) -> None:
    """Raise Mistake unless somebody says yes."""
    try:
        click.confirm(f"Remove {count} cells?", abort=True)
    except click.Abort as error:
        raise Mistake(f"{count} cells kept; remove them with --yes") from error


def _open(path: Path, new: bool = False) -> Any:
    from benchmarks.store import Store

    file = path if path.suffix == ".sqlite" else path / _FILE
    if not (new or file.is_file()):
        raise FileNotFoundError(
            f"store: expected a file written by mixenv bench, got none at {file}; name its folder "
            "with --results"
        )
    return Store(file)


def _chosen(store: Any, tasks: tuple[str, ...], agents: tuple[str, ...]) -> list[Any]:
    """Entries of some tasks and agents. Raises ValueError for a name of which there is none."""
    entries = store.entries()
    for word, names in (("task", tasks), ("agent", agents)):
        known = sorted({getattr(e, word) for e in entries})
        for name in names:
            if name not in known:
                raise ValueError(f"{word}: expected one of {', '.join(known)}, got {name!r}")
    return [
        e for e in entries if (not tasks or e.task in tasks) and (not agents or e.agent in agents)
    ]
