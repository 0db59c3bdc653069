"""The environment for JAX: pure functions that jit, vmap and scan take.

    game = functional.make(task, observation="last", curve=None)
    state = game.init(key)                    # key: two 32-bit words, or a JAX key
    state, result = game.step(state, action)  # action: mixture [d], scale and steps indices

`init(task, key)` and `step(task, state, action)` are the same with options given each time. States
carry no leading axis: `jax.vmap` gives one. Whole episodes equal those of `DataMixtureEnv` whose
noise has the same key (`episode_key`): to 1e-6 with 64-bit floats, and to 1e-4 with 32-bit ones if
the environment is given the same 32-bit shares; a mixture may also be given as whole millionths
(integers that sum to a million), which no precision rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from gymnasium.utils import seeding

from mixenv import hashing
from mixenv.batch.rules import Rules
from mixenv.batch.state import State, begin
from mixenv.batch.step import Result
from mixenv.batch.step import step as batch_step
from mixenv.batch.view import observe
from mixenv.env import DataMixtureEnv
from mixenv.simplex import PARTS
from mixenv.task import Task

PRECISION = "highest"  # of products: in float32 a GPU's own choice would err by more than 1e-4
_NEXT = hashing.constant(0x00E51500)  # the word that turns an episode's key into the next one's


class GameState(NamedTuple):
    """One episode: its books, and whether it has `terminated` or was `truncated` (booleans [])."""

    episode: State
    terminated: jax.Array
    truncated: jax.Array


class Step(NamedTuple):
    """What a step returns besides the state, as `DataMixtureEnv.step` does.

    `observation` a dict of float32 arrays, `reward` [], `terminated` and `truncated` [] booleans,
    `info` a dict of arrays (without `provenance`, which is text).
    """

    observation: dict[str, jax.Array]
    reward: jax.Array
    terminated: jax.Array
    truncated: jax.Array
    info: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Game:
    """A task with options, as functions of arrays. `make` makes one."""

    rules: Rules

    def init(self, key: Any) -> GameState:
        """A new episode whose noise hangs on `key`: uint32 [2], or a JAX key."""
        no = jnp.zeros((), dtype=bool)
        return GameState(begin(self.rules, _words(key), jnp), no, no)

    def observe(self, state: GameState) -> dict[str, jax.Array]:
        """The observation in a state."""
        return observe(self.rules, state.episode, jnp)

    def step(self, state: GameState, action: Mapping[str, Any]) -> tuple[GameState, Step]:
        """Buy one experiment. Actions are taken as valid: nothing can be refused under jit.

        An episode that has ended stays as it is: its steps earn nothing.
        """
        mixture, scale, steps = _parse(action)
        live = ~(state.terminated | state.truncated)
        with jax.default_matmul_precision(PRECISION):
            episode, result = batch_step(
                self.rules, state.episode, mixture, scale, steps, live, jnp
            )
        after = GameState(
            episode, state.terminated | result.terminated, state.truncated | result.truncated
        )
        return after, Step(
            self.observe(after), result.reward, after.terminated, after.truncated,
            _describe(self.rules, result),
        )  # fmt: skip

    def step_autoreset(self, state: GameState, action: Mapping[str, Any]) -> tuple[GameState, Step]:
        """Buy one experiment; where it ends the episode, return the next one's state.

        The observation is the new episode's first; `terminated` and `truncated` tell of the old.
        Keys follow from one another.
        """
        state, done = self.step(state, action)
        over = done.terminated | done.truncated
        seed = hashing.fold(state.episode.seed, _NEXT)
        fresh = self.init(seed)
        state = _restarted(state, fresh, over)
        return state, done._replace(observation=self.observe(state))


def make(task: Task, **options: Any) -> Game:
    """A task as functions; options as those of `DataMixtureEnv` that are not the task's.

    reward, observation, curve, max_experiments. Raises ValueError for options that do not fit, and
    for a strict task, whose refusals a compiled function cannot make.
    """
    if task.strict:
        raise ValueError(
            "strict: expected False, a compiled step cannot refuse a mixture, got True"
        )
    env = DataMixtureEnv(task=task, **options)
    own = deepcopy(task)  # JAX may recall an array in the precision of another game's trace
    rules = Rules(own, env.curve, env.rows, env.max_experiments, env.reward)
    return Game(rules)


def init(task: Task, key: Any, **options: Any) -> GameState:
    """`make(task, **options).init(key)`."""
    return _game(task, tuple(sorted(options.items()))).init(key)


def step(
    task: Task, state: GameState, action: Mapping[str, Any], **options: Any
) -> tuple[GameState, Step]:
    """`make(task, **options).step(state, action)`."""
    return _game(task, tuple(sorted(options.items()))).step(state, action)


def episode_key(seed: int) -> np.ndarray:
    """The key, uint32 [2], of the first episode of an environment reset with `seed`."""
    return seeding.np_random(seed)[0].integers(2**32, size=2).astype(np.uint32)


@lru_cache(maxsize=32)
def _game(task: Task, options: tuple[tuple[str, Any], ...]) -> Game:
    return make(task, **dict(options))


def _words(key: Any) -> jax.Array:
    """Two words of a key. Raises ValueError for anything else."""
    if isinstance(key, jax.Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.key_data(key)
    words = jnp.asarray(key, dtype=jnp.uint32)
    if words.shape != (2,):
        raise ValueError(f"key: expected a JAX key or two 32-bit words, got shape {words.shape}")
    return words


def _parse(action: Mapping[str, Any]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Shares, and indices of 32 bits."""
    mixture = jnp.asarray(action["mixture"])
    if jnp.issubdtype(mixture.dtype, jnp.integer):
        mixture = mixture.astype(jnp.result_type(float)) / PARTS
    scale, steps = (jnp.asarray(action[name]).astype(jnp.int32) for name in ("scale", "steps"))
    return mixture, scale, steps


def _describe(rules: Rules, result: Result) -> dict[str, Any]:
    """The info of a step: zeros for an experiment that was not carried out."""
    entry, outcome = result.entry, result.outcome

    def only(value: Any, otherwise: Any = 0) -> jax.Array:
        return jnp.where(entry.done, value, otherwise)

    info: dict[str, Any] = {
        "metrics": only(outcome.metrics),
        "cost": entry.cost,
        "cut_short": entry.cut_short,
        "resumed": entry.resumed,
        "experiment": {
            "mixture": only(result.site.mixture),
            "scale": only(jnp.asarray(rules.scales)[result.scale]),
            "steps": only(entry.steps),
        },
    }
    if outcome.curve is not None:
        info["curve"], info["curve_steps"] = only(outcome.curve), only(outcome.curve_steps)
        info["curve_count"] = only(outcome.curve_count)
    if rules.task.pool is not None:
        info["row"] = only(jnp.asarray(rules.ladder.runs)[result.site.row], -1)
        info["row_distance"] = only(result.site.distance)
    return info


def _restarted(state: GameState, fresh: GameState, over: Any) -> GameState:
    """The fresh state where `over`. What unused slots hold means nothing: it may stay."""
    chosen = jax.tree.map(lambda new, old: jnp.where(over, new, old), fresh, state)
    runs = state.episode.runs._replace(used=chosen.episode.runs.used)
    return chosen._replace(episode=chosen.episode._replace(runs=runs))
