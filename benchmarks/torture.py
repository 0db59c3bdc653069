"""Kill a run with signal 9 at random moments, run again, and compare with an undisturbed run.

    python -m benchmarks.torture --kills 50 --workers 20

Each trial has a store of its own: a run of the cells is started, its runner (or one of its worker
processes) is killed at a moment drawn over the whole run, and the same command is run again to its
end. Then the store must hold exactly the cells of the undisturbed run, each once, none failed,
with equal records (wall-clock fields aside).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from benchmarks.cell import Cell, cells
from benchmarks.law import Law
from benchmarks.record import same
from benchmarks.runner import plan, run
from benchmarks.store import Store
from benchmarks.suite import Suite
from benchmarks.suites import CAPPED, tasks
from benchmarks.workers import processes

JOBS = 2
_EVERY = 0.02  # seconds between looks at what there is
_JITTER = 0.1  # seconds over which a kill falls after the cell that it waits for


def suite(count: int) -> Suite:
    """At least `count` cells that take some hundredths of a second each."""
    two = tasks(("mean_loss", "arxiv"), CAPPED, 2.0)
    return Suite("torture", "many short cells", two, ("random", "corners"), -(-count // 4))


def planned(count: int) -> list[Cell]:
    """The cells of a run."""
    return cells(suite(count))


def play(path: Path, todo: list[Cell]) -> None:
    """Play what the store lacks, as `mixenv bench` does."""
    with Store(path) as store:
        for cell in todo:  # which are no part of this
            store.add_law(cell.task_key, Law(1, {}))
        due = plan(store, todo, retry=True)
        with processes(JOBS) as executor:
            run(store, due, store.begin({}), executor, lambda _: None)


@dataclass(frozen=True)
class Trial:
    """What one kill met: how many cells were kept then, and what was wrong in the end."""

    kept: int
    wrong: str


@dataclass(frozen=True)
class Moment:
    """So many seconds after the store holds so many cells."""

    cells: int
    seconds: float


def trial(path: Path, expected: Path, todo: list[Cell], moment: Moment, worker: bool) -> Trial:
    """Kill a run's runner, or a worker of it, at a moment; run again; compare.

    A killed worker's cell is played again by the same run, which is left to end: no second run.
    """
    process = start(path, len(todo))
    wait(process, path, moment)
    if worker:
        kill_one_worker(process)
    else:
        process.kill()
        process.wait()
    kept = count(path)
    if not worker:
        process = start(path, len(todo))
    process.wait()
    return Trial(kept, difference(path, expected, todo))


def wait(process: subprocess.Popen[bytes], path: Path, moment: Moment) -> None:
    """Sleep until the moment, or the end of the process."""
    while count(path) < moment.cells and process.poll() is None:
        time.sleep(_EVERY)
    with suppress(subprocess.TimeoutExpired):
        process.wait(moment.seconds)


def start(path: Path, count: int) -> subprocess.Popen[bytes]:
    """The runner, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.torture", "--play", str(path), "--cells", str(count)]
    )


def kill_one_worker(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker of the runner, the youngest; wait for one, unless the run ends before."""
    while process.poll() is None:
        found = workers(process.pid)
        if found:
            os.kill(found[-1], signal.SIGKILL)
            return
        time.sleep(_EVERY)


def workers(pid: int) -> list[int]:
    """Processes that a process and its threads started, oldest first; from Linux's /proc."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it ended
        return []
    return sorted(int(child) for text in lists for child in text.split())


def count(path: Path) -> int:
    """How many cells a store holds; 0 where the runner has not yet made it."""
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(path)) as db:
            return db.execute("SELECT count(*) FROM cells").fetchone()[0]
    except sqlite3.OperationalError:  # no table yet, or busy
        return 0


def difference(path: Path, expected: Path, todo: list[Cell]) -> str:
    """How a store differs from the undisturbed one, or ""."""
    with Store(path) as store, Store(expected) as other:
        keys = [sorted(entry.key for entry in s.entries()) for s in (store, other)]
        if not keys[0] == keys[1] == sorted(cell.key for cell in todo):
            return f"{len(keys[0])} cells instead of {len(todo)}, or others"
        failed = [*store.failures(todo), *other.failures(todo)]
        if failed:
            return f"{len(failed)} failed: {failed[0][1]}"
        pairs = zip(store.records(todo), other.records(todo), strict=True)
        return "" if all(same(*pair) for pair in pairs) else "another record"


def torture(folder: Path, kills: int, worker_kills: int, cells: int, seed: int) -> list[Trial]:
    """Trials of as many kills of the runner, then of workers, at moments drawn from `seed`."""
    rng, todo = np.random.default_rng(seed), planned(cells)
    expected = folder / "undisturbed.sqlite"
    start(expected, cells).wait()
    click.echo(f"undisturbed: {count(expected)} cells")
    done = []
    for i in range(kills + worker_kills):
        moment = Moment(int(rng.integers(len(todo))), float(rng.uniform(0, _JITTER)))
        path, worker = folder / f"{i}.sqlite", i >= kills
        done.append(trial(path, expected, todo, moment, worker))
        kind, word = "worker" if worker else "runner", done[-1].wrong or "equal"
        click.echo(f"{i + 1}: {kind} killed with {done[-1].kept} cells kept: {word}")
    return done


@click.command()
@click.option("--kills", default=50, show_default=True, help="Kills of the runner.")
@click.option("--workers", "worker_kills", default=20, show_default=True, help="Of a worker.")
@click.option("--cells", default=200, show_default=True, help="Cells of a run.")
@click.option("--seed", default=0, show_default=True, help="Of the moments.")
@click.option("--play", "path", type=click.Path(path_type=Path), help="Only play into this store.")
def main(kills: int, worker_kills: int, cells: int, seed: int, path: Path | None) -> None:
    """Kill runs at random moments and compare each rerun with an undisturbed one."""
    if path is not None:
        play(path, planned(cells))
        return
    with TemporaryDirectory() as folder:
        done = torture(Path(folder), kills, worker_kills, cells, seed)
    wrong = [t for t in done if t.wrong]
    amid = sum(0 < t.kept < len(planned(cells)) for t in done[:kills])
    click.echo(f"{len(done) - len(wrong)} of {len(done)} equal; {amid} runners killed amid cells")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
