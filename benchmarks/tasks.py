"""Tasks from what describes them: the options of `make_task`, or a user's task file."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import mixenv
from benchmarks.suite import TaskSpec
from mixenv.task import Task, load_task

PLACES = ("surface", "source", "file")  # options that say where numbers lie, not what they are


def spec_of(path: str | Path) -> TaskSpec:
    """The task of a file, labelled with the file's name; its rules are kept, as JSON-able values.

    Raises what `mixenv.taskfile.load_task` does.
    """
    path = Path(path).resolve()
    task = load_task(path)
    rules = {f.name: getattr(task, f.name) for f in fields(task) if f.name != "surface"}
    return TaskSpec(path.stem, {"file": str(path), **json.loads(json.dumps(rules))})


def task_of(task: TaskSpec) -> Task:
    """The task that a spec describes, made once a process."""
    return _task(json.dumps(task.options, sort_keys=True))


@lru_cache(maxsize=64)
def _task(options: str) -> Task:
    known: dict[str, Any] = json.loads(options)
    file = known.pop("file", None)
    if file is None:
        return mixenv.make_task(**known)
    rules = {k: tuple(v) if isinstance(v, list) else v for k, v in known.items()}
    return replace(load_task(file), **rules)
