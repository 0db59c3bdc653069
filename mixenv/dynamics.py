"""What buying an experiment does: state and experiment in, next state and transition out. Pure.

A run is identified by its mixture (shares rounded to 1e-6), its scale and a replicate number.
Its noise hangs on that identity and the episode's seed alone, so values at a checkpoint depend
neither on the order of experiments nor on how a run was cut into resumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from mixenv.checkpoints import snap
from mixenv.outcome import Run, Site, observe, steps_of
from mixenv.simplex import PARTS, millionths
from mixenv.task import Task

SLACK = 1e-9  # target runs by which rounding may overrun the budget

RunKey = tuple[tuple[int, ...], int]


class State(NamedTuple):
    """An episode so far: seed (two 32-bit words), cost in target runs, steps reached a run."""

    seed: tuple[int, int]
    spent: float = 0.0
    count: int = 0  # pyright: ignore[reportIncompatibleMethodOverride]
    runs: Mapping[RunKey, tuple[int, ...]] = MappingProxyType({})


class Transition(NamedTuple):
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
    key = (site.words, scale_index)
    lengths = state.runs.get(key, ())
    wanted = _wanted(task, site, steps_index)
    begin, replicate = max(lengths, default=0), len(lengths)
    if task.resume and 0 < begin < wanted:
        replicate = lengths.index(begin)
    else:
        begin = 0
    rate = task.rates[scale_index].item()
    end = _affordable(task, site, begin, wanted, (task.budget + SLACK - state.spent) / rate)
    if end <= begin:
        return state, None
    cost = rate * (end - begin)
    reached = (*lengths[:replicate], end, *lengths[replicate + 1 :])
    run = Run(state.seed, site, scale_index, replicate)
    checkpoints, values = observe(task, run, begin, end, grid)
    after = State(state.seed, state.spent + cost, state.count + 1, {**state.runs, key: reached})
    return after, Transition(
        site.mixture, scale_index, begin, end, replicate, cost, end < wanted, checkpoints, values,
        site.row, site.distance,
    )  # fmt: skip


def check_recorded(task: Task, distance: float, where: str = "") -> None:
    """Raise ValueError where a strict task does not hold a mixture at this `distance`."""
    if task.strict and distance > 1e-6:
        raise ValueError(
            f"{where}mixture: expected one recorded at this scale (strict=True), got one at "
            f"total-variation distance {distance:.3g} from the nearest; choose from "
            "task.problem.pools or pass strict=False"
        )


def _locate(task: Task, mixture: np.ndarray, scale: float) -> Site:
    pool = task.pool
    if pool is None:
        words = millionths(mixture.tolist())
        return Site(tuple(words), np.array([word / PARTS for word in words]))
    row, distance = pool.locate(mixture, scale)
    check_recorded(task, distance)
    return Site((row,), pool.mixture(row), pool.checkpoints(row), row, distance)


def _wanted(task: Task, site: Site, steps_index: int) -> int:
    """The steps asked for; of a recorded run, its last checkpoint until then, or its first."""
    steps = task.steps[steps_index]
    return steps if site.known is None else int(snap(site.known, steps))


def _affordable(task: Task, site: Site, begin: int, wanted: int, most: float) -> int:
    """The last checkpoint up to the one wanted that costs at most `most` steps from `begin`."""
    if wanted - begin <= most:
        return wanted
    ends = steps_of(task) if site.known is None else site.known
    paid = ends[(ends <= wanted) & (ends - begin <= most)]
    return int(paid[-1]) if len(paid) else 0
