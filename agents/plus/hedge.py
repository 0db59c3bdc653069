"""Before MFMS-GP+ has seen dear runs: equal shares, or a mixture between them and what leads."""

from __future__ import annotations

import numpy as np

from agents.history import uniform
from agents.mixtures import fit
from agents.plus.settings import Settings
from agents.plus.told import Told
from mixenv.problem import Problem


def doubts(problem: Problem, settings: Settings, told: Told, raced: bool) -> bool:
    """Whether too little was spent near the target to see whether cheap runs mislead.

    A race compares two there, its leader and equal shares; else one pairs with a cheap run.
    """
    if problem.pools:  # nothing lies halfway between recorded mixtures
        return False
    enough = min(settings.hedge_until, problem.budget / 2)
    return told.spent < enough and told.dear < (2 if raced else 1)


def hedged(problem: Problem, settings: Settings, leads: np.ndarray, raced: bool) -> np.ndarray:
    """The mixture [d] part of the way from equal shares to what leads [d]."""
    even, part = uniform(problem), settings.race_hedge if raced else settings.hedge
    return fit(problem, even + part * (leads - even), problem.target[0])
