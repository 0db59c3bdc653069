"""E1 to E8 on one random split of one table: R^2 by experiment and metric."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.paper.predictor import Effort, learn, r2
from benchmarks.paper.splits import BUDGETS, QUESTIONS, Split, budgets, split
from benchmarks.paper.studies import STUDIES, Finals, Study, finals
from mixenv import read_table
from mixenv.runs.table import RunTable


class Way(NamedTuple):
    """`by_scale`: metrics standardised within their scale; `fresh`: held-out mixtures are new."""

    by_scale: bool
    fresh: bool


WAYS = {
    "as the paper": Way(by_scale=False, fresh=True),
    "by scale": Way(by_scale=True, fresh=True),
    "by scale, mixtures recur": Way(by_scale=True, fresh=False),
}
KINDS = ("all", "log", "within")  # how E6 to E8 are scored
_ALONE = [name for name, q in QUESTIONS.items() if q.smaller == 0]  # one scale: the ways are one

Scores = dict[tuple[str, str], np.ndarray]  # by (way or kind, experiment): R^2 [k]


def play(name: str, source: str | None, seed: int, effort: Effort) -> Scores:
    """R^2 [k] of every experiment that the table of that name can answer, on split `seed`."""
    table, study = read_table(name, source), STUDIES[name]
    runs = finals(table)
    alone = {q: _half(runs, study, q, next(iter(WAYS.values())), effort, seed) for q in _ALONE}
    found = {
        (label, q): alone[q] if q in alone else _half(runs, study, q, way, effort, seed)
        for label, way in WAYS.items()
        for q in QUESTIONS
    }
    return found | (_budgets(table, runs, study, effort, seed) if study.cuts else {})


def _half(
    runs: Finals, study: Study, question: str, way: Way, effort: Effort, seed: int
) -> np.ndarray:
    train, held = split(runs, study, QUESTIONS[question], seed, fresh=way.fresh)
    predict = learn(
        runs.mixture[train], runs.scale[train], runs.values[train],
        by_scale=way.by_scale, effort=effort, seed=seed,
    )  # fmt: skip
    return r2(runs.values[held], predict(runs.mixture[held], runs.scale[held]))


def _budgets(table: RunTable, runs: Finals, study: Study, effort: Effort, seed: int) -> Scores:
    splits = budgets(runs, study, seed)
    found: Scores = {}
    for name, (_, fraction), one in zip(BUDGETS, study.cuts, splits, strict=True):
        recorded, predicted, scale = _cut(table, runs, one, fraction, effort, seed)
        found["all", name] = r2(recorded, predicted)
        found["log", name] = r2(np.log(recorded), np.log(np.maximum(predicted, 1e-6)))
        found["within", name] = r2(recorded, predicted, scale)
    return found


def _cut(
    table: RunTable, runs: Finals, one: Split, fraction: float, effort: Effort, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recorded and predicted last metrics [n, k] of the held-out runs, and their scales [n]."""
    rows = checkpoints(table, runs.run[one.train], fraction)
    of, held = table.run[rows], one.held
    predict = learn(
        _inputs(table.mixture[of], table.steps[rows]), table.scale[of], table.values[rows],
        by_scale=False, effort=effort, seed=seed,
    )  # fmt: skip
    last = _inputs(runs.mixture[held], table.length[runs.run[held]])
    return runs.values[held], predict(last, runs.scale[held]), runs.scale[held]


def checkpoints(table: RunTable, chosen: np.ndarray, fraction: float) -> np.ndarray:
    """Rows of the chosen runs up to a fraction of each one's length, with every metric."""
    whole = np.isfinite(table.values).all(axis=1) & np.isin(table.run, chosen)
    return np.flatnonzero(whole & (table.steps <= fraction * table.length[table.run] + 1e-9))


def _inputs(mixture: np.ndarray, steps: np.ndarray) -> np.ndarray:
    return np.concatenate([mixture, np.log(steps)[:, None]], axis=1)
