"""Gaussian-process optimisation over (mixture, steps) at the target's scale alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.mfms_gp import MFMSGP
from mixenv.problem import Experiment, Outcome, Problem


class GPSingleScale:
    """MFMS-GP that may train at one scale: the target's. Multi-fidelity, not multi-scale.

    Algorithm 1 of arXiv 2503.21023 on the problem with the other scales left out: 20 short random
    runs (at most 900 of 19 500 steps), then the largest EI / cost^alpha over 6 000, 12 000 and
    19 500 steps (see `MFMSGP`, whose engine and choices it shares, as what it does above 1 024
    observations). What it lacks is what other scales tell: runs there are not learnt from.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._scale = problem.target[0]
        self._inner = MFMSGP(at_target_scale(problem), seed)

    def ask(self) -> Experiment:
        """A short random run for the first 20; then the largest EI / cost^alpha."""
        return self._inner.ask()

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome of a run at the target's scale; pass over any other."""
        if experiment.scale == self._scale:
            self._inner.tell(experiment, outcome)

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best observation; uniform shares before there is one."""
        return self._inner.recommend()

    def predict(
        self, mixture: np.ndarray, scale: float, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective of mixtures [n, d] at (scale, steps).

        Raises ValueError at another scale than the target's, and before the first observation.
        """
        if scale != self._scale:
            raise ValueError(
                f"predict: expected the target's scale, {self._scale:g} parameters, got {scale:g}; "
                "ask an agent that models scales"
            )
        return self._inner.predict(mixture, scale, steps)


def at_target_scale(problem: Problem) -> Problem:
    """The problem with the target's scale alone."""
    scale = problem.target[0]
    index = problem.scales.index(scale)
    return replace(
        problem,
        scales=(scale,),
        cost=problem.cost[[index]],
        pools={s: pool for s, pool in problem.pools.items() if s == scale},
    )
