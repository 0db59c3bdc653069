"""Optuna as an agent: tree-structured Parzen estimators propose, Hyperband's rungs prune."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from agents.grid import ladder
from agents.history import History, same_run
from agents.peers.box import HALF_WIDTH, mixture_of
from agents.peers.library import load
from mixenv.problem import Experiment, Outcome, Problem

ETA = 3
SHORTEST = 1 / 65  # of the target's steps: 300 of 19 500


class Optuna:
    """Optuna's `TPESampler` and `HyperbandPruner` (Akiba et al., KDD 2019), by ask and tell.

    One trial at a time, at the target's scale: u in [-3, 3]^d, its mixture softmax(u), projected
    (Euclidean) on the cap; of a pool, the nearest recorded one. A trial climbs the rungs of our
    Hyperband (300, 900, 2 700, 8 100 and 19 500 of 19 500 steps), its run resumed, until the pruner
    of its bracket stops it: there it must be among the best third of those that came so far. Rungs
    are told to Optuna as 1, 3, 9, ..., so that brackets fit any grid. All else is as Optuna has it.

    Recommends the best at the most steps that any run has completed. A failed run ends its trial
    as failed. Runs not asked for count in the recommendation alone. Above 1 024 observations
    nothing changes, but each trial takes longer to propose. Raises ImportError without the library.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._history = History(problem)
        self._rungs = ladder(problem, SHORTEST, ETA)
        self._states = load("optuna.trial").TrialState
        self._study = _study(len(self._rungs), seed)
        self._start_trial()

    def ask(self) -> Experiment:
        """The trial's mixture at its next rung."""
        return Experiment(self._mixture, self._problem.target[0], self._rungs[self._rung])

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; the trial climbs, or ends and the next one begins."""
        asked = self.ask()
        value = self._history.add(experiment, outcome)
        if not same_run(experiment, asked):
            return
        if self._ends(value):
            self._start_trial()
        else:
            self._rung += 1

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best value at the most steps reached at the target scale."""
        return self._history.best_at_most_steps()

    def _start_trial(self) -> None:
        self._trial: Any = self._study.ask()
        names = [f"u{i}" for i in range(len(self._problem.domains))]
        logits = [self._trial.suggest_float(name, -HALF_WIDTH, HALF_WIDTH) for name in names]
        self._mixture = mixture_of(self._problem, np.array(logits))
        self._rung = 0

    def _ends(self, value: float) -> bool:
        """Report a rung's value; whether that is the end of the trial, which is then told."""
        if not np.isfinite(value):
            self._study.tell(self._trial, state=self._states.FAIL)
            return True
        self._trial.report(value, ETA**self._rung)
        if self._rung == len(self._rungs) - 1:
            self._study.tell(self._trial, value)
            return True
        if self._trial.should_prune():
            self._study.tell(self._trial, state=self._states.PRUNED)
            return True
        return False


def _study(rungs: int, seed: int) -> Any:
    """A study in memory. Its name decides who goes to which bracket, so it comes from the seed."""
    optuna = load("optuna")
    logging.getLogger("optuna").setLevel(logging.WARNING)  # or each study announces itself
    pruner = optuna.pruners.HyperbandPruner(1, ETA ** (rungs - 1), ETA)
    sampler = optuna.samplers.TPESampler(seed=seed)
    return optuna.create_study(study_name=f"mixenv-{seed}", sampler=sampler, pruner=pruner)
