"""The runner, beside what it runs: processor time of a suite through it and of its cells alone.

The whole: this process and its workers from the first to the last, their start and imports, the
store and the pipes. The cells alone: the processor time of each episode as its worker took it,
which is the agent's own, the environment's and the watching (recommendations, forecasts, regret),
and the imports that the agent causes. Watching is shown apart, beside bare rollouts.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import gymnasium as gym

from benchmarks.cell import Cell, cells
from benchmarks.law import Law
from benchmarks.ours import our_agents
from benchmarks.play import play
from benchmarks.runner import plan, run
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.store import Store
from benchmarks.suite import Suite
from benchmarks.suites import SUITES
from benchmarks.tasks import task_of
from benchmarks.workers import processes

BAR = Bar(1.05, at_most=True)
SEEDS = 4  # of the suite's twenty: what is paid once weighs more here
_JOBS = 2


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Seconds of processor time of the quick suite with four seeds, on two workers."""
    return measured(SUITES["quick"].choose(seeds=SEEDS))


def measured(suite: Suite) -> list[Measurement]:
    """The two rows for a suite."""
    whole, alone = through(suite)
    watched, bare = watching(cells(suite.choose(seeds=1)))
    surface = ", ".join(sorted({task_of(t).surface.provenance for t in suite.tasks}))
    size = f"{len(cells(suite))} cells of {suite.name}"
    return [
        Measurement(
            f"{size} through the runner", "s", whole, "the cells alone", alone, BAR, surface
        ),
        Measurement("a cell watched", "s", watched, "its bare rollout", bare, None, surface),
    ]


def through(suite: Suite) -> tuple[float, float]:
    """Seconds of processor time of a suite through the runner, and of its cells alone."""
    todo, before = cells(suite), _paid()
    with TemporaryDirectory() as folder, Store(Path(folder) / "bench.sqlite") as store:
        for cell in todo:  # random search's laws are no agent's
            store.add_law(cell.task_key, Law(1, {}))
        with processes(_JOBS) as executor:
            run(store, plan(store, todo), store.begin({}), executor, lambda _: None)
        whole = _paid() - before
        records = store.records(todo)
        if len(records) < len(todo):
            raise RuntimeError(f"runner: expected {len(todo)} records, got {len(records)}")
    return whole, sum(record.cpu_seconds for record in records)


def watching(todo: Sequence[Cell]) -> tuple[float, float]:
    """Mean seconds of a cell as the runner plays it, and as a bare rollout; both warm."""
    for cell in {cell.agent: cell for cell in todo}.values():
        play(cell)
    return _seconds(play, todo), _seconds(bare, todo)


def bare(cell: Cell) -> None:
    """The episode of a cell, with nobody watching."""
    agents, task = our_agents(), task_of(cell.task)
    agent = agents.make(cell.agent, task.problem, cell.agent_seed)
    env = gym.make(
        "DataMixture-v0", disable_env_checker=True, task=task, reward="regret",
        observation="last", max_experiments=cell.task.max_experiments,
    )  # fmt: skip
    agents.rollout(agent, env, cell.episode_seed)


def _seconds(call: Callable[[Cell], object], todo: Sequence[Cell]) -> float:
    began = time.process_time()
    for cell in todo:
        call(cell)
    return (time.process_time() - began) / len(todo)


def _paid() -> float:
    """Processor time of this process and of those it started that have ended."""
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
