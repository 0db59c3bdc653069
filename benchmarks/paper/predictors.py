"""Plays E1 to E8 on every table at hand; says what to fetch for the others."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, as_completed
from pathlib import Path

from benchmarks.paper.experiments import Scores, play
from benchmarks.paper.memory import Memory, key
from benchmarks.paper.predictor import Effort
from benchmarks.paper.predictor_tables import Answers
from benchmarks.paper.studies import STUDIES
from benchmarks.runner import Tick
from mixenv import read_table
from mixenv.runs.table import RunTable


def at_hand(sources: Mapping[str, str]) -> tuple[dict[str, RunTable], list[str]]:
    """The tables that can be read, by name, and a line for each that was not fetched.

    `sources` maps a name to where its files lie; what is wrong with those is raised.
    """
    found, missing = {}, []
    for name in STUDIES:
        try:
            found[name] = read_table(name, sources.get(name))
        except FileNotFoundError:
            if name in sources:
                raise
            missing.append(
                f"{name}: not at hand; `mixenv data fetch {name}`, or --source {name}=PATH"
            )
    return found, missing


def answer(
    tables: Mapping[str, RunTable],
    sources: Mapping[str, str],
    effort: Effort,
    memory: Memory,
    executor: Executor,
    tick: Tick,
) -> list[Answers]:
    """The answers of every table, from `memory` where a split was played before."""
    keys = {(n, s): key(t, s, effort) for n, t in tables.items() for s in range(effort.splits)}
    known = {at: memory.get(k) for at, k in keys.items()}
    due = {
        executor.submit(play, name, _absolute(sources.get(name)), seed, effort): (name, seed)
        for (name, seed), scores in known.items()
        if scores is None
    }
    for future in as_completed(due):
        at = due[future]
        known[at] = future.result()
        memory.keep(keys[at], known[at] or {})
        tick(f"predictors {at[0]} {at[1]}")
    return [_answers(name, table, known, effort) for name, table in tables.items()]


def count_due(tables: Mapping[str, RunTable], effort: Effort, memory: Memory) -> int:
    """How many splits are still to be played."""
    seeds = range(effort.splits)
    return sum(memory.get(key(t, s, effort)) is None for t in tables.values() for s in seeds)


def _answers(
    name: str,
    table: RunTable,
    known: Mapping[tuple[str, int], Scores | None],
    effort: Effort,
) -> Answers:
    metrics = tuple(metric.name for metric in table.metrics)
    scores = [known[name, seed] or {} for seed in range(effort.splits)]
    return Answers(STUDIES[name], table.provenance, metrics, scores)


def _absolute(path: str | None) -> str | None:
    return None if path is None else str(Path(path).resolve())
