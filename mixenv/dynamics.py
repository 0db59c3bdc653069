"""What buying an experiment does: state and experiment in, next state and transition out. Pure.

A run is identified by its mixture (shares rounded to 1e-6), its scale and a replicate number.
Its noise hangs on that identity and the episode's seed alone, so values at a checkpoint depend
neither on the order of experiments nor on how a run was cut into resumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixenv import hashing
from mixenv.simplex import quantise
from mixenv.task import Task

SLACK = 1e-9  # target runs by which rounding may overrun the budget
_MICRO = 1_000_000  # shares are told apart to one millionth
_COMMON, _POINT = 0x00C0FFEE, 0x00B0BA00  # words that keep the streams of noise apart

RunKey = tuple[bytes, int]


@dataclass(frozen=True)
class State:
    """An episode so far: seed (two 32-bit words), cost in target runs, steps reached a run."""

    seed: tuple[int, int]
    spent: float = 0.0
    count: int = 0
    runs: Mapping[RunKey, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Transition:
    """One experiment carried out: `begin` to `end` steps of one run, and what was seen.

    `checkpoints` [m] end with `end`; `values` [m, k] are noisy metrics. `row` and `distance` name
    the recorded run that answered and its total-variation distance (-1 and 0 off a pool).
    """

    mixture: np.ndarray
    scale_index: int
    begin: int
    end: int
    replicate: int
    cost: float
    cut_short: bool
    checkpoints: np.ndarray
    values: np.ndarray
    row: int = -1
    distance: float = 0.0

    @property
    def resumed(self) -> bool:
        """Whether an earlier run went on."""
        return self.begin > 0


@dataclass(frozen=True, eq=False)
class _Site:
    """Which run a mixture means: its words for the hash, its shares, where a recording ends."""

    words: np.ndarray
    mixture: np.ndarray
    last: int | None = None
    row: int = -1
    distance: float = 0.0


def curve_grid(steps: tuple[int, ...], points: int | str | None) -> np.ndarray:
    """The checkpoints a curve shows: `points` of `steps`, log-spaced; "all"; or none.

    Always ends with the last of `steps`. Raises ValueError for anything else.
    """
    if points is None:
        return np.empty(0, dtype=np.int64)
    grid = np.asarray(steps, dtype=np.int64)
    if points == "all":
        return grid
    if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 1:
        raise ValueError(f'curve: expected a positive number, "all" or None, got {points!r}')
    if points >= len(grid):
        return grid
    ideal = np.geomspace(grid[-1], grid[0], points)[::-1]
    index = np.abs(np.log(grid)[None] - np.log(ideal)[:, None]).argmin(axis=1)
    for i in range(1, points):  # no two ideals share a checkpoint
        index[i] = max(index[i], index[i - 1] + 1)
    return grid[np.minimum(index, np.arange(len(grid) - points, len(grid)))]


def cheapest(task: Task) -> float:
    """Cost of the cheapest checkpoint of any scale, in target runs."""
    return float(task.problem.cost[:, 0].min())


def advance(
    task: Task, state: State, mixture: np.ndarray, scale_index: int, steps_index: int,
    grid: np.ndarray,
) -> tuple[State, Transition | None]:  # fmt: skip
    """Carry out one experiment; None where not one further checkpoint can be paid.

    `grid` are the checkpoints at which the outcome is shown, besides the last one passed.
    """
    site = _locate(task, mixture, task.scales[scale_index])
    key = (site.words.tobytes(), scale_index)
    lengths = state.runs.get(key, ())
    wanted = _wanted(task, site, steps_index)
    longest = max(range(len(lengths)), key=lengths.__getitem__, default=0)
    resumes = task.resume and bool(lengths) and lengths[longest] < wanted
    begin = lengths[longest] if resumes else 0
    rate = float(task.rates[scale_index])
    end = _affordable(task, site, begin, wanted, (task.budget + SLACK - state.spent) / rate)
    if end <= begin:
        return state, None
    replicate = longest if resumes else len(lengths)
    cost = rate * (end - begin)
    reached = (*lengths[:replicate], end, *lengths[replicate + 1 :])
    checkpoints = np.append(grid[(grid > begin) & (grid < end)], end)
    values = _observe(task, state.seed, site, scale_index, replicate, checkpoints, grid)
    after = State(state.seed, state.spent + cost, state.count + 1, {**state.runs, key: reached})
    return after, Transition(
        site.mixture, scale_index, begin, end, replicate, cost, end < wanted, checkpoints, values,
        site.row, site.distance,
    )  # fmt: skip


def _locate(task: Task, mixture: np.ndarray, scale: float) -> _Site:
    pool = task.pool
    if pool is None:
        words = quantise(mixture, _MICRO)
        return _Site(words, words / _MICRO)
    row, distance = pool.locate(mixture, scale)
    if task.strict and distance > 1e-6:
        raise ValueError(
            "mixture: expected one recorded at this scale (strict=True), got one at "
            f"total-variation distance {distance:.3g} from the nearest; choose from "
            "task.problem.pools or pass strict=False"
        )
    words = np.array([row], dtype=np.uint32)
    return _Site(words, pool.mixture(row), pool.length(row), row, distance)


def _wanted(task: Task, site: _Site, steps_index: int) -> int:
    """The steps asked for, as far as a recorded run has them."""
    steps = task.steps[steps_index]
    return steps if site.last is None else min(steps, site.last)


def _affordable(task: Task, site: _Site, begin: int, wanted: int, most: float) -> int:
    """The last checkpoint up to the one wanted that costs at most `most` steps from `begin`."""
    if wanted - begin <= most:
        return wanted
    ends = np.asarray(task.steps)
    ends = ends if site.last is None else np.minimum(ends, site.last)
    paid = ends[(ends <= wanted) & (ends - begin <= most)]
    return int(paid[-1]) if len(paid) else 0


def _observe(
    task: Task, seed: tuple[int, int], site: _Site, scale_index: int, replicate: int,
    checkpoints: np.ndarray, grid: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Noisy metrics [m, k] of one run at its checkpoints [m]."""
    if task.pool is not None:
        return task.pool.recorded(site.row, checkpoints)
    scale = task.scales[scale_index]
    mean = _mean(task, site.mixture, scale, checkpoints, grid)
    if task.noise_model.off:
        return mean
    run = np.array([scale / 1e3, replicate], dtype=np.uint32)
    z = draw(
        np.array(seed, dtype=np.uint32), site.words, run[:1], run[1:],
        checkpoints.astype(np.uint32), len(task.surface.metric_set),
    )  # fmt: skip
    return task.noise_model.apply(mean, site.mixture, np.asarray(scale), checkpoints, z)


