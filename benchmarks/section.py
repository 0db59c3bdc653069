"""What the page of environments says of one id, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from benchmarks.difficulty import AGENTS, COSTS, last_step, regrets, shared, transfer
from mixenv.registration import Family
from mixenv.scale import scale_label
from mixenv.task import Task

_REWARD = {
    "outcome": "minus the noisy objective, minus {weight:g} x cost",
    "improvement": "decrease of the best objective at the target, minus {weight:g} x cost",
    "regret": "0, and at the end minus the incumbent's regret, sd units",
}


@dataclass(frozen=True)
class Difficulty:
    """Transfer by scale; regret by agent after 1, 4 and 16 target runs (none: not for agents)."""

    transfer: dict[float, float]
    regrets: dict[str, np.ndarray]


@dataclass(frozen=True)
class Entry:
    """One id: `table` is its run table or ""; `env` is None where that table is absent."""

    family: Family
    licence: str
    table: str
    env: Any = None
    difficulty: Difficulty | None = None

    @property
    def task(self) -> Task:
        """The task of the environment."""
        return self.env.task


def measured(env: Any) -> Difficulty:
    """The difficulty of an environment's task."""
    agents = AGENTS if isinstance(env.action_space, spaces.Dict) else ()
    return Difficulty(transfer(env.task), {name: regrets(env.task, name) for name in agents})


def overview(entries: Sequence[Entry]) -> str:
    """One row an id: what it is and, where measured, the regret of the agents."""
    costs = "/".join(f"{cost:g}" for cost in COSTS)
    head = ("id", "numbers", "domains", "scales", *(f"{a}, regret at {costs}" for a in AGENTS))
    rows = []
    for entry in entries:
        shape = ("-", "-")
        if entry.env is not None:
            shape = (str(len(entry.task.surface.domains)), str(len(entry.task.scales)))
        known = entry.difficulty.regrets if entry.difficulty else {}
        values = [" / ".join(map(_number, known[a])) if a in known else "-" for a in AGENTS]
        rows.append((f"`{entry.family.id}`", entry.family.provenance, *shape, *values))
    return table(head, rows)


def section(entry: Entry) -> str:
    """The id's own section."""
    family = entry.family
    lines = [f"## `{family.id}`", "", f"{family.about[0].upper()}{family.about[1:]}.", ""]
    facts = [("numbers", family.provenance), ("licence", entry.licence)]
    if entry.table and not family.ships:
        facts.append(("run table", f"fetched by `mixenv data fetch {entry.table}`"))
    if entry.env is None:
        return "\n".join([*lines, table(("", ""), [*facts, ("measured", "no: no run table")])])
    lines.append(table(("", ""), [*facts, *_facts(entry)]))
    if entry.difficulty:
        lines += _difficulty(entry, entry.difficulty)
    return "\n".join(lines)


def _facts(entry: Entry) -> list[tuple[str, str]]:
    """Spaces, reward and cost model."""
    env, task = entry.env, entry.task
    scale, steps = task.target
    reward = _REWARD[env.reward].format(weight=task.cost_weight)
    full = f"{task.surface.step_cost(scale) * steps:.4g} {task.surface.cost_unit}"
    least = f"{task.problem.cost[:, 0].min():.2g}"
    facts = [
        ("objective", f"{task.objective.name} at {scale_label(scale)}, {steps:,} steps"),
        ("action", _space(env.action_space)),
        ("observation", _space(env.observation_space)),
        ("reward", f"{env.reward}: {reward}"),
        ("budget", f"{task.budget:g} target runs, {env.max_experiments} experiments"),
        ("cost", f"steps x a scale's cost of a step; 1 = {full}; cheapest experiment {least}"),
        ("noise", "none, recorded runs are noisy" if task.pool else f"{task.noise}"),
        ("support", task.surface.support),
    ]
    if not isinstance(env.action_space, spaces.Dict):
        facts.append(("arms", _arms(np.sort(env.arm_regrets) / task.sd)))
    return facts


def _arms(worse: np.ndarray) -> str:
    """How far apart the arms of a bandit are, from regrets [K] in sd units, ascending."""
    return (
        f"{len(worse)}: the second best is {worse[1]:.2f} sd worse than the best at the target, "
        f"the median {np.median(worse):.2f}, the worst {worse[-1]:.2f}"
    )


def _space(space: Any) -> str:
    """A space in short: keys with their shapes."""
    if isinstance(space, spaces.Dict):
        return ", ".join(f"{key}: {_space(part)}" for key, part in space.spaces.items())
    if isinstance(space, spaces.Box):
        return f"{list(space.shape)}"
    return f"`{space!r}`".replace(", batch=0", "")


def _difficulty(entry: Entry, difficulty: Difficulty) -> Iterable[str]:
    """Two small tables."""
    task = entry.task
    rows = [
        (scale_label(s), f"{last_step(task, s):,}", f"{task.cost(s, last_step(task, s)):.3g}",
         shared(task, s), _number(rho))
        for s, rho in difficulty.transfer.items()
    ]  # fmt: skip
    yield table(("scale", "last checkpoint", "its cost", "mixtures also there", "transfer"), rows)
    if difficulty.regrets:
        head = ("regret, sd units", *(f"after {cost:g}" for cost in COSTS))
        yield table(head, [(a, *map(_number, r)) for a, r in difficulty.regrets.items()])


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
