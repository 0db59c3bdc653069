"""The command `mixenv page`: the page that lists every environment, docs/environments.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import gymnasium as gym

from benchmarks.difficulty import SEEDS
from benchmarks.mistake import mistakes
from benchmarks.section import Entry, measured, overview, section
from mixenv import FAMILIES
from mixenv.registration import Family
from mixenv.runs.catalogue import catalogue

TOP = f"""# Environments

Every id that `import mixenv` registers, made with its default options. Written by `mixenv page`,
from the environments themselves; edits here are lost.

Costs are in target runs: 1 is one full run at the target.

**Transfer** of a scale: the rank correlation (Spearman) of the noise-free objective at the scale's
last checkpoint with that at the target, over 2 000 mixtures drawn uniformly from the allowed
region. Of recorded runs: over the mixtures recorded at the target, each answered by the nearest run
of the scale that gets there; where few of them were trained at the scale too, it measures the
distance between the pools as much as the worth of the scale.

**Regret**: how much worse than the best the recommended mixture is at the target, noise-free, in sd
units of the objective over the region; the median over {SEEDS} seeds after 1, 4 and 16 target runs.
An episode ends at 16 target runs or 1 024 experiments.
"""


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("docs/environments.md"),
    show_default=True,
    help="The file to write.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=PATH",
    help="Read the run table NAME from a local folder or file. Repeatable.",
)
def page(output: Path, sources: tuple[str, ...]) -> None:
    """Write the page of all environments, with a measured difficulty.

    An environment whose run table is neither cached nor named by --source is listed unmeasured.
    """
    with mistakes():
        local = parse_sources(sources)
        text = environments_page(local)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    click.echo(str(output))


def parse_sources(sources: tuple[str, ...]) -> dict[str, str]:
    """Paths by table, of options NAME=PATH. Raises ValueError."""
    found = {}
    for given in sources:
        name, mark, path = given.partition("=")
        if not mark or name not in catalogue():
            raise ValueError(
                f"--source: expected NAME=PATH, NAME one of {', '.join(catalogue())}, got {given!r}"
            )
        found[name] = path
    return found


def environments_page(sources: Mapping[str, str], measure: bool = True) -> str:
    """The page as Markdown. `sources` maps a table to where it lies; see `parse_sources`."""
    entries = [entry(family, sources, measure) for family in FAMILIES]
    parts = [TOP, overview(entries), *(section(e) for e in entries)]
    return "\n".join(parts)


def entry(family: Family, sources: Mapping[str, str], measure: bool = True) -> Entry:
    """What the page says of one family; without its numbers where its table is absent."""
    table = table_of(family)
    licence = catalogue()[table].licence if table in catalogue() else "Apache-2.0, as mixenv"
    options: dict[str, Any] = {"source": sources[table]} if table in sources else {}
    try:
        env = gym.make(family.id, disable_env_checker=True, **options).unwrapped
    except FileNotFoundError:
        return Entry(family, licence, table)
    return Entry(family, licence, table, env, measured(env) if measure else None)


def table_of(family: Family) -> str:
    """The run table that a family stands on, or ""."""
    kind, _, name = str(family.options.get("surface", "")).partition(":")
    return name if kind == "rows" else ""
