"""The manifest: under which circumstances numbers came about."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import mixenv
from benchmarks.suite import Suite

PLAN = "plan"  # of a manifest: the suite as it was chosen
PACKAGES = ("numpy", "scipy", "jax", "gymnasium")
_PATH = re.compile(r"""(?<![^\s"'=])/(?:[^\s"'/]+/)*([^\s"'/]+)/?""")


def manifest(suite: Suite, command: Sequence[str] | None = None) -> dict[str, Any]:
    """What a reader needs in order to get the same numbers again, as JSON-able values."""
    return {
        "suite": suite.name,
        "seeds": {agent: len(suite.seeds_of(agent)) for agent in suite.agents},
        PLAN: asdict(suite),
        **circumstances(command),
    }


def in_words(manifest: dict[str, Any]) -> str:
    """A manifest as JSON in lines, its plan with a line a task.

    Of an absolute path only the last part: a record is published, where files lie is not.
    """
    rest = {name: value for name, value in manifest.items() if name != PLAN}
    tasks = [json.dumps(task) for task in manifest.get(PLAN, {}).get("tasks", ())]
    return _PATH.sub(r"\1", "\n".join([json.dumps(rest, indent=1), *tasks]))


def circumstances(command: Sequence[str] | None = None) -> dict[str, Any]:
    """The command, the code, the versions and the machine, as JSON-able values."""
    return {
        "command": shlex.join(["mixenv", *(sys.argv[1:] if command is None else command)]),
        "commit": commit(),
        "versions": {
            "mixenv": mixenv.__version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def commit() -> str:
    """The commit of the checkout that runs, with "+changes" where files differ from it."""
    here = Path(__file__).resolve().parent
    head = _git(here, "rev-parse", "HEAD")
    if not head or _git(here, "ls-files", Path(__file__).name) == "":
        return "no checkout"  # or installed inside somebody else's repository
    return head + ("+changes" if _git(here.parent, "status", "--porcelain") else "")


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
