"""The README's snippets run, and its table lists every registered environment."""

from __future__ import annotations

import re
from pathlib import Path

import mixenv

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


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
