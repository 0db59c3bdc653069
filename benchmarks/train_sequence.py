"""The command `mixenv train-sequence`: pretrain the sequence agent's weights again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.mistake import mistakes

WITHIN = 0.01  # of the shipped weights' loss, relative


@click.command("train-sequence")
@click.option("--seed", default=0, show_default=True, help="Of weights and tasks.")
@click.option("--steps", type=click.IntRange(1), help="Optimiser steps. [default: as shipped]")
@click.option(
    "--mask",
    default="causal",
    show_default=True,
    type=click.Choice(["causal", "custom", "tnp-a"]),
    help="Who may see whom: the agent uses causal weights, the others are for comparison.",
)
@click.option(
    "--output",
    default=Path("sequence.npz"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the weights. OUTPUT.checkpoint beside it is what a stopped run goes on from.",
)
@click.option("--fresh", is_flag=True, help="Begin anew, whatever checkpoint there is.")
@click.option("--check", is_flag=True, help="Exit code 1 if more than 1% from the shipped loss.")
def train_sequence(
    seed: int, steps: int | None, mask: str, output: Path, fresh: bool, check: bool
) -> None:
    """Train the weights of the agents `sequence` and `sequence-single` from a seed.

    About a quarter of an hour of one core. Stop it at any moment and run it again to go on: the
    weights are those of a run never stopped. Copy the file to data/sequence.npz to ship it.
    """
    checkpoint = Path(f"{output}.checkpoint")
    if fresh:
        checkpoint.unlink(missing_ok=True)
    console = Console()
    with mistakes():
        from agents.sequence import recipe, weights

        output.parent.mkdir(parents=True, exist_ok=True)
        steps = recipe.STEPS if steps is None else steps
        with _bar(steps, console) as progress:
            found = recipe.trained(mask, steps, seed, path=checkpoint, progress=progress)
        weights.save(output, found)
        shipped = weights.default() if mask == "causal" else None
    loss = float(found.about["loss"])
    console.print(f"{output}: {mask}, seed {seed}, {steps} steps, held-out loss {loss:.4f} nats")
    if shipped is not None and _apart(loss, recipe.held_out(shipped), console) and check:
        raise click.exceptions.Exit(1)


@contextmanager
def _bar(steps: int, console: Console) -> Iterator[Callable[[int, float], None]]:
    """A bar on `console` with the time left and the loss; yields what moves it."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("compiling", total=steps)
        yield lambda done, loss: bar.update(task, completed=done, description=f"loss {loss:.3f}")


def _apart(loss: float, known: float, console: Console) -> bool:
    """Whether a loss is more than 1% from the shipped weights', which is printed."""
    away = abs(loss - known) / abs(known)
    verdict = "within" if away <= WITHIN else "more than"
    console.print(f"shipped weights: {known:.4f} nats; {100 * away:.2f}% apart, {verdict} 1%")
    return away > WITHIN
