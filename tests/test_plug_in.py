"""The page "Plug in your agent": its code runs, its agent joins a benchmark, its scripts exist."""

from __future__ import annotations

import ast
import doctest
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import command
from benchmarks.law import Law

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "plug-in.md").read_text(encoding="utf-8")
FOLDER = ROOT / "docs" / "examples"
AGENT = "own_agent:HillClimber"
SMALL = ["--tasks", "mean_loss", "--budget", "1", "--seeds", "2", "--agents", "random"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def class_of(source: str) -> str:
    """The source of the first class of a file."""
    found = next(n for n in ast.parse(source).body if isinstance(n, ast.ClassDef))
    return str(ast.get_source_segment(source, found))


def test_the_code_of_the_page_runs():
    """In order: later blocks may use what earlier ones have made."""
    names: dict[str, object] = {}
    order = re.findall(r"^```(python|pycon)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert {language for language, _ in order} == {"python", "pycon"}
    for language, code in order:
        if language == "python":
            exec(compile(code, "plug-in.md", "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(code, names, "plug-in.md", None, 0)
        assert test.examples
        said: list[str] = []
        runner = doctest.DocTestRunner(verbose=False)
        runner.run(test, out=said.append, clear_globs=False)
        assert not said, "".join(said)
        names |= test.globs


def test_the_agent_of_the_page_is_that_of_the_file():
    code, source = blocks("python")[0], (FOLDER / "own_agent.py").read_text(encoding="utf-8")
    shown = class_of(code)
    assert shown == class_of(source)
    assert len([line for line in shown.splitlines() if line.strip()]) <= 20


@pytest.fixture
def mixenv(monkeypatch, tmp_path, capsys):
    """The command, where the agent's file lies; one thread in place of processes, few draws."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_agent", raising=False)  # another folder's
    monkeypatch.setattr("benchmarks.workers.processes", ThreadPoolExecutor)
    law = Law(100, {"0.5": 50, "0.25": 20, "0.1": 0})
    monkeypatch.setattr("benchmarks.runner.laws_of", lambda specs: [law] * len(specs))

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            command.main([*arguments, "--results", str(tmp_path)])
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return run


def test_the_agent_appears_in_a_report(mixenv, tmp_path):
    assert AGENT in mixenv("bench", *SMALL, "--agent", AGENT, "--jobs", "1")
    assert f"| {AGENT} |" in (tmp_path / "quick.md").read_text(encoding="utf-8")
    mixenv("report")
    assert AGENT in (tmp_path / "quick.html").read_text(encoding="utf-8")
    mixenv("results", "export", str(tmp_path / "steps.csv"))
    steps = pd.read_csv(tmp_path / "steps.csv")
    played = steps[steps.agent == AGENT]
    assert set(played.seed) == {0, 1}
    assert (played.groupby("seed").cost.sum() > 0.99).all()  # the last run is cut short


def test_every_example_is_listed():
    rows = re.findall(r"^\| \[(\w+\.py)\]\(examples/(\w+\.py)\) \|", PAGE, re.MULTILINE)
    assert all(text == target for text, target in rows)
    scripts = sorted(path.name for path in FOLDER.glob("*.py"))
    assert sorted(text for text, _ in rows) == scripts
    assert sorted(re.findall(r"^\$ python docs/examples/(\S+)", PAGE, re.MULTILINE)) == scripts


def test_links_lead_somewhere():
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        place, _, anchor = target.partition("#")
        assert not place or (ROOT / "docs" / place).exists(), target
        assert not anchor or anchor in headings, target
