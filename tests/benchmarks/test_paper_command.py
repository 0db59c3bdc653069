"""`mixenv paper`: from the command line to the file, going on where it was, mistakes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from benchmarks.command import main
from benchmarks.law import Law
from benchmarks.paper import plan as plan_module
from benchmarks.paper import play as play_module
from benchmarks.paper import predictors
from benchmarks.paper.experiments import KINDS, WAYS
from benchmarks.paper.plan import make
from benchmarks.paper.splits import BUDGETS, QUESTIONS


@pytest.fixture
def inside(monkeypatch, inline, recorded):
    """No processes, no million draws, no network; agents that are quick, one table at hand."""
    played = []

    @contextmanager
    def here(jobs):
        yield inline

    def scored(name, source, seed, effort):
        played.append((name, seed))
        wanted = [(w, q) for w in WAYS for q in QUESTIONS]
        wanted += [(kind, e) for kind in KINDS for e in BUDGETS]
        return {at: np.full(3, 0.1 * seed) for at in wanted}

    def read(name, source=None):
        if name != "slimpajama-7":
            raise FileNotFoundError(f"{name}: expected a file, got none")
        return recorded

    monkeypatch.setattr(play_module, "processes", here)
    monkeypatch.setattr(
        "benchmarks.runner.laws_of",
        lambda specs: [Law(100, dict.fromkeys(_LEVELS, 20))] * len(specs),
    )
    monkeypatch.setattr(plan_module, "AGENTS", ("random", "corners"))
    monkeypatch.setattr(plan_module, "KERNELS", {"random": "RBF"})
    monkeypatch.setattr(predictors, "read_table", read)
    monkeypatch.setattr(predictors, "play", scored)
    return played


_LEVELS = ("0.5", "0.25", "0.1")


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["paper", *arguments])
    return ended.value.code


def test_a_quick_paper(inside, tmp_path, capsys):
    for _ in range(2):  # the second time, from what was kept
        assert run("--quick", "--seeds", "2", "--results", str(tmp_path)) == 0
        printed = capsys.readouterr().out
        for words in (
            "Speedups as the paper counts",
            "Even-handed speedups to 0.25 sd",
            "Kernels over the mixture",
            "Do smaller scales help? slimpajama-7, by scale",
            "Few long or many short?",
            "regmix: not at hand; `mixenv data fetch regmix`",
            "Deviations from the paper",
        ):
            assert words in printed
    assert inside == [("slimpajama-7", seed) for seed in range(3)]
    text = (tmp_path / "mixenv-paper.md").read_text(encoding="utf-8")
    assert text.index("## The paper's problems") < text.index("## Deviations from the paper")
    assert "Suite paper; 2 seeds a task; noise 0; shares up to 1; budget 4 target runs." in text


def test_only_a_part(inside, tmp_path, capsys):
    assert run("--only", "predictors", "--quick", "--results", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "Do smaller scales help?" in printed
    assert "Speedups" not in printed
    assert "Hyperband" not in printed


def test_a_cell_that_fails(inside, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(plan_module, "AGENTS", ("random", "no_such_module:Agent"))
    assert run("--only", "problems", "--quick", "--seeds", "1", "--results", str(tmp_path)) == 1
    said = capsys.readouterr()
    assert "Cells without a record" in said.out
    assert "3 cells failed; see" in said.err


def test_nothing_that_was_kept_is_lost_by_a_stop(inside, tmp_path, monkeypatch):
    """A split that breaks off the run leaves the splits that came before it."""
    options = ("--only", "predictors", "--quick", "--results", str(tmp_path))
    scored = predictors.play

    def stopping(name, source, seed, effort):
        if seed == 2:
            raise KeyboardInterrupt
        return scored(name, source, seed, effort)

    monkeypatch.setattr(predictors, "play", stopping)
    monkeypatch.setattr(predictors, "as_completed", list)  # in the order of the splits
    assert run(*options) == 130
    monkeypatch.setattr(predictors, "play", scored)
    assert run(*options) == 0
    assert inside == [("slimpajama-7", seed) for seed in (0, 1, 2)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--surface", "x"], "surface: expected one of surrogate, published, got 'x'"),
        (["--only", "x"], "'x' is not one of"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--source", "x=y"], "--source: expected NAME=PATH, NAME one of"),
        (["--source", "admire=x"], "expected a run table of slimpajama-472, slimpajama-7, regmix,"),
        (["--source", "a.pt"], "one file of the surface at most, with --surface published; got"),
        (
            ["--surface", "published", "--source", "a.pt", "--source", "published-simulator=b.pt"],
            "one file of the surface at most, with --surface published; got a.pt, b.pt",
        ),
        (["--source", "regmix=/none"], "regmix: expected data/train_mixture_1m.csv"),
        (["--only", "problems", "--surface", "published", "--source", "/none"], "expected"),
    ],
)
def test_mistakes(capsys, tmp_path, arguments, says):
    assert run(*arguments, "--results", str(tmp_path / "new")) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_what_was_kept_by_something_else(capsys, tmp_path):
    (tmp_path / "paper-predictors.json").write_text("[]")
    assert run("--only", "predictors", "--results", str(tmp_path)) == 2
    assert "expected scores written by `mixenv paper`" in capsys.readouterr().err


def test_the_plan(inside):
    plan = make(("kernels", "problems"), seeds=4)
    assert plan.parts == ("problems", "kernels")
    for suite in plan.suites.values():
        assert (len(suite.tasks), suite.seeds) == (10, 4)
        assert {t.options["max_share"] for t in suite.tasks} == {1.0}
        assert {t.options["noise"] for t in suite.tasks} == {0.0}
        assert {t.options["budget"] for t in suite.tasks} == {16.0}
    assert plan.tables == {}
    quick = make(("problems",), quick=True)
    assert (len(quick.suites["problems"].tasks), quick.suites["problems"].seeds) == (3, 3)


@pytest.mark.reference
def test_the_published_simulator(reference):
    file = reference / "published" / "checkpoint_latest.pt"
    for given in (str(file), f"published-simulator={file}"):
        plan = make(("problems",), surface="published", sources=(given,))
        found = {t.options["source"] for t in plan.suites["problems"].tasks}
        assert {Path(source).resolve() for source in found} == {file.resolve()}
