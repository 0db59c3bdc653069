"""The report: one Markdown file with every table, the figure, the failures and the manifests."""

from __future__ import annotations

from pathlib import Path

from benchmarks.authors import authors_table
from benchmarks.figure import draw
from benchmarks.manifest import in_words
from benchmarks.reference import reference_table
from benchmarks.results import Results
from benchmarks.table import Table
from benchmarks.tables import (
    ablation_table,
    any_time_table,
    arrival_table,
    by_task_table,
    calibration_table,
    failure_table,
    headline_table,
    improvement_table,
    lag_table,
    leaderboard_table,
    paired_table,
    profile_table,
    rank_table,
    regret_table,
    speedup_table,
)


def summary(results: Results) -> list[Table]:
    """The tables that a terminal shows."""
    if not results.tasks:
        return _extra(results)
    title = f"Speedups, {len(results.tasks)} tasks"
    speedups = speedup_table(results, results.tasks, title)
    found = [regret_table(results), speedups, leaderboard_table(results)]
    return [*(table for table in found if table.rows), *_extra(results)]


def write(results: Results, folder: Path) -> list[Path]:
    """Write SUITE.md, and SUITE.png and SUITE.svg where there are records; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / results.suite.name
    figures = draw(results, stem) if results.tasks else []
    report = stem.with_suffix(".md")
    report.write_text(markdown(results, figures), encoding="utf-8")
    return [report, *figures]


def markdown(results: Results, figures: list[Path]) -> str:
    """The report's text."""
    parts = [f"# mixenv bench: {results.suite.name}", f"{results.suite.about}.", results.caption]
    if figures:
        parts.append(f"![Regret against cost. {results.caption}]({figures[0].name})")
    parts += [table.markdown() for table in [*summary(results), *_details(results)]]
    for n, content in enumerate(results.manifests, 1):
        parts.append(f"### Manifest {n}\n\n```json\n{in_words(content)}\n```")
    for cell, text in results.failures:
        title = f"### Failure: {cell.task.label}, {cell.agent}, seed {cell.seed}"
        parts.append(f"{title}\n\n```\n{text.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def own_tables(results: Results) -> list[Table]:
    """Tables that some suites have, and what ablated agents lack where there are any."""
    tables = {"paper": headline_table, "reference": reference_table, "authors": authors_table}
    own = tables.get(results.suite.name)
    ablation = ablation_table(results)
    return [*([own(results)] if own else []), *([ablation] if ablation.rows else [])]


def _extra(results: Results) -> list[Table]:
    """Tables that some suites have, and the failures if there are any."""
    failures = failure_table(results)
    return [*own_tables(results), *([failures] if failures.rows else [])]


def _details(results: Results) -> list[Table]:
    """Who can be told apart, over all tasks and on each; calibration; speedups task by task."""
    if not results.tasks:
        return []
    found = [
        rank_table(results), paired_table(results), paired_table(results, "cost"),
        improvement_table(results), profile_table(results), any_time_table(results),
        arrival_table(results), calibration_table(results), regret_table(results, intervals=True),
        by_task_table(results), lag_table(results),
        *(speedup_table(results, [task], f"Speedups: {task}") for task in results.tasks),
    ]  # fmt: skip
    return [table for table in found if table.rows]
