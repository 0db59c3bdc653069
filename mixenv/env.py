"""`DataMixtureEnv`: a task as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

from mixenv import dynamics, options, progress
from mixenv.info import describe
from mixenv.make_task import make_task
from mixenv.noise import NoiseSpec
from mixenv.objective import MetricSpec
from mixenv.observation import OBSERVATIONS, Observer, observation_space
from mixenv.render import MODES, View, render
from mixenv.simplex import check_mixture
from mixenv.spaces import Simplex
from mixenv.task import Task, load_task

Observation = dict[str, Any]


class DataMixtureEnv(gym.Env[Observation, dict[str, Any]]):
    """Decide which training run of a language model to buy next, and on which data mixture.

    One step is one experiment: train a *mixture* (shares of d data domains) at a *scale* (model
    size) up to some *steps*. The goal is the mixture whose full run at the *target* (by default 1B
    parameters, 19 500 steps) has the least objective, found within a *budget* of target runs.

    **Action space** `Dict`
    | key | space | means |
    |---|---|---|
    | mixture | `Simplex(d, max_share)` | shares, float64, sum 1, each <= max_share |
    | scale | `Discrete(S)` | index into `task.scales`, parameters |
    | steps | `Discrete(T)` | index into `task.steps`; by default i means (i + 1) * 100 steps |

    A step count is a checkpoint of one full-length schedule, not an annealed short run. Asking
    again for a mixture (equal to 1e-6) and scale with more steps **resumes** its longest run: the
    difference is paid. Asking for no more steps than it has is a new run, a replicate with noise of
    its own, paid in full. What the budget cannot pay is cut at the last affordable checkpoint.

    **Observation space** `Dict` of float32 boxes; N = max_experiments rows for
    `observation="history"`, no leading axis for "last" (the last experiment only)
    | key | shape | bounds | means |
    |---|---|---|---|
    | mixture | [N, d] | 0, 1 | shares |
    | scale | [N, S] | 0, 1 | one-hot |
    | log_steps | [N, 1] | 0, log T_max | natural log of the steps reached |
    | metrics | [N, k] | -20, 20 | noisy metrics at those steps, standardised by the task, clipped |
    | cost | [N, 1] | 0, budget | target runs |
    | mask | [N, 1] | 0, 1 | 1 for a row that holds an experiment |
    | count, remaining | [1] | 0, ... | experiments so far; budget left, target runs |

    **Reward**, a float: `"outcome"` (default): minus the noisy objective (nats, or its own unit)
    minus cost_weight * cost. Its undiscounted sum favours few long runs; learners should use one of
    the others. `"improvement"`: the decrease of the best noisy objective at the target (the first
    one scores against the uniform mixture's surface value) minus cost_weight * cost. `"regret"`: 0
    until the end, then minus the regret, in sd units, of the incumbent (the least noisy objective
    at the largest scale, then most steps; the uniform mixture if nothing was observed).

    **Episode end**: `terminated` when no checkpoint of any scale is affordable, or the experiment
    asked for is not (it then costs and shows nothing); `truncated` at `max_experiments`.

    **Info**: `metrics` [k] float64, unclipped; `curve` [points, k], `curve_steps` [points],
    `curve_count` (checkpoints newly passed, padded with zeros; absent for curve=None); `cost`
    (target runs), `cut_short`, `resumed`, `experiment` (mixture, scale, steps as carried out),
    `provenance`; for recorded runs `row` and `row_distance`. Never the noise-free truth: that is
    `env.unwrapped.task.regret(mixture)`, for evaluators.

    **Options**
    - `metric`: a metric's name, "mean_loss" (default; mean of the seven validation losses, nats),
      "mean_score", "worst_loss", or {name: weight}; `standardise` divides weighted metrics by sd.
    - `surface`: "surrogate" (default, ships) or "published" (`source` names its checkpoint file).
    - `max_share`: cap on each share, default 0.5. On the whole simplex (1.0, the paper's problems)
      most single-metric optima are corners, "train on that domain", which five short runs find.
    - `budget`: target runs, default 8. `cost_weight`: default 1.
    - `noise`: "seed" (default), a multiple of it, "0.5sd", "heteroscedastic", 0 for none. Its level
      is an assumption: loss sd 0.005 nats at (1B, 19 500), binomial accuracies. It hangs on the
      episode's seed, the run and the checkpoint, not on the order of experiments.
    - `target`: (scale, steps); `scales`, `steps`: subsets of the grid (parameters or "1B").
    - `max_experiments`: default 128. `curve`: checkpoints shown, default 16, or "all", or None.
    - `resume=False`: every experiment is a new run. `strict=True`: a pool refuses mixtures that it
      does not hold. `task`: a Task, or a task file, instead of all task options above.

    - `render_mode`: "ansi" (text) or "rgb_array" (an image; needs the extra `bench`).

    **Raises** ValueError for options or actions that do not fit, saying what was expected;
    `gymnasium.error.ResetNeeded` when stepped before a reset or after the end.

    **Versions**: v0, the first.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  (Gymnasium's own declaration)
        "render_modes": list(MODES),
        "render_fps": 4,
    }

    def __init__(
        self,
        metric: MetricSpec = "mean_loss",
        surface: str = "surrogate",
        source: str | Path | None = None,
        max_share: float = 0.5,
        budget: float = 8.0,
        noise: NoiseSpec = "seed",
        cost_weight: float = 1.0,
        target: tuple[str | float, int] | None = None,
        scales: Sequence[str | float] | None = None,
        steps: Sequence[int] | None = None,
        max_experiments: int = 128,
        reward: str = "outcome",
        observation: str = "history",
        curve: int | str | None = 16,
        resume: bool = True,
        strict: bool = False,
        standardise: bool = False,
        task: Task | str | Path | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.task = _choose(
            task, surface=surface, metric=metric, source=source, max_share=max_share,
            budget=budget, noise=noise, cost_weight=cost_weight, target=target, scales=scales,
            steps=steps, resume=resume, strict=strict, standardise=standardise,
        )  # fmt: skip
        options.one_of("reward", reward, progress.REWARDS)
        options.one_of("observation", observation, OBSERVATIONS)
        options.one_of("render_mode", render_mode, (None, *self.metadata["render_modes"]))
        max_experiments = options.whole("max_experiments", max_experiments, 2)
        self.reward, self.max_experiments, self.render_mode = reward, max_experiments, render_mode
        self.curve = dynamics.curve_grid(self.task.steps, curve)
        self.rows = max_experiments if observation == "history" else None
        self.observation_space = observation_space(self.task, self.rows, max_experiments)
        self.action_space = spaces.Dict(
            {
                "mixture": Simplex(len(self.task.surface.domains), self.task.max_share),
                "scale": spaces.Discrete(len(self.task.scales)),
                "steps": spaces.Discrete(len(self.task.steps)),
            }
        )
        self._observer = Observer(self.task, self.rows)
        self._state: dynamics.State | None = None
        self._ended = False

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode; its noise hangs on `seed`. No options are known (ValueError)."""
        super().reset(seed=seed)
        if options:
            raise ValueError(f"reset options: expected none, got {sorted(options)}")
        low, high = self.np_random.integers(2**32, size=2).tolist()
        self._state, self._ended = dynamics.State((low, high), runs={}), False
        self._progress, self._cheapest = progress.begin(self.task), dynamics.cheapest(self.task)
        self._observer.restart()
        self._shown: list[dynamics.Transition] = []
        return self._observer.observe(self._state), describe(self.task, None, len(self.curve))

    def step(
        self, action: Mapping[str, Any]
    ) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Buy one experiment."""
        if self._state is None or self._ended:
            state = "ended" if self._ended else "not begun"
            raise ResetNeeded(
                f"step: expected a running episode, got one that has {state}; reset()"
            )
        self._state, done = dynamics.advance(
            self.task, self._state, *self._parse(action), self.curve
        )
        reward = 0.0 if done is None else self._earn(done)
        affordable = self._state.spent + self._cheapest <= self.task.budget + dynamics.SLACK
        terminated = done is None or not affordable
        truncated = not terminated and self._state.count >= self.max_experiments
        self._ended = terminated or truncated
        if self._ended and self.reward == "regret":
            reward = progress.final_regret(self.task, self._progress)
        seen = self._observer.observe(self._state)
        return seen, reward, terminated, truncated, describe(self.task, done, len(self.curve))

    def render(self) -> Any:
        """Draw what the episode showed: text (str) under "ansi", uint8 [H, W, 3] under "rgb_array".

        Warns and returns None without a render mode.
        """
        if self.render_mode is None:
            gym.logger.warn('render: expected a render mode, got None; make with "ansi"')
            return None
        if self._state is None:
            raise ResetNeeded("render: expected an episode, got none that has begun; reset()")
        return render(View(self.task, self._shown, self._ended), self.render_mode)

    def _earn(self, done: dynamics.Transition) -> float:
        """Book an experiment that was carried out; its reward, but for a regret at the end."""
        task, count = self.task, self._state.count if self._state else 0
        self._observer.record(count - 1, done)
        if self.render_mode is not None:
            self._shown.append(done)
        objective = task.objective.of(done.values[-1].tolist())
        self._progress, gain = progress.update(task, self._progress, done, objective)
        return progress.reward(task, self.reward, done, objective, gain)

    def _parse(self, action: Mapping[str, Any]) -> tuple[np.ndarray, int, int]:
        """Mixture and grid indices of an action; ValueError where it is not in the space."""
        for name in ("mixture", "scale", "steps"):
            if name not in action:
                raise ValueError(f"action: expected mixture, scale and steps, got no {name}")
        task = self.task
        return (
            check_mixture(action["mixture"], len(task.surface.domains), task.max_share),
            _index("scale", action["scale"], len(task.scales)),
            _index("steps", action["steps"], len(task.steps)),
        )


def _choose(task: Task | str | Path | None, **chosen: Any) -> Task:
    """The task given, or read from a file, or made of the task options; never both."""
    if task is None:
        return make_task(**chosen)
    defaults = signature(DataMixtureEnv.__init__).parameters
    given = [name for name, value in chosen.items() if not _same(value, defaults[name].default)]
    if given:
        raise ValueError(
            f"{given[0]}: expected its default beside task=, got {chosen[given[0]]!r}; "
            "set it in the task instead"
        )
    if isinstance(task, Task):
        return task
    if not isinstance(task, str | Path):
        raise ValueError(
            f"task: expected a Task or the path of a task file, got {task!r}; "
            "make one with mixenv.make_task"
        )
    return load_task(task)


def _same(value: Any, default: Any) -> bool:
    """Whether an option has its default (an array never has)."""
    return not isinstance(value, np.ndarray) and bool(value == default)


def _index(name: str, value: Any, count: int) -> int:
    whole = int(value) if type(value) is np.int64 else value
    if type(whole) is not int:
        array = np.asarray(value)
        whole = array.item() if array.size == 1 and array.dtype.kind in "iu" else -1
    if not 0 <= whole < count:
        raise ValueError(f"{name}: expected an index from 0 to {count - 1}, got {value!r}")
    return whole
