"""Suites as data: which tasks, which agents and how many seeds a benchmark plays.

A task is a label and the JSON-able options of `mixenv.make_task`; costs and budgets are in target
runs. The commands iterate over `SUITES`; a user's choices make a changed copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mixenv.metrics import SLIMPAJAMA
from mixenv.objective import AGGREGATES

METRICS = tuple(m.name for m in SLIMPAJAMA if m.evaluated)
ALL = (*METRICS, *AGGREGATES)
AGENTS = ("random", "corners", "hyperband", "mfms-gp")
CAPPED: dict[str, Any] = {"surface": "surrogate", "max_share": 0.5, "noise": "seed"}
WHOLE: dict[str, Any] = {"surface": "surrogate", "max_share": 1.0, "noise": 0.0}


@dataclass(frozen=True)
class TaskSpec:
    """A label, the options of `make_task`, and the most experiments of an episode."""

    label: str
    options: dict[str, Any]
    max_experiments: int = 1024


@dataclass(frozen=True)
class Suite:
    """Tasks x agents x seeds; `more_seeds` overrides the number of seeds of some agents."""

    name: str
    about: str
    tasks: tuple[TaskSpec, ...]
    agents: tuple[str, ...]
    seeds: int
    more_seeds: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise ValueError(f"seeds: expected at least 1, got {self.seeds}")
        if len(set(self.agents)) < len(self.agents) or not self.agents:
            raise ValueError(f"agents: expected distinct names, at least one, got {self.agents}")

    def seeds_of(self, agent: str) -> range:
        """The seeds with which an agent plays each task."""
        return range(self.more_seeds.get(agent, self.seeds))

    def choose(
        self,
        *,
        tasks: Sequence[str] = (),
        agents: Sequence[str] = (),
        seeds: int | None = None,
        **options: Any,
    ) -> Suite:
        """A copy with some of the tasks (by label), other agents, seeds or task options.

        Options that are None change nothing. Raises ValueError for an unknown label or a value
        that makes no suite.
        """
        known = {task.label: task for task in self.tasks}
        unknown = [label for label in tasks if label not in known]
        if unknown:
            raise ValueError(f"tasks: expected some of {', '.join(known)}, got {unknown[0]!r}")
        changed = {name: value for name, value in options.items() if value is not None}
        chosen = [known[label] for label in tasks or known]
        return replace(
            self,
            tasks=tuple(replace(t, options={**t.options, **changed}) for t in chosen),
            agents=tuple(agents) or self.agents,
            seeds=self.seeds if seeds is None else seeds,
            more_seeds=self.more_seeds if seeds is None else {},
        )


def tasks(metrics: Sequence[str], options: dict[str, Any], budget: float) -> tuple[TaskSpec, ...]:
    """One task a metric, with the same options and budget."""
    return tuple(TaskSpec(m, {"metric": m, "budget": budget, **options}) for m in metrics)


SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "quick",
            "three tasks with shares capped at 0.5: a first look in minutes",
            tasks(("mean_loss", "hellaswag", "stack_exchange"), CAPPED, 16.0),
            AGENTS,
            seeds=20,
        ),
        Suite(
            "main",
            "the headline: ten metrics and three aggregates, shares capped at 0.5",
            tasks(ALL, CAPPED, 60.0),
            AGENTS,
            seeds=20,
        ),
        Suite(
            "paper",
            "the paper's problems: single metrics over the whole simplex, without noise",
            tasks(METRICS, WHOLE, 16.0),
            AGENTS,
            seeds=10,
        ),
        Suite(
            "reference",
            "baselines against values computed elsewhere: shares capped at 0.5, without noise",
            tasks(ALL, {**CAPPED, "noise": 0.0}, 16.0),
            ("random", "hyperband"),
            seeds=20,
            more_seeds={"random": 1000},
        ),
    )
}
