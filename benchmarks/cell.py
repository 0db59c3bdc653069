"""A cell: one task, one agent, one seed. Its key hashes everything that decides its record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import mixenv
from benchmarks.sources import digest
from benchmarks.suites import Suite, TaskSpec
from mixenv.task import Task

SCHEMA = 1  # of a record's content; raise it when records change their meaning
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
    """Every cell of a suite. Raises ValueError or FileNotFoundError for tasks nobody can make."""
    return [
        Cell(task, agent, seed, fingerprint, digest(agent))
        for task in suite.tasks
        for fingerprint in [task_of(task).surface.fingerprint]
        for agent in suite.agents
        for seed in suite.seeds_of(agent)
    ]


def task_key(task: TaskSpec, fingerprint: str) -> str:
    """A hash of a task: label, rules and the surface's numbers, wherever they were read from."""
    rules = {k: v for k, v in task.options.items() if k not in ("surface", "source")}
    return _hash("task", mixenv.__version__, task.label, rules, task.max_experiments, fingerprint)


def task_of(task: TaskSpec) -> Task:
    """The task that a spec describes, made once a process."""
    return _task(json.dumps(task.options, sort_keys=True))


@lru_cache(maxsize=64)
def _task(options: str) -> Task:
    return mixenv.make_task(**json.loads(options))


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _seed(*parts: Any) -> int:
    return int(_hash(*parts), 16) % 2**_SEED_BITS
