"""What was to be played, read back from manifests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.manifest import PLAN
from benchmarks.suite import Suite, TaskSpec


def planned(manifests: Sequence[dict[str, Any]], name: str | None = None) -> Suite:
    """All that calls of one suite were to play; of the last call's suite unless named.

    Tasks and agents are joined in the order of the calls, each agent with the most seeds it ever
    had. Where calls gave one label to different tasks, the last holds. Raises ValueError where
    the suite was never called.
    """
    suites = [_suite(manifest[PLAN]) for manifest in manifests if PLAN in manifest]
    chosen = [suite for suite in suites if suite.name == (name or suites[-1].name)]
    if not chosen:
        known = ", ".join(dict.fromkeys(suite.name for suite in suites)) or "none"
        raise ValueError(
            f"suite: expected one that was played there ({known}), got {name!r}; "
            "play it with mixenv bench --suite"
        )
    last = chosen[-1]
    tasks = {task.label: task for suite in chosen for task in suite.tasks}
    agents = dict.fromkeys(agent for suite in chosen for agent in suite.agents)
    seeds = {
        agent: max(len(suite.seeds_of(agent)) for suite in chosen if agent in suite.agents)
        for agent in agents
    }
    return Suite(
        last.name, last.about, tuple(tasks.values()), tuple(agents), max(seeds.values()), seeds
    )


def _suite(plan: dict[str, Any]) -> Suite:
    """The suite of a plan, which `dataclasses.asdict` made."""
    tasks = tuple(TaskSpec(**task) for task in plan["tasks"])
    return Suite(**{**plan, "tasks": tasks, "agents": tuple(plan["agents"])})
