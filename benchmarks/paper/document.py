"""The tables of `mixenv paper` in order, for a terminal and as one Markdown file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.manifest import circumstances
from benchmarks.paper.deviations import deviations
from benchmarks.paper.experiments import WAYS
from benchmarks.paper.kernels import kernel_table
from benchmarks.paper.plan import Plan
from benchmarks.paper.play import Played
from benchmarks.paper.predictor_tables import Answers, budgets_table, scales_table, verdicts
from benchmarks.paper.problems import even_table, paper_table
from benchmarks.results import Results
from benchmarks.table import Table
from benchmarks.tables import failure_table, regret_table, speedup_table

TOP = (
    "The experiments of arXiv 2503.21023 again. Every table says where its numbers come from; the "
    "paper's own stand beside them. What differs, and why, is at the end."
)
QUICK = "Quick: few tasks, seeds and splits, small fits. A look at the tables, not at the answers."

Section = tuple[str, Sequence[Table | str]]


def sections(plan: Plan, played: Played) -> Iterator[Section]:
    """Headings with their tables and sentences; the deviations come last."""
    if "problems" in played.results:
        yield "The paper's problems", _problems(played.results["problems"])
    if "kernels" in played.results:
        results = played.results["kernels"]
        yield "Kernels", [kernel_table(results), *_failures(results)]
    if "predictors" in plan.parts:
        yield "Predictors", [*_predictors(played.answers), *plan.missing]
    yield "Deviations from the paper", deviations(plan.parts, plan.surface, plan.missing)


def markdown(parts: Sequence[Section], command: Sequence[str], quick: bool) -> str:
    """The file's text."""
    lines = ["# mixenv paper", TOP, *([QUICK] if quick else [])]
    for heading, content in parts:
        lines.append(f"## {heading}")
        lines += [c.markdown() if isinstance(c, Table) else f"- {c}" for c in content]
    manifest = json.dumps(circumstances(command), indent=1)
    return "\n\n".join([*lines, f"## Manifest\n\n```json\n{manifest}\n```"]) + "\n"


def write(text: str, path: Path) -> Path:
    """Write the file; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return path


def _problems(results: Results) -> list[Table | str]:
    if not results.tasks:
        return _failures(results)
    whole = f"All accountings and thresholds, {len(results.tasks)} tasks"
    return [
        paper_table(results), even_table(results), speedup_table(results, results.tasks, whole),
        regret_table(results), *_failures(results),
    ]  # fmt: skip


def _failures(results: Results) -> list[Table | str]:
    found = failure_table(results)
    return [found] if found.rows else []


def _predictors(answers: Sequence[Answers]) -> Iterator[Table | str]:
    for one in answers:
        yield from (scales_table(one, way) for way in WAYS)
        budgets = budgets_table(one)
        if budgets is not None:
            yield budgets
    for one in answers:
        yield from verdicts(one)
