"""What an agent has been told: experiments in, the best of them out. Lower values are better."""

from __future__ import annotations

import numpy as np

from mixenv.problem import Experiment, Outcome, Problem


def uniform(problem: Problem) -> np.ndarray:
    """Equal shares [d]: what every agent recommends before it knows anything."""
    return np.full(len(problem.domains), 1 / len(problem.domains))


def same_run(done: Experiment, asked: Experiment) -> bool:
    """Whether an experiment told is the one asked for, even if it ended at fewer steps."""
    return done.scale == asked.scale and bool(np.allclose(done.mixture, asked.mixture, atol=1e-6))


class History:
    """Every experiment told that did not fail, with its objective (noisy, lower is better)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.experiments: list[Experiment] = []
        self.values: list[float] = []

    def __len__(self) -> int:
        return len(self.values)

    def add(self, experiment: Experiment, outcome: Outcome) -> float:
        """Record one outcome and return its objective; a failed run is not kept: +inf."""
        value = float(self.problem.objective(np.asarray(outcome.metrics, dtype=np.float64)))
        if not np.isfinite(value):
            return np.inf
        self.experiments.append(experiment)
        self.values.append(value)
        return value

    def best(self) -> np.ndarray:
        """The mixture [d] of the least value at any scale and steps."""
        return self._least(range(len(self)))

    def best_at_target(self) -> np.ndarray:
        """The mixture [d] of the least value among runs that reached the target."""
        steps = self.problem.target[1]
        done = [i for i in self._at_scale() if self.experiments[i].steps >= steps]
        return self._least(done)

    def best_at_most_steps(self) -> np.ndarray:
        """The mixture [d] of the least value among the target scale's runs of the most steps."""
        at_scale = self._at_scale()
        most = max((self.experiments[i].steps for i in at_scale), default=0)
        return self._least([i for i in at_scale if self.experiments[i].steps == most])

    def _at_scale(self) -> list[int]:
        scale = self.problem.target[0]
        return [i for i, experiment in enumerate(self.experiments) if experiment.scale == scale]

    def _least(self, chosen: list[int] | range) -> np.ndarray:
        if not chosen:
            return uniform(self.problem)
        return np.array(self.experiments[min(chosen, key=self.values.__getitem__)].mixture)
