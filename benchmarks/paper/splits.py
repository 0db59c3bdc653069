"""Which runs E1 to E8 train on and which they hold out: pure functions of a table and a seed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.paper.studies import Finals, Study, recurs

HELD_OUT = 0.3  # of all mixtures, in E6 to E8


class Question(NamedTuple):
    """Half of the runs at rung `at` (0: the top) predict the other half, helped by smaller scales.

    `smaller`: how many scales below join with all their runs; None is all.
    """

    at: int
    smaller: int | None


QUESTIONS = {
    "E1": Question(0, 0),
    "E2": Question(0, 1),
    "E3": Question(0, None),
    "E4": Question(1, 0),
    "E5": Question(1, 1),
}
BUDGETS = ("E6", "E7", "E8")


class Split(NamedTuple):
    """Positions among the finals: to train on, and held out."""

    train: np.ndarray
    held: np.ndarray


def split(runs: Finals, study: Study, question: Question, seed: int, *, fresh: bool) -> Split:
    """The runs of one question; the halves hang on the scale and the seed alone, so E1 and E2 pair.

    `fresh`: smaller scales lend no run of a mixture that is held out.
    """
    ladder = study.ladder(np.unique(runs.scale).tolist())
    at = ladder[question.at]
    train, held = halves(np.flatnonzero(runs.scale == at), np.random.default_rng([seed, int(at)]))
    stop = None if question.smaller is None else question.at + 1 + question.smaller
    extra = np.flatnonzero(np.isin(runs.scale, ladder[question.at + 1 : stop]))
    if fresh:
        extra = extra[~recurs(runs.mixture[extra], runs.mixture[held])]
    return Split(np.concatenate([train, extra]), held)


def halves(positions: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two random halves; of an odd number the second is the larger."""
    shuffled = rng.permutation(positions)
    middle = len(positions) // 2
    return shuffled[:middle], shuffled[middle:]


def budgets(runs: Finals, study: Study, seed: int) -> list[Split]:
    """The splits of E6, E7 and E8, which hold out the same 30% of the mixtures, at every scale.

    Pairs of runs at one scale are drawn from the rest; the few runs are one of each pair, the
    others add second ones: few long and many short runs have the same scales, so the same FLOPs.
    Raises ValueError where there are too few pairs.
    """
    rng = np.random.default_rng([seed, 0xE6])
    held = _held_out(runs.mixture, rng)
    leads, seconds = _pairs(runs.scale, rng.permutation(np.flatnonzero(~held)))
    few, most = study.cuts[0][0], study.cuts[-1][0]
    if len(leads) < few or most > 2 * few:
        raise ValueError(
            f"{study.table}: expected {few} pairs of runs at one scale to train on, at most "
            f"{2 * few} runs, got {len(leads)} pairs and {most} runs; draw fewer runs"
        )
    drawn = rng.permutation(len(leads))[:few]
    chosen = np.concatenate([leads[drawn], seconds[drawn]])
    return [Split(chosen[:count], np.flatnonzero(held)) for count, _ in study.cuts]


def _held_out(mixtures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whether each run's mixture [n] is among the 30% held out."""
    _, of = np.unique(np.round(mixtures, 6), axis=0, return_inverse=True)
    of = of.reshape(-1)
    count = of.max() + 1
    return np.isin(of, rng.permutation(count)[: round(HELD_OUT * count)])


def _pairs(scale: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs two by two of the same scale, in the order given; odd ones out are left out."""
    leads, seconds = [], []
    for s in np.unique(scale[order]):
        same = order[scale[order] == s]
        even = len(same) // 2 * 2
        leads.append(same[:even:2])
        seconds.append(same[1:even:2])
    return np.concatenate(leads), np.concatenate(seconds)
