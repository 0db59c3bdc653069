"""The command `mixenv claims`: train small models, measure the claims, print them with bounds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.mistake import mistakes

_WIDTH = 140


@click.command()
@click.option(
    "--only", multiple=True, metavar="ID", help="Only this claim (U1 ... C10). Repeatable."
)
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds; 3, or 1 with --quick.")
@click.option("--quick", is_flag=True, help="A look in minutes: short training, few runs.")
@click.option(
    "--results",
    default="results",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of claims.md, claims.json and claims/.",
)
@click.option("--check", is_flag=True, help="Exit code 1 where a bound is missed.")
def claims(
    only: tuple[str, ...], seeds: int | None, quick: bool, results: Path, check: bool
) -> None:
    """Measure what is claimed of sequence models: U1-U3, C1-C10, beside exact answers.

    Weights and what was measured are kept in RESULTS/claims: stop at any moment and run again to
    go on. One thread is enough; a seed trains for some ten minutes of one processor.
    """
    with mistakes():
        from benchmarks.claims.registry import check as chosen
        from benchmarks.ours import our_agents

        our_agents()
        wanted = chosen(only)
    count = seeds or (1 if quick else 3)
    measured = _measure(wanted, count, quick, results / "claims")
    found = _report(wanted, measured, count, quick, results)
    if check and any(f.met == "NO" for f in found):
        raise click.exceptions.Exit(1)


def _measure(wanted: Any, seeds: int, quick: bool, folder: Path) -> list[list[Any]]:
    """What each claim [claims][seeds] showed; a whole seed before the next."""
    from benchmarks.claims.effort import FULL, QUICK
    from benchmarks.claims.memory import recall
    from benchmarks.claims.shop import Shop

    each: list[list[Any]] = [[] for _ in wanted]
    for seed in range(seeds):
        shop = Shop(folder / "weights", QUICK if quick else FULL, seed, _teller())
        for found, claim in zip(each, wanted, strict=True):
            found.append(recall(claim, shop, folder / "measured"))
    return each


def _teller() -> Callable[[str], None]:
    """Progress, one line a change, on the error stream."""
    return lambda words: click.echo(words, err=True)


def _report(wanted: Any, measured: Any, seeds: int, quick: bool, results: Path) -> list[Any]:
    from rich.console import Console

    from benchmarks.claims.beside import tables
    from benchmarks.claims.document import save
    from benchmarks.claims.figures import draw
    from benchmarks.claims.verdict import Found, curves, summary, table
    from benchmarks.manifest import circumstances

    found = [Found.of(c, m, quick) for c, m in zip(wanted, measured, strict=True)]
    every = [m for one in measured for m in one]
    beside = tables(curves(every))
    pictures = draw(curves(every), results / ("claims-quick" if quick else "claims"))
    console = Console()
    console.width = max(console.width, _WIDTH)  # narrower, figures would be cut
    for shown in (table(found, seeds, quick), *beside, summary(found)):
        console.print(shown.rich())
    stem = results / ("claims-quick" if quick else "claims")
    manifest = circumstances(_told(sys.argv[1:]))
    for path in (*save(found, seeds, quick, beside, pictures, manifest, stem), *pictures):
        console.print(f"wrote {path}", soft_wrap=True)
    return found


def _told(words: list[str]) -> list[str]:
    """The command without places on this machine."""
    return [Path(word).name if "/" in word else word for word in words]
