"""The command `mixenv train-ppo`: train the weights of the agent `ppo` again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from benchmarks.mistake import mistakes


@click.command("train-ppo")
@click.option("--seed", default=0, show_default=True, help="Of weights, tasks and episodes.")
@click.option("--steps", type=click.IntRange(1), help="Decisions in all. [default: as shipped]")
@click.option(
    "--minutes",
    default=30.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Stop after as long; the same command goes on.",
)
@click.option(
    "--output",
    default=Path("ppo.npz"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the weights. OUTPUT.checkpoint beside it is what a stopped run goes on from.",
)
@click.option("--fresh", is_flag=True, help="Begin anew, whatever checkpoint there is.")
@click.option("--small", is_flag=True, help="A few tasks and episodes: to see that it works.")
def train_ppo(
    seed: int, steps: int | None, minutes: float, output: Path, fresh: bool, small: bool
) -> None:
    """Train the policy of the agent `ppo` on randomised synthetic tasks, from a seed.

    Less than half an hour of one core. Stop it at any moment and run it again to go on: the weights
    are those of a run never stopped. Copy the file to data/ppo.npz to ship it.
    """
    checkpoint, console = Path(f"{output}.checkpoint"), Console()
    if fresh:
        checkpoint.unlink(missing_ok=True)
    with mistakes():
        from agents.ppo import weights
        from agents.ppo.settings import SMALL, Settings
        from agents.ppo.train import train

        output.parent.mkdir(parents=True, exist_ok=True)
        chosen: dict[str, Any] = {"seed": seed, **(SMALL if small else {})}
        settings = Settings(**chosen, **({} if steps is None else {"steps": steps}))
        with _bar(settings.rounds, console) as progress:
            done = train(
                settings, checkpoint, minutes=minutes, resume=checkpoint.is_file(), tell=progress
            )
        weights.save(output, done.weights, {"seed": seed, "steps": done.steps})
    state = "done" if done.finished else "stopped; run it again to go on"
    console.print(f"{output}: seed {seed}, {done.steps:,} of {settings.steps:,} decisions, {state}")


@contextmanager
def _bar(rounds: int, console: Console) -> Iterator[Callable[[Any], None]]:
    """A bar on `console` with the time left and the mean return; yields what moves it."""
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("left"), TimeRemainingColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("compiling", total=rounds)
        yield lambda report: bar.update(
            task, completed=report.round, description=f"return {report.mean_return:.3f}"
        )
