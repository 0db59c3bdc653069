"""The paper's predictor: a network from (shares, scale, steps) to every metric, and its score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HIDDEN, DROPOUT, ACTIVATION = (64, 64, 64), 0.1, "relu"  # the paper's simulator's
_BATCH = 128


@dataclass(frozen=True)
class Effort:
    """How many splits, and for each fit how many steps of the optimiser and how many networks."""

    splits: int = 10
    updates: int = 1500
    members: int = 4


FULL, QUICK = Effort(), Effort(splits=3, updates=300, members=1)

Predictor = Callable[[np.ndarray, np.ndarray], np.ndarray]


def learn(
    inputs: np.ndarray,
    scale: np.ndarray,
    values: np.ndarray,
    *,
    by_scale: bool,
    effort: Effort,
    seed: int,
) -> Predictor:
    """A function from inputs [m, p] and scales [m] to metrics [m, k], learnt from n rows.

    The logarithm of the scale joins the inputs. `by_scale`: metrics are learnt as standardised
    within each scale, and put back. Every fit takes about the same number of optimiser steps,
    however many rows.
    """
    from mixenv.surfaces.mlp import fit_mlp

    levels = _Levels(scale, values) if by_scale else None
    batches = -(-len(inputs) // _BATCH)
    network = fit_mlp(
        _with_scale(inputs, scale),
        values if levels is None else levels.down(scale, values),
        hidden=HIDDEN, dropout=DROPOUT, activation=ACTIVATION, batch=_BATCH,
        epochs=max(1, effort.updates // batches), members=effort.members, seed=seed,
    )  # fmt: skip

    def predict(asked: np.ndarray, at: np.ndarray) -> np.ndarray:
        found = network.predict(_with_scale(asked, at))
        return found if levels is None else levels.up(at, found)

    return predict


def r2(recorded: np.ndarray, predicted: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """1 - squared errors over squared deviations from the mean, by metric: [n, k], [n, k] -> [k].

    With `groups` [n], deviations from each group's own mean. NaN where nothing deviates.
    """
    own = np.zeros(len(recorded)) if groups is None else groups
    centre = np.empty_like(recorded)
    for group in np.unique(own):
        centre[own == group] = recorded[own == group].mean(axis=0)
    total = ((recorded - centre) ** 2).sum(axis=0)
    wrong = ((recorded - predicted) ** 2).sum(axis=0)
    return np.where(total > 0, 1 - wrong / np.where(total > 0, total, 1.0), np.nan)


class _Levels:
    """Mean and sd [k] of each scale's training rows; one row, or equal ones: an sd of 1."""

    def __init__(self, scale: np.ndarray, values: np.ndarray) -> None:
        self._known = {}
        for s in np.unique(scale):
            rows = values[scale == s]
            sd = rows.std(axis=0)
            self._known[float(s)] = rows.mean(axis=0), np.where(sd > 0, sd, 1.0)

    def down(self, scale: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Metrics [n, k] as standardised within their scale."""
        mean, sd = self._of(scale)
        return (values - mean) / sd

    def up(self, scale: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The inverse of `down`."""
        mean, sd = self._of(scale)
        return mean + sd * values

    def _of(self, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, sd = zip(*(self._known[float(s)] for s in scale), strict=True)
        return np.array(mean), np.array(sd)


def _with_scale(inputs: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.concatenate([inputs, np.log(scale)[:, None]], axis=1)
