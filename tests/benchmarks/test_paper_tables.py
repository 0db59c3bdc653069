"""The tables of `mixenv paper` on results made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.paper.deviations import deviations
from benchmarks.paper.document import markdown, write
from benchmarks.paper.experiments import KINDS, WAYS
from benchmarks.paper.kernels import kernel_table
from benchmarks.paper.predictor_tables import Answers, budgets_table, scales_table, verdicts
from benchmarks.paper.problems import even_table, paper_table
from benchmarks.paper.splits import BUDGETS, QUESTIONS
from benchmarks.paper.studies import Study
from benchmarks.results import Results
from benchmarks.table import Table

CUTS = ((16, 1.0), (22, 0.7), (32, 0.5))


def row_of(table, name):
    """One row of a table by column."""
    (row,) = [row for row in table.rows if row[0] == name]
    return dict(zip(table.columns, row, strict=True))


def answers(splits=10, gains=(0.3, -0.3), cuts=CUTS):
    """Two metrics, R^2 near 0.5; E2 is better than E1 by the first gain, E5 than E4 by the other.

    The second metric gains nothing.
    """
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(splits):
        of = {q: 0.5 + 0.02 * rng.normal(size=2) for q in QUESTIONS}
        of["E2"] = of["E2"] + np.array([gains[0], 0.0])
        of["E5"] = of["E5"] + np.array([gains[1], 0.0])
        found = {(way, q): values for way in WAYS for q, values in of.items()}
        for i, e in enumerate(BUDGETS):
            found |= {(kind, e): np.full(2, 0.7 + 0.1 * i) for kind in KINDS}
        scores.append(found)
    study = Study("made-up", 1e9, cuts, "A study for tests.")
    return Answers(study, "measured", ("stackexchange", "pile_cc"), scores)


def kernels(results, record, curves, seeds=12):
    """Results of the three kernels on one task, from regrets of each after 8 experiments."""
    rng = np.random.default_rng(0)
    records = [
        record([1.0] * 8, np.full(9, curve) + 0.05 * rng.random(), agent=agent, task="book", seed=s)
        for agent, curve in curves.items()
        for s in range(seeds)
    ]
    suite = replace(results.suite, agents=tuple(curves))
    return Results(suite, records, [], {}, [], len(records))


# E1 to E8


def test_gains_and_verdicts_by_metric():
    table = scales_table(answers(), "by scale")
    first, second = (row_of(table, name) for name in ("stackexchange", "pile_cc"))
    assert (first["E2 > E1?"], first["E5 > E4?"]) == ("smaller scales help", "smaller scales hurt")
    assert (second["E2 > E1?"], second["E5 > E4?"]) == ("not shown", "not shown")
    assert first["E2 - E1"].startswith("0.3")
    assert first["the paper's E1 to E5"] == ".73 .95 .95 .68 .90"
    assert second["the paper's E1 to E5"] == ""
    whole = row_of(table, "mean over metrics")
    assert whole["the paper's E1 to E5"] == ".82 .96 .96 .78 .91"
    assert whole["E1"].startswith("0.50 ± 0.0")
    assert "Provenance: measured (made-up)" in table.notes[0]


def test_verdicts_in_words():
    said = verdicts(answers())
    assert len(said) == len(WAYS)
    assert said[0].startswith("made-up, as the paper: E1 0.5")
    assert "1 smaller scales help, 1 not shown" in said[0]
    assert "1 smaller scales hurt, 1 not shown" in said[0]


def test_few_splits_say_so():
    table = scales_table(answers(splits=3), "as the paper")
    assert row_of(table, "stackexchange")["E2 > E1?"] == "too few splits"


def test_budgets_beside_the_papers():
    table = budgets_table(answers())
    assert table is not None
    assert row_of(table, "pile_cc")["E8"] == "0.90 ± 0.00"
    theirs = row_of(table, "the paper's")
    assert [theirs[e] for e in ("E6", "E7 log", "E8", "E8 within")] == ["0.69", "0.82", "0.82", ""]
    assert "E7: 22 runs to 70%" in table.notes[1]
    assert budgets_table(answers(cuts=())) is None


# Kernels


@pytest.mark.parametrize(
    ("curves", "best"),
    [
        ((1.0, 0.5, 0.9), "TV"),
        ((1.0, 0.9, 0.5), "JSD"),
        ((0.5, 1.0, 0.9), "RBF"),
        ((0.5, 0.5, 0.9), "no difference shown"),
    ],
)
def test_the_best_kernel(results, record, curves, best):
    agents = ("mfms-gp", "mfms-gp-tv", "mfms-gp-jsd")
    found = kernels(results, record, dict(zip(agents, curves, strict=True)))
    row = row_of(kernel_table(found), "book")
    assert row["best here"] == best
    assert row["RBF"].startswith(f"{curves[0] + 0.02:.1f}"[:3])
    whole = row_of(kernel_table(found), "mean over 1")
    assert whole["best here"] == best
    assert whole["JSD - RBF"] == row["JSD - RBF"]


def test_kernels_of_few_seeds_and_the_appendix(results, record):
    curves = {"mfms-gp": 1.0, "mfms-gp-tv": 0.5, "mfms-gp-jsd": 0.5}
    found = kernels(results, record, curves, seeds=4)
    row = row_of(kernel_table(found), "book")
    assert row["best here"] == "too few seeds"
    assert row["Appendix E"] == ""
    other = [replace(r, task="hellaswag") for r in found.records]
    task = replace(found.suite.tasks[0], label="hellaswag")
    suite = replace(found.suite, tasks=(task,))
    row = row_of(kernel_table(Results(suite, other, [], {}, [], 12)), "hellaswag")
    assert row["Appendix E"] == "RBF; JSD, sometimes"


def test_kernels_without_a_common_seed_are_left_out(results, record):
    curves = {"mfms-gp": 1.0, "mfms-gp-tv": 0.5, "mfms-gp-jsd": 0.5}
    found = kernels(results, record, curves, seeds=12)
    kept = [r for r in found.records if r.agent != "mfms-gp-tv" or r.seed < 11]
    row = row_of(kernel_table(replace(found, records=kept)), "book")
    assert row["best here"] == "TV"
    apart = [r for r in found.records if (r.seed < 6) is (r.agent == "mfms-gp-tv")]
    assert kernel_table(replace(found, records=apart)).rows == []


# Problems


def challenged(results):
    """The results of the fixture, with mfms-gp in place of corners, which come after 4 runs."""
    late = np.array([3.0] * 4 + [0.05] * 5)
    mine = [replace(r, agent="mfms-gp") for r in results.records if r.agent == "corners"]
    corners = [
        replace(r, regret=late, truth=1 + 2 * late[1:], value=1 + 2 * late[1:])
        for r in results.records
        if r.agent == "corners"
    ]
    others = [r for r in results.records if r.agent != "corners"]
    suite = replace(results.suite, agents=("random", "corners", "hyperband", "mfms-gp"))
    return replace(results, suite=suite, records=[*others, *corners, *mine])


def test_even_handed_speedups(results):
    """At 0.25 sd: mfms-gp after 2 target runs, corners after 4, hyperband after 6."""
    table = even_table(challenged(results))
    row = row_of(table, "arxiv")
    assert row["mfms-gp against hyperband"].startswith("3 ")
    assert row["mfms-gp against corners"].startswith("2 ")
    assert row["corners against hyperband"].startswith("1.5 ")
    whole = row_of(table, "geometric mean of 2")
    assert whole["mfms-gp against hyperband"].startswith("3 ")
    claim = row_of(table, "the paper's claim")
    assert claim["mfms-gp against hyperband"] == "2.6"
    assert claim["mfms-gp against random"] == "3.3"
    assert claim["mfms-gp against corners"] == claim["corners against hyperband"] == ""


def test_speedups_as_the_paper_counts(results):
    """Hyperband has its best after 6 target runs, mfms-gp's incumbent after 2, and one more."""
    row = row_of(paper_table(challenged(results)), "book")
    assert row["mfms-gp against hyperband"].startswith("2 ")
    assert row["corners against hyperband"].startswith("1.2 ")


