"""The README's snippets run, and its table lists every registered environment."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import mixenv
from benchmarks.command import menu
from benchmarks.suites import SUITES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FINDINGS = (ROOT / "docs" / "mfms-plus-findings.md").read_text(encoding="utf-8")


def test_the_snippets_run(capsys):
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(block, "README.md", "exec"), names)
    printed = [float(line) for line in capsys.readouterr().out.split()]
    assert len(printed) == 2
    assert all(regret >= 0 for regret in printed)


def test_every_environment_is_listed():
    rows = re.findall(r"^\| `(DataMixture\w*-v\d+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    assert rows == [(f.id, f.about, f.provenance) for f in mixenv.FAMILIES]


def test_every_suite_is_listed():
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \|$", README, re.MULTILINE)
    assert rows[: len(SUITES)] == list(SUITES)


def test_every_heading_stands_once():
    outside = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    headings = re.findall(r"^#+ .*$", outside, re.MULTILINE)
    assert len(headings) == len(set(headings))


def rows_of(text: str, head: str) -> list[dict[str, str]]:
    """The rows of the first table of which the head begins so, by column."""
    table = re.search(rf"^{re.escape(head)}.*\n(?:\|.*\n)+", text, re.MULTILINE)
    assert table, head
    lines = [re.split(r" *\| *", line.strip("| ")) for line in table[0].splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


@pytest.mark.parametrize(
    ("record", "head", "shown_head", "count"),
    [
        ("quick", "| task | agent | at 1", "| task | agent | at 1", 12),
        ("main", "| agent | at 1", "| agent | at 1", 13),
        ("mfms-plus", "| agent | at 1", "| agent | any-time", 5),
    ],
)
def test_published_numbers_are_those_of_the_record(record, head, shown_head, count):
    there = rows_of((ROOT / "docs" / f"{record}.md").read_text(encoding="utf-8"), head)
    here = rows_of(README, shown_head)
    assert len(here) == len(there) == count
    for shown, known in zip(here, there, strict=True):
        assert shown.items() <= {k: v.replace("≥", ">=") for k, v in known.items()}.items()


def commands() -> list[list[str]]:
    """Every call of `mixenv` on a line of its own or in backticks, as words."""
    pages = f"{README}\n{FINDINGS}"
    calls = [*pages.splitlines(), *re.findall(r"`([^`\n]+)`", pages)]
    named = [call.replace("NAME", "regmix") for call in calls if re.match(r"mixenv( |$)", call)]
    return [shlex.split(call, comments=True)[1:] for call in named]


def test_there_are_commands():
    found = commands()
    assert len(found) > 10
    assert {words[0] for words in found} >= {"bench", "results", "report", "paper", "speed", "data"}


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_commands_are_understood(words):
    """Names and options are those of the command; nothing is run."""
    command: click.Command = menu()
    context = click.Context(command)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found, name
        command = found
    if words:
        command.make_context(command.name, words, context)
