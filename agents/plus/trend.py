"""What the trend that a run ends with would add to its objective up to the target."""

from __future__ import annotations

import numpy as np

from agents.plus.settings import Settings
from mixenv.problem import Experiment, Outcome, Problem

_NEAREST, _FARTHEST = 0.85, 0.4  # of its steps, where a checkpoint shows the trend
_FAR = 2.0  # it is not followed over more than this times the log steps that it was seen over


def onward(problem: Problem, settings: Settings, experiment: Experiment, outcome: Outcome) -> float:
    """By the objective's change per log step since the checkpoint nearest to `race_back`.

    NaN where no checkpoint shows it.
    """
    part = np.asarray(outcome.curve_steps, dtype=np.float64) / experiment.steps
    usable = np.flatnonzero((part >= _FARTHEST) & (part <= _NEAREST))
    if not len(usable):
        return np.nan
    at = usable[np.abs(np.log(part[usable] / settings.race_back)).argmin()]
    shown = np.array([outcome.metrics, outcome.curve[at]], dtype=np.float64)
    now, before = problem.objective(shown)
    seen = -np.log(part[at])
    ahead = np.log(problem.target[1] / experiment.steps)
    return float((now - before) * min(ahead / seen, _FAR))
