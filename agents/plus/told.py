"""What an agent was told, and what follows from it: rows, runs, spending, failures."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.mixtures import fit
from agents.plus import rows
from agents.plus.geometry import NEAR
from agents.plus.outputs import Outputs
from agents.plus.rows import Key, Rows, key
from agents.plus.settings import Settings
from mixenv.problem import Experiment, Outcome, Problem


class Told:
    """Every experiment told with its outcome, in order."""

    def __init__(self, problem: Problem, outputs: Outputs, settings: Settings) -> None:
        self._problem, self._outputs, self._settings = problem, outputs, settings
        self.events: list[tuple[Experiment, Outcome]] = []
        self.rows = rows.empty(len(problem.domains), outputs.columns)
        self.reached: dict[Key, Experiment] = {}  # the longest run of each mixture and scale
        self.open: dict[Key, Experiment] = {}  # those of them that may be asked to go on
        self.spent = 0.0
        self.dear = 0  # runs that cost at least `hedge_price` and did not fail
        self.resumes = True  # until a longer run of a mixture and scale comes back as a new one
        self._ends: list[tuple[Experiment, float]] = []
        self._failed: list[tuple[int, Key]] = []
        self._runs: dict[Key, int] = {}
        self._run_count = 0

    def __len__(self) -> int:
        return len(self.events)

    def near(self, experiment: Experiment) -> bool:
        """Whether it is near the target, see `NEAR`."""
        return bool(self._near(experiment.scale, experiment.steps))

    def since_near(self) -> int:
        """Experiments after the last one near the target."""
        backwards = enumerate(reversed(self.events))
        return next((n for n, (e, _) in backwards if self.near(e)), len(self.events))

    def add(self, experiment: Experiment, outcome: Outcome) -> float:
        """Record an outcome and return its objective; one that is not finite failed: no rows."""
        self.events.append((experiment, outcome))
        cost = max(float(outcome.cost), 0.0) if np.isfinite(outcome.cost) else 0.0
        self.spent += cost
        which = key(experiment.mixture, experiment.scale)
        values = self._outputs.of(np.asarray(outcome.metrics, dtype=np.float64))
        value = float(self._outputs.value(values))
        if not np.isfinite(value):
            self._failed.append((len(self.events), which))
            return value
        run = self._run(which, experiment, outcome)
        more = rows.of_outcome(
            experiment, outcome, run, self._problem, self._outputs, self._settings
        )
        self.rows = rows.append(self.rows, more)
        self._ends.append((experiment, value))
        self.dear += cost >= self._settings.hedge_price
        return value

    def near_rows(self, count: int) -> int:
        """How many of the first `count` rows are near the target."""
        return int(np.count_nonzero(self._near(self.rows.scales[:count], self.rows.steps[:count])))

    def full_mixtures(self) -> np.ndarray:
        """Distinct mixtures [t, d] trained to the target, in the order in which they came."""
        scale, steps = self._problem.target
        found = [e.mixture for e in self.reached.values() if e.scale == scale and e.steps >= steps]
        return np.array(found).reshape(-1, len(self._problem.domains))

    def mixtures(self) -> np.ndarray:
        """Distinct mixtures [t, d] of the runs, in the order in which they came."""
        found = {which[0]: run.mixture for which, run in reversed(self.reached.items())}
        return np.array(list(found.values())[::-1]).reshape(-1, len(self._problem.domains))

    def refused(self) -> frozenset[Key]:
        """Mixtures and scales that failed lately."""
        since = len(self.events) - self._settings.avoid
        return frozenset(which for when, which in self._failed if when > since)

    def best(self) -> np.ndarray | None:
        """The mixture [d] of the least objective at the largest scale, then the most steps."""
        if not self._ends:
            return None
        most = max((e.scale, e.steps) for e, _ in self._ends)
        near = [(v, e) for e, v in self._ends if (e.scale, e.steps) == most]
        return np.array(min(near, key=lambda pair: pair[0])[1].mixture)

    def waiting(self, pending: list[Experiment]) -> Rows:
        """Rows without values of experiments not told yet, each in the run that it goes on."""
        n = len(pending)
        if not n:
            return rows.empty(len(self._problem.domains), self._outputs.count)
        return Rows(
            np.array([e.mixture for e in pending]),
            np.array([float(e.scale) for e in pending]),
            np.array([float(e.steps) for e in pending]),
            np.array([self._goes_on(e, -1 - i) for i, e in enumerate(pending)]),
            np.zeros((n, self._outputs.count)),
        )

    def _near(self, scales: Any, steps: Any) -> Any:
        return (scales == self._problem.target[0]) & (steps >= NEAR * self._problem.target[1])

    def _goes_on(self, experiment: Experiment, otherwise: int) -> int:
        which = key(experiment.mixture, experiment.scale)
        known = self.reached.get(which)
        longer = known is not None and experiment.steps > known.steps and self.resumes
        return self._runs[which] if longer else otherwise

    def _may_be_asked(self, experiment: Experiment) -> bool:
        """Whether the problem allows the mixture there: what is told need not be of the region."""
        nearest = fit(self._problem, experiment.mixture, experiment.scale)
        return bool(np.allclose(nearest, experiment.mixture, rtol=0, atol=1e-6))

    def _run(self, which: Key, experiment: Experiment, outcome: Outcome) -> int:
        """The number of the run; the longest of a mixture and scale is the one that can go on."""
        known = self.reached.get(which)
        if outcome.resumed and known is not None:
            run = self._runs[which]
        else:
            run, self._run_count = self._run_count, self._run_count + 1
            if known is not None and experiment.steps > known.steps:
                self.resumes = False
        if known is None or experiment.steps > known.steps:
            self.reached[which], self._runs[which] = experiment, run
            if self._may_be_asked(experiment):
                self.open[which] = experiment
        return run
