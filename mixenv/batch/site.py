"""Which runs the mixtures of a batch mean: their identity, and in a pool the recorded run."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from mixenv import hashing
from mixenv.batch import words
from mixenv.batch.rules import Rules, recorded
from mixenv.batch.words import column
from mixenv.dynamics import check_recorded
from mixenv.simplex import PARTS


class Site(NamedTuple):
    """Mixtures [..., d] as trained, what names their runs, and in a pool where they are recorded.

    `low`, `high` [...] are two words of identity; `body` [..., 1] the part of mixture and scale in
    a run's name; `row` [...] the row of the ladder; `distance` [...] the total variation.
    """

    mixture: Any
    low: Any
    high: Any
    body: Any
    row: Any
    distance: Any


def locate(rules: Rules, mixture: Any, scale: Any, xp: Any = np) -> Site:
    """The runs that shares [..., d] at scales [...] (indices) mean."""
    if rules.task.pool is None:
        return _named(rules, mixture, scale, xp)
    if xp is np:
        row, distance = _nearest(rules, mixture, scale)
    else:
        row, distance = _nearest_dense(rules, mixture, scale, xp)
    low = row.astype(np.uint32)
    shares = xp.asarray(rules.ladder.shares).take(row, axis=0)
    return Site(shares, low, xp.zeros(low.shape, np.uint32), low[..., None], row, distance)


def _named(rules: Rules, mixture: Any, scale: Any, xp: Any) -> Site:
    """Domains come first in between: sums over a leading axis are the quick ones."""
    parts = words.millionths(mixture.T, xp)
    size = xp.asarray(rules.scale_words)[scale]
    places, odd = _columns(rules.domains + 1, parts.ndim)
    mixed = hashing.mix(xp.concatenate([parts, size[None]]) ^ places)
    low, high = (m.sum(axis=0, dtype=np.uint32) for m in (mixed, mixed * odd))
    shares, lead = (parts.astype(mixture.dtype) / PARTS).T, scale.shape
    return Site(shares, low, high, low[..., None], xp.zeros(lead, np.int32), xp.zeros(lead))


@lru_cache(maxsize=64)
def _columns(count: int, ndim: int) -> tuple[np.ndarray, np.ndarray]:
    """What the words of mixture and scale are mixed with, and what they weigh in `high`."""
    odd = np.arange(1, 2 * count, 2, dtype=np.uint32)
    return column(hashing.places(2, count), ndim), column(odd, ndim)


def _nearest(rules: Rules, mixture: np.ndarray, scale: np.ndarray) -> tuple[Any, Any]:
    """Rows [n] of the ladder and total variations [n], one scale at a time."""
    order = np.argsort(scale.astype(np.uint16), kind="stable")  # two bytes: a radix sort
    asked, runs, apart = mixture.T.take(order, axis=1).T, np.empty_like(order), np.empty(len(scale))
    ends = np.bincount(scale, minlength=len(rules.scales)).cumsum().tolist()
    locate_many = recorded(rules.task).locate_many
    for parameters, i, j in zip(rules.task.scales, [0, *ends], ends, strict=False):
        if j > i:
            runs[i:j], apart[i:j] = locate_many(asked[i:j], parameters)
    row, distance = np.empty(len(scale), dtype=np.int32), np.empty(len(scale))
    row[order], distance[order] = rules.row_of_run.take(runs), apart
    if rules.task.strict:
        i = int(distance.argmax())
        check_recorded(rules.task, float(distance[i]), f"environment {i}: ")
    return row, distance


def _nearest_dense(rules: Rules, mixture: Any, scale: Any, xp: Any) -> tuple[Any, Any]:
    """The same for JAX: against every run of the scale in a padded table."""
    rows, shares = rules.padded_pools
    apart = abs(xp.asarray(shares)[scale] - mixture[..., None]).sum(axis=-2)
    best = apart.argmin(axis=-1)
    return xp.asarray(rows)[scale, best], 0.5 * apart.min(axis=-1)
