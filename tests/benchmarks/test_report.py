"""Tables, figure and report: what they show, and that provenance goes with all of it."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from benchmarks.cell import Cell
from benchmarks.manifest import in_words, manifest
from benchmarks.reference import RANDOM, comparisons, reference_table
from benchmarks.report import markdown, summary, write
from benchmarks.results import ABOUT, Results
from benchmarks.suites import ALL, SUITES
from benchmarks.tables import failure_table, headline_table, regret_table, speedup_table

SYNTHETIC = ABOUT["synthetic"]


def failing(results):
    cells = [Cell(results.suite.tasks[0], "corners", seed, "f", "c") for seed in range(2)]
    kept = [r for r in results.records if (r.task, r.agent) != ("arxiv", "corners")]
    failures = [(cell, "Traceback\nValueError: no shares") for cell in cells]
    return replace(results, records=kept, failures=failures)


def test_the_caption_says_what_the_numbers_are(results):
    for part in (SYNTHETIC, "10 seeds a task", "noise seed", "shares up to 0.5", "budget 8 "):
        assert part in results.caption


def test_provenances_are_never_blurred(results):
    mixed = [replace(results.records[0], provenance="measured"), *results.records[1:]]
    caption = replace(results, records=mixed).caption
    assert f"{ABOUT['measured']}; {SYNTHETIC}" in caption


def test_every_table_states_provenance(results):
    tables = [
        regret_table(results), speedup_table(results, results.tasks, "all"),
        headline_table(results), reference_table(results), failure_table(results),
    ]  # fmt: skip
    assert all(SYNTHETIC in "".join(table.notes) for table in tables)


def test_the_regret_table(results):
    table = regret_table(results)
    assert table.columns[:6] == ["task", "agent", "at 1", "at 2", "at 4", "at 8"]
    assert table.columns[6:] == ["to 0.5 sd", "to 0.25 sd", "to 0.1 sd", "s/decision"]
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    assert rows["arxiv", "corners"] == ["2.00", "0.05", "0.05", "0.05", "2", "2", "2", "0.5"]
    assert rows["book", "hyperband"][:6] == ["3.00", "3.00", "3.00", "0.05", "6", "6"]
    assert rows["book", "random"][4:7] == ["7", "35", "≥ 188"]
    wide = regret_table(results, intervals=True)
    assert wide.rows[1][2] == "2.00 [2.00, 2.00]"


def test_smac_is_a_baseline_where_it_was_played(results):
    records = [replace(r, agent="smac") if r.agent == "hyperband" else r for r in results.records]
    agents = ("random", "corners", "smac")
    played = replace(results, suite=replace(results.suite, agents=agents), records=records)
    rows = speedup_table(played, played.tasks, "Speedups").rows
    assert ["corners", "smac", "search"] in [row[:3] for row in rows]
    assert not any("hyperband" in row[:2] for row in rows)


def test_agents_that_are_no_baseline_stand_beside_the_papers_own_too(results):
    twins = [replace(r, agent="mfms-gp") for r in results.records if r.agent == "corners"]
    suite = replace(results.suite, agents=("random", "corners", "hyperband", "mfms-gp"))
    played = replace(results, suite=suite, records=[*results.records, *twins])
    pairs = {tuple(row[:2]) for row in speedup_table(played, played.tasks, "Speedups").rows}
    assert pairs == {
        ("corners", "hyperband"), ("corners", "random"), ("corners", "mfms-gp"),
        ("mfms-gp", "hyperband"), ("mfms-gp", "random"), ("hyperband", "random"),
    }  # fmt: skip


def test_the_speedup_table(results):
    table = speedup_table(results, results.tasks, "Speedups")
    rows = {tuple(row[:3]): row[3:] for row in table.rows}
    assert rows["corners", "hyperband", "search"][:2] == ["3 [3, 3]", "3"]
    assert rows["corners", "random", "search"][2] == "18 [18, 18]"
    assert ("hyperband", "random", "paper") in rows
    assert ("random", "hyperband", "search") not in rows


def test_few_seeds_are_flagged(results):
    few = replace(results, records=[r for r in results.records if r.seed < 9])
    assert "Too few seeds (under 10)" in "".join(regret_table(few).notes)
    assert "Too few seeds" not in "".join(regret_table(results).notes)


def test_the_headline_stands_beside_the_claims(results):
    rows = {tuple(row[1:3]): row[3:] for row in headline_table(results).rows}
    assert rows["hyperband", "all 2"] == ["2 [2, 2]", "2", "2.6"]
    assert rows["hyperband", "book"][2] == ""
    assert rows["random", "all 2"][2] == "3.3"


def test_failures_are_counted_and_shown(results):
    broken = failing(results)
    (row,) = failure_table(broken).rows
    assert row == ["corners", "arxiv", "0", "2", "8", "ValueError: no shares"]
    assert failure_table(broken) in summary(broken)
    assert "ValueError: no shares" in markdown(broken, [])
    assert failure_table(results).rows == []


def test_reference_values(results, record):
    assert set(RANDOM) == set(ALL)
    full = [
        record([1.0] * 16, np.full(17, value), agent="random", task="arxiv", budget=16.0)
        for value in (1.0, 1.25, 3.0)
    ]
    found = comparisons(replace(results, records=full))
    assert found == [("arxiv", "random", 4.0, 1.28, 1.25), ("arxiv", "random", 16.0, 0.72, 1.25)]
    table = reference_table(replace(results, records=full))
    assert "random: 1 of 2 within 0.1 sd." in table.notes
    assert table.rows[0] == ["random", "4", "arxiv", "1.28", "1.25", "-0.03"]


def test_tables_print_and_write(results):
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    for table in summary(results):
        console.print(table.rich())
    console.file.close()
    assert "hyperband" in console.export_text()
    text = regret_table(results).markdown()
    assert "| task | agent | at 1 |" in text
    assert "| :--- | :--- | ---: |" in text


def test_the_report_and_the_figure(results, tmp_path):
    report, png, svg = write(results, tmp_path / "new")
    text = report.read_text()
    assert text.startswith("# mixenv bench: small\n\na suite for tests.\n")
    assert text.count(SYNTHETIC) >= 5
    assert f"]({png.name})" in text
    assert '"command": "mixenv bench"' in text
    assert "Speedups: book" in text
    assert png.read_bytes()[:4] == b"\x89PNG"
    drawn = "".join(ET.fromstring(svg.read_text()).itertext())
    comments = svg.read_text()
    for part in ("arxiv", "book", "corners", "hyperband", "Provenance", "synthetic"):
        assert part in drawn or part in comments


def test_results_without_records(results, tmp_path):
    empty = Results(results.suite, [], failing(results).failures, {}, [], 60)
    (report,) = write(empty, tmp_path)
    assert "no records" in report.read_text()
    assert "Cells without a record" in report.read_text()


@pytest.mark.parametrize("name", ["paper", "reference"], ids=["one", "other"])
def test_some_suites_have_a_table_of_their_own(results, name):
    named = replace(results, suite=replace(results.suite, name=name))
    titles = [table.title for table in summary(named)]
    assert {"paper": "As the paper counts", "reference": "Against reference values"}[name] in titles


def test_a_published_manifest_does_not_say_where_files_lie():
    asked = ["bench", "--results", "/tmp/h/main", "--source", "a=/data/b/c.pt", "--agent", "m:C"]
    words = in_words(manifest(SUITES["reference"], asked))
    assert "bench --results main --source a=c.pt --agent m:C" in words
    assert "/tmp" not in words


def test_the_manifest_lets_a_reader_repeat():
    found = manifest(SUITES["reference"], ["bench", "--suite", "reference", "--noise", "0.5 sd"])
    assert found["command"] == "mixenv bench --suite reference --noise '0.5 sd'"
    assert found["seeds"] == {"random": 1000, "hyperband": 20}
    assert {"mixenv", "python", "numpy", "scipy", "jax", "gymnasium"} <= set(found["versions"])
    assert found["commit"]
    assert found["platform"]
