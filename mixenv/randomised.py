"""Many synthetic tasks at once for JAX: each a few arrays, so that `jax.vmap` plays them together.

    tasks = [Tasks(split="train").draw(rng) for _ in range(4096)]   # mixenv.synthetic_tasks
    game, table = randomised.make(tasks[0]), randomised.stack(tasks)
    state = jax.vmap(game.init)(table, keys)
    state, result = jax.vmap(game.step)(table, state, actions)      # 4096 different tasks

Everything is that of `mixenv.functional` (the same code plays, states and steps are the same), but
for the task, which is an argument and not a constant of the program. Tasks in one table share their
domains, scales, steps, target, cap and resuming; surface, objective, noise, budget and cost weight
differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np

from mixenv import functional
from mixenv.batch.rules import Rules
from mixenv.functional import Game, GameState, Step
from mixenv.noise import HIGH, LOW, Noise
from mixenv.objective import Objective
from mixenv.problem import Problem
from mixenv.surfaces.synthetic import SyntheticSurface
from mixenv.task import Task
from mixenv.truth import Moments, Optimum

SHARED = ("scales", "steps", "target", "max_share", "resume")


class TaskArrays(NamedTuple):
    """One task as numbers; of many, all have a leading axis.

    The surface's `floor`, `size_loss`, `data_loss`, `bend`, `rival` [k], `centre` [k, d],
    `direction` [d] and `transfer` []; the objective gain . (losses - shift), [k] each; `run_sd` [k]
    of the noise, and the `normal` [d] of the hyperplane beside which it differs (zeros where it
    does not); `budget` and `cost_weight` []; `mean`, `sd` [k] by which an agent sees the losses
    standardised; `best` [] objective at the target and `spread` [], the objective's sd there.
    """

    floor: Any
    size_loss: Any
    data_loss: Any
    bend: Any
    rival: Any
    centre: Any
    direction: Any
    transfer: Any
    gain: Any
    shift: Any
    run_sd: Any
    normal: Any
    budget: Any
    cost_weight: Any
    mean: Any
    sd: Any
    best: Any
    spread: Any


def arrays(task: Task) -> TaskArrays:
    """A task as numbers. Raises ValueError unless it is a weighted sum on a synthetic surface."""
    surface, objective, noise = task.surface, task.objective, task.noise_model
    if not isinstance(surface, SyntheticSurface):
        raise ValueError(
            f"surface: expected a synthetic one, whose numbers are a few arrays, got {surface.name}"
            "; play it with mixenv.functional"
        )
    if objective.worst:
        raise ValueError(
            "metric: expected a weighted sum of losses, got 'worst_loss'; play it with "
            "mixenv.functional"
        )
    weight, k, d = noise.level, len(surface.metric_set), len(surface.domains)
    gain, shift = np.zeros((2, k))
    np.add.at(gain, list(objective.index), objective.gain)
    shift[list(objective.index)] = objective.shift
    found = TaskArrays(
        surface.floor, surface.size_loss, surface.data_loss, surface.bend, surface.rival,
        surface.centre, surface.direction, surface.transfer, gain, shift, weight * noise.run_sd,
        np.zeros(d) if noise.normal is None else noise.normal, task.budget, task.cost_weight,
        task.moments.mean, task.moments.sd, task.optimum.value, task.sd,
    )  # fmt: skip
    return TaskArrays(*(np.asarray(value, dtype=np.float64) for value in found))


def stack(tasks: Iterable[Task]) -> TaskArrays:
    """Tasks as one table [n, ...]. Raises ValueError where one differs in what all must share."""
    tasks = list(tasks)
    if not tasks:
        raise ValueError("tasks: expected at least one, got none")
    for task in tasks:
        _check_shared(tasks[0], task)
    return TaskArrays(*map(np.stack, zip(*map(arrays, tasks), strict=True)))


def _check_shared(first: Task, task: Task) -> None:
    for name in SHARED:
        one, other = getattr(first, name), getattr(task, name)
        if one != other:
            raise ValueError(
                f"{name}: expected the same for all tasks of a table, got {one!r} and {other!r}; "
                "make a table of each kind"
            )
    if len(first.surface.domains) != len(task.surface.domains):
        raise ValueError(
            f"domains: expected the same number for all tasks of a table, got "
            f"{len(first.surface.domains)} and {len(task.surface.domains)}; make a table of each"
        )


@dataclass(frozen=True, eq=False)
class RandomisedGame:
    """Tasks of one kind as functions of their arrays. `make` makes one."""

    rules: Rules

    def of(self, task: TaskArrays) -> Game:
        """The functions of one task, given or traced."""
        return Game(_rules(self.rules, task))

    def init(self, task: TaskArrays, key: Any) -> GameState:
        """A new episode of a task whose noise hangs on `key`: uint32 [2], or a JAX key."""
        return self.of(task).init(key)

    def step(
        self, task: TaskArrays, state: GameState, action: Mapping[str, Any]
    ) -> tuple[GameState, Step]:
        """Buy one experiment, as `mixenv.functional.Game.step` does."""
        return self.of(task).step(state, action)

    def observe(self, task: TaskArrays, state: GameState) -> dict[str, jax.Array]:
        """The observation in a state."""
        return self.of(task).observe(state)

    def objective(self, task: TaskArrays, metrics: Any) -> jax.Array:
        """The objective [...] of losses [..., k]; lower is better."""
        return _Objective.of(task)(metrics)

    def regret(self, task: TaskArrays, mixture: Any) -> jax.Array:
        """How much worse a mixture [d] is at the target than the best, in sd units."""
        rules = _rules(self.rules, task)
        return jnp.maximum(0.0, _value(rules, mixture) - task.best) / task.spread


def make(task: Task, **options: Any) -> RandomisedGame:
    """The functions that play `task` and those like it; options as `mixenv.functional.make`.

    Raises ValueError for a task that `arrays` refuses, and for options that do not fit.
    """
    arrays(task)
    return RandomisedGame(functional.make(task, **options).rules)


class _Rules(Rules):
    """Rules whose task's numbers are traced: what NumPy would table is computed."""

    @cached_property
    def spreads(self) -> Any:
        noise, steps = self.task.noise_model, np.array(self.task.steps)
        spread = noise.spread(np.array(self.task.scales), steps[None])
        padded = jnp.pad(spread, ((0, 0), (1, 0), (0, 0)))
        return padded.reshape(-1, self.metrics).T

    @cached_property
    def uniform_value(self) -> Any:
        return _value(self, jnp.full(self.domains, 1 / self.domains))


