"""What the report of a suite says, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.html.arrived import arrivals
from benchmarks.html.calibrated import calibrated
from benchmarks.html.costs import breakdown, decisions
from benchmarks.html.curves import regret_curves
from benchmarks.html.fidelities import fidelities
from benchmarks.html.mixtures import recommended
from benchmarks.html.page import page
from benchmarks.html.parts import Figure, Group, Listing, Part, Section
from benchmarks.html.speedups import speedups
from benchmarks.html.standing import standing
from benchmarks.law import THRESHOLDS
from benchmarks.manifest import in_words
from benchmarks.report import own_tables
from benchmarks.results import Results
from benchmarks.table import Table
from benchmarks.tables import (
    any_time_table,
    arrival_table,
    calibration_table,
    failure_table,
    improvement_table,
    leaderboard_table,
    paired_table,
    profile_table,
    rank_table,
    regret_table,
    speedup_table,
)

WORDS = (
    "A task asks for the mixture of training domains that gives the best model at a target scale "
    "and number of steps. An agent buys experiments (a mixture, a scale, steps) until its budget "
    "is spent, and recommends a mixture all along. Costs are in target runs: 1 is one full "
    "training run at the target. Regret is how much worse than the best the recommended mixture "
    "is at the target, without noise, in sd units of the objective over all allowed mixtures."
)

FIDELITIES = "Which scales and steps each agent bought, and when in its search."
MANIFESTS = "Under which circumstances the numbers came about: command, code, versions, machine."


def html(results: Results) -> str:
    """The report as one HTML file's text."""
    started = [str(m["started"]) for m in results.manifests if "started" in m]
    about = results.suite.about
    foot = f"Written by mixenv report. Played: {', '.join(started) or 'at no noted time'}."
    return page(
        f"mixenv bench: {results.suite.name}", f"{about[:1].upper()}{about[1:]}.", results.caption,
        list(sections(results)), foot,
    )  # fmt: skip


def sections(results: Results) -> Iterator[Section]:
    """The sections; without records, only what went wrong and how it was made."""
    if results.tasks:
        yield from _played(results)
    yield Section("failures", "Failures", *_failures(results))
    yield Section("manifests", "Manifests", [MANIFESTS], _manifests(results))


def _played(results: Results) -> Iterator[Section]:
    yield Section("about", "What this is", [WORDS])
    yield Section("leaderboard", "Leaderboard", [], _leaderboard(results))
    yield Section("regret", "Regret", [], _regret(results))
    yield Section("speedups", "Speedups", [], _speedups(results))
    own = own_tables(results)
    if own:
        yield Section("own", f"Of the suite {results.suite.name}", [], own)
    yield Section("fidelities", "Fidelities bought", [FIDELITIES], _each(results, fidelities))
    yield Section("mixtures", "Recommended mixtures", [], _each(results, recommended))
    yield Section("costs", "Cost and time", [], [breakdown(results), decisions(results)])
    yield Section(
        "calibration", "Calibration", [], [calibrated(results), calibration_table(results)]
    )


def _each(results: Results, drawn: Callable[[Results, str], Figure]) -> list[Part]:
    """A figure a task, folded away but for the first."""
    return [Group(t, [drawn(results, t)], t == results.tasks[0]) for t in results.tasks]


def _leaderboard(results: Results) -> list[Part]:
    more = [
        rank_table(results), paired_table(results), paired_table(results, "cost"),
        improvement_table(results), profile_table(results),
    ]  # fmt: skip
    return [leaderboard_table(results), standing(results), *map(_folded, more)]


def _regret(results: Results) -> list[Part]:
    more = [any_time_table(results), *(arrival_table(results, t) for t in THRESHOLDS)]
    return [
        regret_curves(results), regret_table(results, intervals=True),
        arrivals(results, THRESHOLDS[0]), *map(_folded, more),
    ]  # fmt: skip


def _speedups(results: Results) -> list[Part]:
    whole = speedup_table(results, results.tasks, f"Speedups over {len(results.tasks)} tasks")
    each = [speedup_table(results, [task], f"Speedups: {task}") for task in results.tasks]
    brief = [replace(t, notes=[results.caption, "Columns and marks: as above."]) for t in each]
    return [speedups(results), whole, *(_folded(t) for t in brief if t.rows and len(each) > 1)]


def _folded(table: Table) -> Group:
    return Group(table.title, [replace(table, title="")])


def _failures(results: Results) -> tuple[list[str], list[Part]]:
    table = failure_table(results)
    if not table.rows and not results.failures:
        return [f"None: all {results.total} cells have a record."], []
    shown: list[Part] = [
        Listing(f"{cell.task.label}, {cell.agent}, seed {cell.seed}", text.strip())
        for cell, text in results.failures
    ]
    return [], [table, *shown]


def _manifests(results: Results) -> list[Part]:
    return [
        Listing(f"Manifest {n}: {content.get('command', '')}", in_words(content))
        for n, content in enumerate(results.manifests, 1)
    ]
