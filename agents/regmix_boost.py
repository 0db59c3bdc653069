"""RegMix with boosted trees, as its authors recommend."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents import search
from agents.extrapolation import Extrapolation, Law, Seen
from mixenv.problem import Problem

TREES, LEAVES, RATE, BEST = 150, 8, 0.08, 100


class RegMixBoost(Extrapolation):
    """RegMix (Liu et al., arXiv 2407.01492, section 3) with gradient-boosted trees.

    Like `RegMix`, but each metric's regression is scikit-learn's HistGradientBoostingRegressor
    (the paper's is LightGBM) and, trees being flat between their cuts, the mean of the best 100 of
    some 4 000 simulated mixtures is recommended, as in the paper; of a pool the best row. The first
    fit waits for 64 runs: trees say nothing of fewer. Above 1 024 observations the latest count.
    Raises ModuleNotFoundError without scikit-learn.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._regressor = _regressor()
        super().__init__(problem, seed)
        self._due = 64

    def fit(self, seen: Seen) -> Law:
        """One ensemble of trees a metric."""
        full = seen.full()
        fits = [self._fit_one(full.mixture, column) for column in full.values.T]
        return lambda mixture: np.stack([fit.predict(mixture) for fit in fits], axis=1)

    def choose(self, predicted: search.Predicted) -> np.ndarray:
        """The mean of the best 100 mixtures, then all of them."""
        ranked = search.ranked(self._candidates, predicted)
        if self._problem.pools:
            return ranked
        return np.concatenate([ranked[:BEST].mean(axis=0, keepdims=True), ranked])

    def _fit_one(self, mixture: np.ndarray, values: np.ndarray) -> Any:
        model = self._regressor(
            max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE, min_samples_leaf=5,
            early_stopping=False, random_state=0,
        )  # fmt: skip
        return model.fit(mixture, values)


def _regressor() -> Any:
    """The class, imported when an agent is made: scikit-learn is an extra."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "regmix-boost: expected scikit-learn, found none; pip install 'mixenv[boost]'"
        ) from error
    return HistGradientBoostingRegressor
