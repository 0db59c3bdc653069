"""A cell: one task, one agent, one seed. Its key hashes everything that decides its record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mixenv
from benchmarks.sources import digest
from benchmarks.suite import Suite, TaskSpec
from benchmarks.tasks import PLACES, task_of

SCHEMA = 2  # of a record's content; raise it when records change their meaning
_SEED_BITS = 31  # what every library takes as a seed


@dataclass(frozen=True)
class Cell:
    """One episode to play; `fingerprint` hashes the surface, `code` the agent's source."""

    task: TaskSpec
    agent: str
    seed: int
    fingerprint: str
    code: str

    @property
    def task_key(self) -> str:
        """A hash of the task alone."""
        return task_key(self.task, self.fingerprint)

    @cached_property
    def key(self) -> str:
        """The key of the cell's record."""
        return _hash("cell", SCHEMA, self.task_key, self.agent, self.code, self.seed)

    @property
    def episode_seed(self) -> int:
        """Seed of the noise: the same for every agent, and whatever the budget."""
        return _seed("episode", self.task.label, self.seed)

    @property
    def agent_seed(self) -> int:
        """Seed of the agent's own draws."""
        return _seed("agent", self.task.label, self.agent, self.seed)


def cells(suite: Suite) -> list[Cell]:
    """Every cell of a suite.

    Raises ValueError for tasks nobody can make, FileNotFoundError naming all that must be fetched.
    """
    return [
        Cell(task, agent, seed, fingerprint, digest(agent))
        for task, fingerprint in zip(suite.tasks, _fingerprints(suite), strict=True)
        for agent in suite.agents
        for seed in suite.seeds_of(agent)
    ]


def _fingerprints(suite: Suite) -> list[str]:
    found, missing = [], []
    for task in suite.tasks:
        try:
            found.append(task_of(task).surface.fingerprint)
        except FileNotFoundError as error:
            missing.append(str(error))
    if missing:
        wanted = "; ".join(dict.fromkeys(missing))
        raise FileNotFoundError(f"{wanted}; or say where it lies with --source NAME=PATH")
    return found


def task_key(task: TaskSpec, fingerprint: str) -> str:
    """A hash of a task: label, rules and the surface's numbers, wherever they were read from."""
    rules = {k: v for k, v in task.options.items() if k not in PLACES}
    return _hash("task", mixenv.__version__, task.label, rules, task.max_experiments, fingerprint)


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _seed(*parts: Any) -> int:
    return int(_hash(*parts), 16) % 2**_SEED_BITS
