"""The report: one Markdown file with every table, the figure, the failures and the manifests."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.figure import draw
from benchmarks.reference import reference_table
from benchmarks.results import Results
from benchmarks.table import Table
from benchmarks.tables import failure_table, headline_table, regret_table, speedup_table


def summary(results: Results) -> list[Table]:
    """The tables that a terminal shows."""
    if not results.tasks:
        return _extra(results)
    title = f"Speedups, {len(results.tasks)} tasks"
    speedups = speedup_table(results, results.tasks, title)
    return [regret_table(results), *([speedups] if speedups.rows else []), *_extra(results)]


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
        parts.append(f"### Manifest {n}\n\n```json\n{json.dumps(content, indent=1)}\n```")
    for cell, text in results.failures:
        title = f"### Failure: {cell.task.label}, {cell.agent}, seed {cell.seed}"
        parts.append(f"{title}\n\n```\n{text.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _extra(results: Results) -> list[Table]:
    """Tables that some suites have, and the failures if there are any."""
    extra = {"paper": headline_table, "reference": reference_table}.get(results.suite.name)
    failures = failure_table(results)
    return [*([extra(results)] if extra else []), *([failures] if failures.rows else [])]


def _details(results: Results) -> list[Table]:
    """Regret with intervals, and speedups task by task."""
    if not results.tasks:
        return []
    each = [speedup_table(results, [task], f"Speedups: {task}") for task in results.tasks]
    return [regret_table(results, intervals=True), *(table for table in each if table.rows)]
