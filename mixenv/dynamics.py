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
    ideal = np.geomspace(grid[0], grid[-1], points)
    index = np.abs(np.log(grid)[None] - np.log(ideal)[:, None]).argmin(axis=1)
    for i in range(1, points):  # no two ideals share a checkpoint
        index[i] = max(index[i], index[i - 1] + 1)
    return grid[index]


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
    values = _observe(task, state.seed, site, scale_index, replicate, checkpoints)
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
    checkpoints: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Noisy metrics [m, k] of one run at its checkpoints [m]."""
    if task.pool is not None:
        return task.pool.recorded(site.row, checkpoints)
    m, scale = len(checkpoints), task.scales[scale_index]
    shares = np.broadcast_to(site.mixture, (m, len(site.mixture)))
    mean = task.surface.metrics(shares, np.full(m, scale), checkpoints)
    if task.noise == 0:
        return mean
    z = draw(task, seed, site.words, scale, replicate, checkpoints)
    return task.noise_model.apply(mean, site.mixture, np.asarray(scale), checkpoints, z)


def draw(
    task: Task, seed: tuple[int, int], words: np.ndarray, scale: float, replicate: int,
    checkpoints: np.ndarray,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Standard normals of a run [k], of its checkpoints [m, k] and of the episode [k]."""
    metrics = np.arange(len(task.surface.metric_set), dtype=np.uint32)
    episode = hashing.start(seed)
    run = episode
    for word in (*words.tolist(), round(scale / 1e3), replicate):
        run = hashing.fold(run, word)
    if not task.noise_model.items.any():
        none = np.zeros((1, len(metrics)))
        return hashing.normal(hashing.fold(_array(run), metrics)), none, none[0]
    points = hashing.fold(_array(hashing.fold(run, _POINT)), checkpoints.astype(np.uint32))
    return (
        hashing.normal(hashing.fold(_array(run), metrics)),
        hashing.normal(hashing.fold(points[:, None], metrics)),
        hashing.normal(hashing.fold(_array(hashing.fold(episode, _COMMON)), metrics)),
    )


def _array(word: int) -> np.ndarray:
    """A word as an array, so that its arithmetic wraps."""
    return np.array([word], dtype=np.uint32)