# The document


def test_deviations_of_what_was_played():
    whole = deviations(("problems", "kernels", "predictors"), "published", ["regmix: not at hand"])
    assert any("published simulator" in line for line in whole)
    assert any("SMAC" in line for line in whole)
    assert any("square roots" in line for line in whole)
    assert "Not played: regmix: not at hand." in whole
    few = deviations(("predictors",), "surrogate", [])
    assert not any("surrogate" in line or "Hyperband" in line for line in few)
    assert any("surrogate" in line for line in deviations(("kernels",), "surrogate", []))


def test_the_file_holds_everything(tmp_path):
    parts = [("A part", [Table("T", ("a",), [("1",)]), "a sentence"]), ("Deviations", ["this"])]
    text = markdown(parts, ["paper", "--quick"], quick=True)
    places = [text.index(w) for w in ("# mixenv paper", "Quick:", "## A part", "### T", "| 1 |")]
    assert places == sorted(places)
    assert "- a sentence" in text
    assert '"command": "mixenv paper --quick"' in text
    assert "Quick:" not in markdown(parts, [], quick=False)
    path = write(text, tmp_path / "new" / "paper.md")
    assert path.read_text(encoding="utf-8") == text
    assert [p.name for p in path.parent.iterdir()] == ["paper.md"]
