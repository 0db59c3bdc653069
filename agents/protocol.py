"""What every agent does: ask for an experiment, be told its outcome, recommend a mixture."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from mixenv.problem import Experiment, Outcome


@runtime_checkable
class Agent(Protocol):
    """Constructed as `Class(problem, seed)`, and deterministic given the two.

    An agent that has a model also has `predict(mixture [n, d], scale, steps) -> (mean [n], sd [n])`
    of the noise-free objective: it changes nothing, and raises ValueError while it knows nothing.
    Between two calls of `tell`, `ask` returns the same experiment. It has no end: an agent goes on
    returning experiments on the problem's grid until the environment stops the episode.
    """

    def ask(self) -> Experiment:
        """The next experiment: a mixture [d] of the region, at a scale and steps of the grid."""
        ...

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Learn what an experiment showed, asked for or not; NaN metrics mean a failed run.

        `experiment.steps` is as far as the run was paid, which may fall short of what was asked.
        """
        ...

    def recommend(self) -> np.ndarray:
        """The mixture [d] to train at the problem's target; callable at any time."""
        ...
