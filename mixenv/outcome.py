"""What one run shows between two of its checkpoints: the surface there, and noise on top of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mixenv import draws
from mixenv.checkpoints import snap
from mixenv.noise import Noise
from mixenv.surfaces.synthetic import SyntheticSurface
from mixenv.task import Task


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
    scale = task.scales[run.scale_index]
    checkpoints, mean = _mean(task, site.mixture, scale, begin, end, grid)
    noise = task.noise_model
    if noise.off:
        return checkpoints, mean
    key = draws.run_key(run.seed, site.words, draws.scale_word(scale), run.replicate)
    own = draws.of_run(noise, key, checkpoints.tolist())
    spread = spreads(task)[run.scale_index][steps_of(task).searchsorted(checkpoints)]
    return checkpoints, noise.add(mean, site.mixture, spread, own, _common(noise, run.seed))


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


def _mean(
    task: Task, mixture: np.ndarray, scale: float, begin: int, end: int, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Checkpoints [m] and the surface there [m, k], asked in one batch whose size never varies.

    A product of matrices rounds by its size, and its rows by their place: a checkpoint's value
    would depend, in its last digit, on which others the experiment passed. So the whole grid is
    asked, with the end among it, and each checkpoint has its place.
    """
    n, points = len(grid), grid.tolist()
    if n == 0:
        asked = np.array([end])
        return asked, task.surface.metrics(mixture[None], np.array([scale]), asked)
    first, last = bisect_right(points, begin), bisect_left(points, end)
    if isinstance(task.surface, SyntheticSurface):  # no product: alone each rounds as in a batch
        asked = np.array([*points[first:last], end])
        return asked, task.surface.along(mixture, scale, asked)
    asked = np.array([*points[:last], end, *points[last:]])
    shares = mixture[None].repeat(n + 1, axis=0)
    mean = task.surface.metrics(shares, _repeated(scale, n + 1), asked)
    return asked[first : last + 1], mean[first : last + 1]


@lru_cache(maxsize=64)
def _repeated(scale: float, n: int) -> np.ndarray:
    return np.full(n, scale)
