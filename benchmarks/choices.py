"""The suite that a user's choices make of one of ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.ours import our_agents
from benchmarks.suite import Suite
from benchmarks.suites import GROUPS, SUITES
from benchmarks.tasks import spec_of
from mixenv.runs.catalogue import catalogue

_SIMULATOR = "published-simulator"


def choose(
    name: str,
    *,
    tasks: Sequence[str] = (),
    files: Sequence[Path] = (),
    agents: Sequence[str] = (),
    more: Sequence[str] = (),
    seeds: int | None = None,
    sources: Sequence[str] = (),
    ablate: bool = False,
    **options: Any,
) -> Suite:
    """The suite `name` with some tasks, other agents, seeds or task options.

    `files` are task files that join, `more` agents that join, `sources` as in `parse`; with
    `ablate`, MFMS-GP+ whole and without each of its ideas takes the place of the agents. Raises
    ValueError for what does not exist, FileNotFoundError for a task file that is missing.
    """
    if name not in SUITES:
        raise ValueError(f"suite: expected one of {', '.join(SUITES)}, got {name!r}")
    source, located = parse(sources)
    agents = (*agents, *(ablated() if ablate else ()))
    suite = SUITES[name].joined([spec_of(file) for file in files])
    suite = suite.choose(tasks=tasks, agents=expand(agents), seeds=seeds, source=source, **options)
    suite = suite.choose(agents=(*suite.agents, *expand(more))).located(located)
    _find(suite.agents)
    return suite


def parse(sources: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Of PATH and NAME=PATH, the path that stands alone, and the others by the surface's name.

    Raises ValueError for two that stand alone.
    """
    alone, located = [], {}
    for given in sources:
        name, mark, path = given.partition("=")
        if mark and name in catalogue():
            located["published" if name == _SIMULATOR else f"rows:{name}"] = path
        else:
            alone.append(given)
    if len(alone) > 1:
        raise ValueError(
            f"--source: expected one PATH, and others as NAME=PATH with a NAME among "
            f"{', '.join(catalogue())}, got {alone[1]!r}"
        )
    return (alone[0] if alone else None), located


def ablated() -> tuple[str, ...]:
    """Names of MFMS-GP+, whole and without each of its ideas."""
    our_agents()
    from agents.plus import ABLATIONS
    from agents.registry import ABLATED

    return (ABLATED, *(f"{ABLATED}[{label}]" for label in ABLATIONS))


def expand(agents: Sequence[str]) -> tuple[str, ...]:
    """The agents, with those of a group in place of its name."""
    return tuple(name for agent in agents for name in GROUPS.get(agent, (agent,)))


def _find(agents: Sequence[str]) -> None:
    """Raise ValueError for an agent that does not exist or whose library is not installed.

    Naming one of ours need not load it.
    """
    our_agents()
    from agents.registry import AGENTS, NEEDS, find, names

    if any(":" in agent for agent in agents):
        sys.path.append(str(Path.cwd()))  # where a user's own module lies; workers inherit it
    for agent in agents:
        if agent not in AGENTS:
            find(agent)
        elif agent not in names():
            raise ValueError(
                f"agent {agent}: needs {NEEDS[agent]}, which is not installed; install it, or "
                "choose others with --agents"
            )
