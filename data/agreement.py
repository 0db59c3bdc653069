"""How well the surrogate agrees with the published simulator, on points it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from constants import CAPS, objectives
from scipy.stats import spearmanr

from mixenv.make_task import make_task
from mixenv.scale import scale_label
from mixenv.surfaces.protocol import Surface

POINTS, FIRST_STEP, SEED = 20_000, 1_000, 2_026


@dataclass(frozen=True, eq=False)
class Agreement:
    """`r2` [scales, metrics] within each scale, `spearman` [metrics] at the target, both over
    Dirichlet(1); `regret` [caps, objectives] of the surrogate's optimum under the simulator, in
    sd units."""

    scales: tuple[str, ...]
    metrics: tuple[str, ...]
    objectives: tuple[str, ...]
    r2: np.ndarray
    spearman: np.ndarray
    regret: np.ndarray


def agreement(surrogate: Surface, simulator: Surface) -> Agreement:
    """Compare two surfaces of the same metrics and scales."""
    rng = np.random.default_rng(SEED)
    names = objectives(simulator.metric_set)
    return Agreement(
        tuple(scale_label(s) for s in simulator.scales),
        simulator.metric_names,
        tuple(names),
        _r2(rng, surrogate, simulator),
        _spearman(rng, surrogate, simulator),
        np.array([[_regret(surrogate, simulator, n, cap) for n in names] for cap in CAPS]),
    )


def _r2(rng: np.random.Generator, surrogate: Surface, simulator: Surface) -> np.ndarray:
    mixture = rng.dirichlet(np.ones(len(simulator.domains)), POINTS)
    scale = rng.choice(simulator.scales, POINTS)
    steps = rng.choice([s for s in simulator.steps if s >= FIRST_STEP], POINTS)
    truth = simulator.metrics(mixture, scale, steps)
    error = (surrogate.metrics(mixture, scale, steps) - truth) ** 2
    within = [scale == s for s in simulator.scales]
    return np.array([1 - error[w].mean(axis=0) / truth[w].var(axis=0) for w in within])


def _spearman(rng: np.random.Generator, surrogate: Surface, simulator: Surface) -> np.ndarray:
    mixture = rng.dirichlet(np.ones(len(simulator.domains)), POINTS)
    scale, steps = np.full(POINTS, simulator.scales[-1]), np.full(POINTS, simulator.steps[-1])
    pair = [surface.metrics(mixture, scale, steps) for surface in (surrogate, simulator)]
    return np.array([spearmanr(a, b)[0] for a, b in zip(pair[0].T, pair[1].T, strict=True)])


def _regret(surrogate: Surface, simulator: Surface, objective: str, cap: float) -> float:
    ours = make_task(surrogate, metric=objective, max_share=cap)
    theirs = make_task(simulator, metric=objective, max_share=cap)
    return theirs.regret(ours.optimum.mixture) / theirs.sd
