"""A suite: tasks x agents x seeds, as plain data, and the changed copies of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_NETWORKS = ("surrogate", "published")  # surfaces that may stand for one another


@dataclass(frozen=True)
class TaskSpec:
    """A label, the options of `make_task`, and the most experiments of an episode.

    With `file` among the options, the task is the one of that task file, and the other options are
    the fields in which it differs from it; see `benchmarks.tasks`.
    """

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
        labels = [task.label for task in self.tasks]
        twice = [label for label in labels if labels.count(label) > 1]
        if twice:
            raise ValueError(
                f"tasks: expected distinct labels, got {twice[0]!r} twice; rename the task file"
            )

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

        Options that are None change nothing; `surface` and `source` change the tasks on a network
        only. Raises ValueError for an unknown label or a value that makes no suite.
        """
        known = {task.label: task for task in self.tasks}
        unknown = [label for label in tasks if label not in known]
        if unknown:
            raise ValueError(f"tasks: expected some of {', '.join(known)}, got {unknown[0]!r}")
        changed = {name: value for name, value in options.items() if value is not None}
        return replace(
            self,
            tasks=tuple(_changed(known[label], changed) for label in tasks or known),
            agents=tuple(agents) or self.agents,
            seeds=self.seeds if seeds is None else seeds,
            more_seeds=self.more_seeds if seeds is None else {},
        )

    def located(self, sources: Mapping[str, str]) -> Suite:
        """A copy that reads surfaces from where `sources` says, by the name of the surface."""
        return replace(
            self,
            tasks=tuple(
                replace(t, options={**t.options, "source": sources[t.options["surface"]]})
                if t.options.get("surface") in sources
                else t
                for t in self.tasks
            ),
        )

    def joined(self, tasks: Sequence[TaskSpec]) -> Suite:
        """A copy with more tasks. Raises ValueError for a label that is there already."""
        return replace(self, tasks=(*self.tasks, *tasks))


def _changed(task: TaskSpec, options: dict[str, Any]) -> TaskSpec:
    if task.options.get("surface") not in _NETWORKS:
        options = {k: v for k, v in options.items() if k not in ("surface", "source")}
    return replace(task, options={**task.options, **options})
