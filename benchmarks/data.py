"""The commands `mixenv data list|fetch|verify`: run tables and the published simulator."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.mistake import mistakes
from mixenv.runs import READABLE, RunTable, cache, read_table
from mixenv.runs.catalogue import catalogue
from mixenv.runs.check import Check
from mixenv.runs.checkpoint import published_arrays
from mixenv.runs.fetch import cached_path
from mixenv.runs.fetch import fetch as fetch_files
from mixenv.runs.fetch import verify as verify_files
from mixenv.runs.verification import agreement, verify_slimpajama

_name = click.argument("name", metavar="NAME")
_source = click.option(
    "--source",
    type=click.Path(path_type=Path),
    help="Read a local copy, a folder or a file, without network.",
)
_trust = click.option(
    "--trust",
    is_flag=True,
    help="Take files whatever their sha256. Reading a pickle stays restricted.",
)
_allow = click.option(
    "--allow",
    multiple=True,
    metavar="MODULE.NAME",
    help="Admit this global to the reading of a pickle; it is read as data, never run. Repeatable.",
)


@click.group()
def data() -> None:
    """Fetch, list and verify public tables of runs and the published simulator.

    Files go to the folder MIXENV_DATA, by default the user's cache folder.
    """


@data.command("list")
def list_command() -> None:
    """List every source: its runs, its licence, and where it is cached."""
    columns = ("name", "runs", "licence", "cached in", "what it is")
    rows = []
    for source in catalogue().values():
        whole = all(cached_path(source, file).is_file() for file in source.files)
        place = str(cache.cache_dir() / source.name) if whole else "not fetched"
        runs = "-" if source.runs is None else str(source.runs)
        rows.append((source.name, runs, source.licence, place, source.description))
    _print(columns, rows)


@data.command()
@_name
@_source
@_trust
@_allow
@mistakes()
def fetch(name: str, source: Path | None, trust: bool, allow: tuple[str, ...]) -> None:
    """Fetch a source into the cache, and read it once.

    NAME is one that `mixenv data list` shows.
    """
    paths = fetch_files(name, source, trust)
    for path in paths:
        click.echo(str(path))
    if name in READABLE:
        table = read_table(name, allow=allow)
        click.echo(f"{len(table.scale)} runs, {len(table.run)} rows, {len(table.metrics)} metrics")
    elif name == "published-simulator":
        click.echo(f"{len(published_arrays(paths[0], allow))} arrays")


@data.command()
@_name
@_source
@_trust
@_allow
@mistakes()
def verify(name: str, source: Path | None, trust: bool, allow: tuple[str, ...]) -> None:
    """Check a source's files against their sha256, and what is known of their runs.

    For slimpajama-472 the known counts are checked and the surrogate is compared with the recorded
    rows. Exit code 1 where a check fails.
    """
    checks = verify_files(name, source)
    sound = all(check.ok for check in checks)
    if name == "slimpajama-472" and (sound or trust):
        table = read_table(name, source, trust, allow)
        checks += verify_slimpajama(table)
        _print_checks(name, checks)
        _print_agreement(table)
    else:
        _print_checks(name, checks)
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)


def _print_checks(name: str, checks: Iterable[Check]) -> None:
    rows = [(c.check, _short(c.expected), _short(c.got), "ok" if c.ok else "NO") for c in checks]
    _print((name, "expected", "got", ""), rows)


def _print_agreement(table: RunTable) -> None:
    from mixenv.surfaces import load_surface

    found = agreement(load_surface("surrogate"), table)
    names = [metric.name for metric in table.metrics]
    rows = [
        (name, _number(r2), _number(sd))
        for name, r2, sd in zip(names, found.r2, found.noise_sd, strict=True)
    ]
    _print(("surrogate against the rows", "R^2", f"residual sd ({found.rows} final rows)"), rows)


def _short(value: Any) -> str:
    return f"{value[:12]}…" if isinstance(value, str) and len(value) > 12 else str(value)


def _number(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "-"


def _print(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    first, *others = columns
    table = Table()
    table.add_column(first, no_wrap=True)
    for column in others:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
