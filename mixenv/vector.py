"""`DataMixtureVectorEnv`: many episodes of one task at once, in NumPy, as a Gymnasium VectorEnv."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from mixenv import vector_info
from mixenv.batch.rules import Rules
from mixenv.batch.state import State, begin, restart
from mixenv.batch.step import Result, step
from mixenv.batch.view import observe
from mixenv.env import DataMixtureEnv
from mixenv.options import whole
from mixenv.recycle import Recycler
from mixenv.vector_actions import check_actions
from mixenv.vector_seeds import Generators

Arrays = dict[str, Any]


class DataMixtureVectorEnv(gym.vector.VectorEnv[Arrays, Arrays, np.ndarray]):
    """`num_envs` episodes of `DataMixtureEnv`, equal to those of SyncVectorEnv step for step.

    `gym.make_vec("DataMixture-v0", num_envs=n)` makes one. No step loops over the episodes.

    **Spaces**: those of `DataMixtureEnv`, with a leading axis of n: actions are a dict of mixture
    [n, d] float64, scale [n] and steps [n] integers; observations a dict of float32 arrays; infos a
    dict of arrays with a boolean mask `_key` [n] beside each key.

    **Options**: those of `DataMixtureEnv`, and
    - `max_episode_steps`: steps after which an episode is truncated; None: no such limit.
    - `autoreset_mode`: NEXT_STEP (default: the step after an end ignores its action, begins the
      next episode and earns 0), SAME_STEP (`final_obs`, `final_info` in the infos) or DISABLED
      (`reset(options={"reset_mask": ...})`).

    **Seeds**: `reset(seed=s)` seeds episode i with s + i; a list gives each its own. Every episode
    has a generator of its own, so that the noise is that of n single environments.

    **Raises** ValueError for options and actions that do not fit (naming the first episode whose
    action does not); `gymnasium.error.ResetNeeded` when stepped before a reset, or after an end
    where resets are disabled.
    """

    def __init__(
        self, num_envs: int = 1, max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP, **options: Any,
    ) -> None:  # fmt: skip
        num_envs = whole("num_envs", num_envs, 1)
        if options.get("render_mode") is not None:
            raise ValueError(
                f"render_mode: expected None for many episodes at once, got "
                f'{options["render_mode"]!r}; use vectorization_mode="sync"'
            )
        single = DataMixtureEnv(**options)
        self.num_envs, self.task = num_envs, single.task
        self.max_episode_steps = _limit(max_episode_steps)
        self.rules = Rules(
            single.task, single.curve, single.rows, single.max_experiments, single.reward
        )
        self.autoreset_mode = _mode(autoreset_mode)
        self.metadata = {**single.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_action_space = single.action_space
        self.single_observation_space = single.observation_space
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._generators = Generators(num_envs)
        self._recycler = Recycler()
        self._state: State | None = None

    @property
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generators of the episodes."""
        return self._generators.all

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seeds of the episodes' generators."""
        return self._generators.seeds

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: Arrays | None = None
    ) -> tuple[Arrays, Arrays]:
        """Begin all episodes, or those of `options={"reset_mask": bool [n]}`.

        Raises ValueError for other options, another mask, or seeds of another number.
        """
        mask = self._mask(options)
        which = np.flatnonzero(mask)
        self._generators.seed(seed, which)
        if mask.all():
            self._state = begin(self.rules, self._generators.words(which))
            self._ended = np.zeros(self.num_envs, dtype=bool)
            self._elapsed = np.zeros(self.num_envs, dtype=np.int64)
        else:
            self._begin(which)
        infos = vector_info.blank(self.rules, self.num_envs)
        infos = infos if mask.all() else vector_info.only(infos, mask)
        return self._observe(), vector_info.masked(infos, mask, self.num_envs)

    def step(
        self, actions: Arrays
    ) -> tuple[Arrays, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Buy one experiment in each episode."""
        state, live = self._running(), None
        ended = self._ended.nonzero()[0]
        if len(ended) and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded(
                f"step: expected running episodes, got {len(ended)} that have ended, the first "
                f'at {ended[0]}; reset(options={{"reset_mask": ...}})'
            )
        asked = check_actions(self.task, actions, self.num_envs, ended)
        if len(ended):
            live = ~self._ended
            state = self._begin(ended)
        self._state, result = step(self.rules, state, *asked, live)
        truncated = result.truncated
        if self.max_episode_steps is not None:
            self._elapsed += 1 if live is None else live
            late = self._elapsed >= self.max_episode_steps
            truncated |= late if live is None else late & live
        return self._answer(result, truncated)

    def _answer(
        self, result: Result, truncated: np.ndarray
    ) -> tuple[Arrays, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        values = vector_info.describe(self.rules, result)
        seen = self._observe()
        ended = result.terminated | truncated
        final: dict[str, Any] = {}
        if self.autoreset_mode is not AutoresetMode.SAME_STEP:
            self._ended = ended
        elif ended.any():
            which = np.flatnonzero(ended)
            info = vector_info.masked(vector_info.only(values, ended), ended, self.num_envs)
            obs = vector_info.final_observations(seen, which, self.num_envs)
            final = {"final_obs": obs, "final_info": info}
            final |= {f"_{key}": ended.copy() for key in final}
            vector_info.overwrite(values, which, vector_info.blank(self.rules, len(which)))
            self._begin(which)
            seen = self._observe()
        infos = vector_info.masked(values, True, self.num_envs) | final
        return seen, result.reward, result.terminated, truncated, infos

    def _observe(self) -> Arrays:
        return observe(self.rules, self._running(), recycler=self._recycler)

    def _running(self) -> State:
        if self._state is None:
            raise ResetNeeded("step: expected running episodes, got none that has begun; reset()")
        return self._state

    def _begin(self, which: np.ndarray) -> State:
        """Begin the episodes `which` again, each with the next draw of its generator."""
        self._state = restart(self.rules, self._running(), which, self._generators.words(which))
        self._ended[which], self._elapsed[which] = False, 0
        return self._state

    def _mask(self, options: Arrays | None) -> np.ndarray:
        """Which episodes [n] a reset begins."""
        unknown = sorted(set(options or ()) - {"reset_mask"})
        if unknown:
            raise ValueError(f"reset options: expected none but reset_mask, got {unknown}")
        if not options:
            return np.ones(self.num_envs, dtype=bool)
        mask = options["reset_mask"]
        known = isinstance(mask, np.ndarray) and mask.dtype == bool
        if not known or mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(
                f"reset_mask: expected an array of {self.num_envs} booleans, at least one True, "
                f"got {mask!r}"
            )
        if self._state is None:
            raise ResetNeeded("reset_mask: expected episodes that have begun, got none; reset()")
        return mask


def _limit(steps: int | None) -> int | None:
    """The steps of an episode; none for -1, as `gymnasium.make` has it."""
    if steps is None or steps == -1:
        return None
    return whole("max_episode_steps", steps, 1)


def _mode(mode: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        known = ", ".join(f"{m.value!r}" for m in AutoresetMode)
        raise ValueError(f"autoreset_mode: expected one of {known}, got {mode!r}") from None