def _mean(
    task: Task, mixture: np.ndarray, scale: float, checkpoints: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """The surface [m, k] at checkpoints [m], asked in one batch whose size never varies.

    A product of matrices rounds by its size: a checkpoint's value would depend, in its last
    digit, on which others the experiment passed.
    """
    asked = np.append(grid, checkpoints[-1])
    shares = np.broadcast_to(mixture, (len(asked), len(mixture)))
    mean = task.surface.metrics(shares, np.full(len(asked), scale), asked)
    return mean[[asked.tolist().index(c) for c in checkpoints.tolist()]]


def draw(
    seed: Any, words: Any, scale: Any, replicate: Any, checkpoints: Any, metrics: int,
    xp: Any = np,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Standard normals of a run [..., k], its checkpoints [..., m, k] and the episode [..., k].

    `seed` [..., 2] and `words` [..., w] name the run with `scale` [..., 1] (thousands of
    parameters) and `replicate` [..., 1]; `checkpoints` [..., m]; all uint32.
    """
    run = hashing.key(xp.concatenate([seed, words, scale, replicate], axis=-1))
    common = hashing.fold(hashing.key(seed), _COMMON)
    points = hashing.fold(hashing.fold(run, _POINT), checkpoints)
    keys = xp.concatenate([run, common, points], axis=-1)[..., None]
    z = hashing.normal(hashing.fold(keys, xp.arange(metrics, dtype=np.uint32)), xp)
    return z[..., 0, :], z[..., 2:, :], z[..., 1, :]
