"""What one run shows between two of its checkpoints: the surface there, and noise on top of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mixenv import draws
from mixenv.checkpoints import snap
from mixenv.noise import Noise
from mixenv.surfaces.blend import Place
from mixenv.surfaces.synthetic import SyntheticSurface
from mixenv.task import Task

_MOST = 2048  # windows that a task remembers


class Site(NamedTuple):
    """Which run a mixture means: its words for the hash, its shares, a recording's checkpoints.

    `row` and `distance` are of the recorded run that answers: -1 and 0 off a pool.
    """

    words: tuple[int, ...]
    mixture: np.ndarray
    known: np.ndarray | None = None
    row: int = -1
    distance: float = 0.0


class Run(NamedTuple):
    """One run of an episode: the episode's seed words, the site, the scale, the replicate."""

    seed: tuple[int, int]
    site: Site
    scale_index: int
    replicate: int


class Window(NamedTuple):
    """What an experiment shows whatever its mixture. Arrays are read-only.

    `checkpoints` [m], the same as `words`, the noise's `spread` [m, k], a synthetic surface's
    `place`; what another surface is asked: `asked` steps [n] at `sizes` [n], of which those from
    `first` on are the checkpoints.
    """

    checkpoints: np.ndarray
    words: list[int]
    spread: np.ndarray
    place: Place | None
    asked: np.ndarray
    sizes: np.ndarray
    first: int


def observe(
    task: Task, run: Run, begin: int, end: int, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The checkpoints [m] of `grid` newly passed, and `end`; noisy metrics [m, k] there."""
    site = run.site
    if task.pool is not None and site.known is not None:
        if len(grid):  # those of the recording that the grid falls on
            grid = np.unique(snap(site.known, grid))
        checkpoints = np.append(grid[(grid > begin) & (grid < end)], end)
        return checkpoints, task.pool.recorded(site.row, checkpoints)
    window = _recall(task, run.scale_index, begin, end, grid)
    checkpoints, mean = window.checkpoints, _mean(task, site.mixture, window)
    noise = task.noise_model
    if noise.off:
        return checkpoints, mean
    scale = draws.scale_word(task.scales[run.scale_index])
    key = draws.run_key(run.seed, site.words, scale, run.replicate)
    own = draws.of_run(noise, key, window.words)
    return checkpoints, noise.add(mean, site.mixture, window.spread, own, _common(noise, run.seed))


@lru_cache(maxsize=64)
def steps_of(task: Task) -> np.ndarray:
    """The task's steps [T] as an array."""
    return np.array(task.steps)


@lru_cache(maxsize=64)
def spreads(task: Task) -> np.ndarray:
    """The sd of a run's own noise, [S, T, k], at the task's scales and steps."""
    return task.noise_model.spread(np.array(task.scales), steps_of(task)[None])


@lru_cache(maxsize=16)
def _common(noise: Noise, seed: tuple[int, int]) -> np.ndarray:
    """What all runs of an episode share: asked at every step, drawn once."""
    return draws.common(noise, np.array(seed, dtype=np.uint32))


def _recall(task: Task, scale_index: int, begin: int, end: int, grid: np.ndarray) -> Window:
    """The window asked for, made once: an episode asks for the same few again and again."""
    memory, asked = _memory(task), (scale_index, begin, end, grid.tobytes())
    found = memory.get(asked)
    if found is None:
        if len(memory) >= _MOST:
            memory.clear()
        found = memory[asked] = _window(task, scale_index, begin, end, grid.tolist())
    return found


@lru_cache(maxsize=64)
def _memory(_task: Task) -> dict[tuple[int, int, int, bytes], Window]:
    return {}


def _window(task: Task, scale_index: int, begin: int, end: int, points: list[int]) -> Window:
    """What an experiment shows on a grid of `points`, whatever its mixture."""
    scale, first = task.scales[scale_index], bisect_right(points, begin)
    last = max(first, bisect_left(points, end))
    at, place = np.array([*points[:last], end, *points[last:]]), None
    checkpoints = at[first : last + 1]
    if isinstance(task.surface, SyntheticSurface):  # no product: alone each rounds as in a batch
        place = task.surface.place(scale, checkpoints)
    spread = spreads(task)[scale_index][steps_of(task).searchsorted(checkpoints)]
    sizes = np.full(len(at), scale)
    for array in (at, checkpoints, spread, sizes):
        array.flags.writeable = False
    return Window(checkpoints, checkpoints.tolist(), spread, place, at, sizes, first)


def _mean(task: Task, mixture: np.ndarray, window: Window) -> np.ndarray:
    """The surface [m, k] at a window's checkpoints, asked in one batch whose size never varies.

    A product of matrices rounds by its size, and its rows by their place: a checkpoint's value
    would depend, in its last digit, on which others the experiment passed. So the whole grid is
    asked, with the end among it, and each checkpoint has its place.
    """
    if window.place is not None and isinstance(task.surface, SyntheticSurface):
        return task.surface.along(mixture, window.place)
    shares = mixture[None].repeat(len(window.asked), axis=0)
    mean = task.surface.metrics(shares, window.sizes, window.asked)
    return mean[window.first : window.first + len(window.words)]
