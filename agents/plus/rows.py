"""Rows of a model: the end of each experiment told, and a few checkpoints before it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from agents.plus import kernel
from agents.plus.outputs import Outputs
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Outcome, Problem

Key = tuple[tuple[int, ...], float]
_RIDGE = 1e-3


@dataclass(frozen=True, eq=False)
class Rows:
    """`n` observed values of M outputs, and the run that each belongs to."""

    mixtures: np.ndarray  # [n, d]
    scales: np.ndarray  # [n] parameters
    steps: np.ndarray  # [n]
    runs: np.ndarray  # [n] the run's number
    values: np.ndarray  # [n, M]; as told, [n, C], see `Outputs`

    def __len__(self) -> int:
        return len(self.steps)

    def take(self, chosen: np.ndarray) -> Rows:
        """Some of the rows, by position."""
        return Rows(*(getattr(self, f.name)[chosen] for f in fields(self)))


class Scaling(NamedTuple):
    """What standardises each output: centre [M] and spread [M], the sd around a trend."""

    centre: np.ndarray
    spread: np.ndarray


def key(mixture: np.ndarray, scale: float) -> Key:
    """What tells the runs of a mixture at a scale from others: shares to one millionth."""
    return tuple(np.rint(np.asarray(mixture) * 1e6).astype(int).tolist()), float(scale)


def empty(domains: int, outputs: int) -> Rows:
    """No rows."""
    none = np.zeros(0)
    return Rows(np.zeros((0, domains)), none, none, none, np.zeros((0, outputs)))


def of_outcome(
    experiment: Experiment,
    outcome: Outcome,
    run: int,
    problem: Problem,
    outputs: Outputs,
    settings: Settings,
) -> Rows:
    """The rows of one experiment: its end, and checkpoints at falling fractions of its steps."""
    steps = [experiment.steps]
    values = [outputs.of(np.asarray(outcome.metrics, dtype=np.float64))]
    for position in _checkpoints(experiment.steps, outcome.curve_steps, problem, settings):
        value = outputs.of(np.asarray(outcome.curve[position], dtype=np.float64))
        if np.isfinite(outputs.value(value)):
            steps.append(int(outcome.curve_steps[position]))
            values.append(value)
    n = len(steps)
    return Rows(
        np.tile(np.asarray(experiment.mixture, dtype=np.float64), (n, 1)),
        np.full(n, float(experiment.scale)),
        np.array(steps, dtype=np.float64),
        np.full(n, run),
        np.array(values),
    )


def _checkpoints(end: int, known: np.ndarray, problem: Problem, settings: Settings) -> list[int]:
    """Positions in `known` [m] nearest (by ratio) to the fractions wanted, each once."""
    chosen: list[int] = []
    floor = settings.curve_floor * problem.target[1]
    for k in range(1, settings.curve_points + 1):
        if not len(known):
            break
        wanted = end * settings.curve_ratio**k
        nearest = int(np.abs(np.log(known / wanted)).argmin())
        if floor <= known[nearest] < settings.curve_apart * end and nearest not in chosen:
            chosen.append(nearest)
    return chosen


def append(rows: Rows, more: Rows) -> Rows:
    """One after the other."""
    columns = (f.name for f in fields(rows))
    return Rows(*(np.concatenate([getattr(rows, c), getattr(more, c)]) for c in columns))


def standardise(rows: Rows, places: np.ndarray) -> tuple[np.ndarray, Scaling]:
    """Values [n, M] less their mean, over their sd around a trend; and what was used.

    `places` [n, 2] are log scale and log steps, whose quadratic trend (ridge) is taken out for
    the sd only: what matters is how much mixtures differ, not how much steps do.
    """
    terms = kernel.trend(places, np)
    centre = rows.values.mean(0)
    away = rows.values - centre
    gram = terms.T @ terms + _RIDGE * np.eye(terms.shape[1])
    rest = away - terms @ np.linalg.solve(gram, terms.T @ away)
    spread = np.maximum(rest.std(0), 1e-9 * np.maximum(1.0, np.abs(centre)))
    return away / spread, Scaling(centre, spread)


def keep(rows: Rows, level: np.ndarray, objective: np.ndarray, most: int) -> np.ndarray:
    """Positions, ascending, of the rows to keep: all up to `most`.

    Above that the half of `most` nearest to the target by compute (`level` [n] least), and of the
    others those of the least `objective` [n], which should be free of a trend.
    """
    n = len(rows)
    if n <= most:
        return np.arange(n)
    by_compute = np.argsort(level, kind="stable")
    near, others = by_compute[: most // 2], by_compute[most // 2 :]
    best = others[np.argsort(objective[others], kind="stable")[: most - len(near)]]
    return np.sort(np.concatenate([near, best]))
