"""What experiments show: noisy metrics at the end of each, and the curve up to there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv import draws, hashing
from mixenv.batch.book import Entry
from mixenv.batch.ladder import look, rungs
from mixenv.batch.rules import Rules
from mixenv.batch.site import Site
from mixenv.batch.state import State
from mixenv.observation import standardised


class Outcome(NamedTuple):
    """`metrics` [..., k] at the end, and the curve of G points, padded with zeros.

    `objective` [...] is theirs; `standard` [..., k] are the metrics as an agent sees them. `curve`
    [..., G, k], `curve_steps` [..., G] and `curve_count` [...] are None where G is 0.
    """

    metrics: Any
    objective: Any
    standard: Any
    curve: Any = None
    curve_steps: Any = None
    curve_count: Any = None


def observe(rules: Rules, state: State, site: Site, scale: Any, entry: Entry, xp: Any) -> Outcome:
    """The outcomes of entries; what was not bought is for the caller to blank."""
    if rules.task.pool is not None and len(rules.grid) == 0:
        return _recall(rules, site, entry, xp)
    shown = xp.asarray(rules.ladder.shown)
    positions = xp.maximum(entry.end, 1)[..., None]  # some step, for what was not bought
    if len(rules.grid):
        grid = rungs(shown, site.row)
        grid = xp.broadcast_to(grid, (*positions.shape[:-1], grid.shape[-1]))
        positions = xp.concatenate([grid, positions], axis=-1)
    values = _values(rules, state, site, scale, entry, positions, xp)
    metrics = values[..., -1, :]
    objective = rules.task.objective(metrics, xp)
    seen = Outcome(metrics, objective, standardised(rules.task.moments, metrics, xp))
    if len(rules.grid) == 0:
        return seen
    return Outcome(*seen[:3], *_curve(rules, site, entry, positions, values, xp))


def _recall(rules: Rules, site: Site, entry: Entry, xp: Any) -> Outcome:
    """The same of recorded runs without curves, tabled: one look for all (in NumPy)."""
    table, row, end = rules.recorded, site.row, entry.end
    if xp is np:
        told = look(table, row, end)
        return Outcome(*(told[name] for name in Outcome._fields[:3]))
    return Outcome(*(look(xp.asarray(table[name]), row, end) for name in Outcome._fields[:3]))


def _curve(
    rules: Rules, site: Site, entry: Entry, positions: Any, values: Any, xp: Any
) -> tuple[Any, Any, Any]:
    """The points passed, moved to the front: values, steps and count."""
    grid, points = positions[..., :-1], len(rules.grid)
    first = (grid <= entry.begin[..., None]).sum(axis=-1)
    passed = (grid < entry.end[..., None]).sum(axis=-1) - first
    place = np.arange(points)
    source = xp.where(place < passed[..., None], place + first[..., None], points)
    filled = place <= passed[..., None]
    curve = xp.take_along_axis(values, source[..., None], axis=-2)
    at = xp.take_along_axis(positions, source, axis=-1)
    row = site.row[..., None]
    steps = xp.where(filled, look(xp.asarray(rules.ladder.steps), row, at), 0)
    return xp.where(filled[..., None], curve, 0.0), steps, passed + 1


def _values(
    rules: Rules, state: State, site: Site, scale: Any, entry: Entry, positions: Any, xp: Any
) -> Any:
    """Noisy metrics [..., m, k] at positions [..., m] of the ladder."""
    if rules.task.pool is not None:
        table = xp.asarray(rules.ladder.values)
        within = xp.minimum(positions, table.shape[1] - 1)  # padded positions show nothing
        return look(table, site.row[..., None], within)
    noise, closed = rules.task.noise_model, rules.mean if xp is np else None
    place = scale[..., None] * rules.ladder.steps.shape[1] + positions
    steps = None
    if noise.counts or closed is None:  # nobody else reads them
        steps = look(xp.asarray(rules.ladder.steps), None, positions)
    if closed is None:
        mean = _mean(rules, site.mixture, xp.asarray(rules.scales)[scale], steps, xp)
    else:
        mean = closed(site.mixture, place)
    if noise.off:
        return mean
    last = look(xp.asarray(rules.replicate_terms), None, entry.replicate)[..., None]
    run = hashing.finish(state.opening + site.body + last)
    points = draws.point_keys(noise, run, steps)
    own = draws.own(noise, run, points, xp)
    spread = xp.asarray(rules.spreads).take(place, axis=1)
    spread = spread.transpose(*range(1, spread.ndim), 0)  # quicker than moveaxis
    return noise.add(mean, site.mixture, spread, own, state.common[..., None, :], xp)


def _mean(rules: Rules, mixture: Any, size: Any, steps: Any, xp: Any) -> Any:
    """The surface [..., m, k] at steps [..., m] of mixtures [..., d] at sizes [...]."""
    d = rules.domains
    shares = xp.broadcast_to(mixture[..., None, :], (*steps.shape, d)).reshape(-1, d)
    sizes = xp.broadcast_to(size[..., None], steps.shape).reshape(-1)
    mean = rules.task.surface.metrics(shares, sizes, steps.reshape(-1), xp)
    return mean.reshape(*steps.shape, -1)