class _Surface(SyntheticSurface):
    """A synthetic surface whose numbers are traced."""

    @cached_property
    def _slope(self) -> Any:
        pull = 0.5 * (self.centre**2).sum(axis=1) - self.centre.T
        return jnp.column_stack([pull * self.bend, self.direction])


class _Noise(Noise):
    """Noise that is of two levels where `normal` is not zero."""

    def _levelled(self, noise: Any, mixture: Any, xp: Any) -> Any:
        side = (mixture - 1 / mixture.shape[-1]) @ self.normal
        level = xp.where(side > 0, HIGH, LOW)
        return xp.where(xp.any(self.normal != 0), level, 1.0)[..., None, None] * noise


@dataclass(frozen=True, eq=False)
class _Objective:
    """gain . (losses - shift)."""

    gain: Any
    shift: Any

    @classmethod
    def of(cls, task: TaskArrays) -> _Objective:
        return cls(jnp.asarray(task.gain), jnp.asarray(task.shift))

    def __call__(self, values: Any, _xp: Any = jnp) -> Any:
        return ((values - self.shift) * self.gain).sum(axis=-1)


@dataclass(frozen=True, eq=False)
class _Traced:
    """What playing reads of a task; the rest is the template's."""

    template: Task
    surface: _Surface
    objective: Objective
    noise_model: Noise
    budget: Any
    cost_weight: Any
    moments: Moments
    optimum: Optimum
    sd: Any
    pool: None = field(default=None, init=False)

    @property
    def scales(self) -> Sequence[float]:
        return self.template.scales

    @property
    def steps(self) -> Sequence[int]:
        return self.template.steps

    @property
    def target(self) -> tuple[float, int]:
        return self.template.target

    @property
    def resume(self) -> bool:
        return self.template.resume

    @property
    def rates(self) -> np.ndarray:
        return self.template.rates

    @property
    def problem(self) -> Problem:
        return self.template.problem


def _rules(template: Rules, task: TaskArrays) -> Rules:
    task = TaskArrays(*map(jnp.asarray, task))
    like = template.task
    surface, noise = cast(SyntheticSurface, like.surface), like.noise_model
    traced = _Traced(
        like,
        _Surface(
            surface.name, cast(float, task.transfer), surface.domains, surface.metric_set,
            surface.step_flops, surface.steps, task.floor, task.size_loss, task.data_loss,
            task.bend, task.centre, task.rival, task.direction,
        ),
        cast(Objective, _Objective.of(task)),
        _Noise(
            task.run_sd, noise.items, noise.fraction & False, noise.scale, noise.steps, 1.0,
            task.normal,
        ),
        task.budget, task.cost_weight, Moments(task.mean, task.sd),
        Optimum(np.empty(0), cast(float, task.best), cast(float, task.spread)), task.spread,
    )  # fmt: skip
    return _Rules(cast(Task, traced), template.grid, template.rows, template.most, template.reward)


def _value(rules: Rules, mixture: Any) -> Any:
    """The noise-free objective [] of a mixture [d] at the target."""
    scale, steps = rules.task.target
    at = jnp.full(1, scale), jnp.full(1, steps)
    return rules.task.objective(rules.task.surface.metrics(mixture[None], *at, jnp), jnp)[0]
