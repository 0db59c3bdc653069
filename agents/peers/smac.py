"""SMAC3's multi-fidelity facade as an agent: Hyperband whose mixtures a random forest proposes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from agents.grid import fraction_steps
from agents.history import History, same_run
from agents.peers.box import HALF_WIDTH, mixture_of
from agents.peers.library import load
from mixenv.problem import Experiment, Outcome, Problem

ETA = 3
SHORTEST = 1 / 65  # of the target's steps: 300 of 19 500
INITIAL = 10  # random configurations
ENDLESS = 2**31  # trials: the environment ends the episode


class Smac:
    """SMAC3's Hyperband (Lindauer et al., JMLR 23, 2022), as in arXiv 2503.21023, section 5.

    `MultiFidelityFacade` by ask and tell: ten random configurations first, then those of the
    largest expected improvement under a random forest fitted to the longest runs (one in five at
    random, refitted every eight), in Hyperband's brackets with eta 3. The scale is the target's.
    A configuration is u in [-3, 3]^d, its mixture softmax(u), projected (Euclidean) on the cap; of
    a pool, the nearest recorded one. The budget goes from 1/65 of the target's steps to all; SMAC
    divides from the top, so that its four rungs are 1/27, 1/9, 1/3 and 1: 700, 2 200, 6 500 and
    19 500 of 19 500 steps, snapped to the grid. Promotions resume: the environment charges the
    difference alone, unless its task says `resume=False`.

    Recommends the best at the most steps that any run has completed, as our Hyperband does. Failed
    runs rank last and are kept from the forest. Runs not asked for count in the recommendation
    alone. Nothing changes above 1 024 observations. Raises ImportError without the library.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._history = History(problem)
        self._trials = load("smac.runhistory")
        self._one_thread = load("joblib").parallel_config
        self._facade = _facade(problem, seed)
        self._told: dict[tuple[Any, int], float] = {}
        self._next: tuple[Any, Experiment] | None = None

    def ask(self) -> Experiment:
        """SMAC's next trial: a mixture at a rung."""
        while self._next is None:
            with self._one_thread("sequential"):  # or the forest starts threads at each look
                trial = self._facade.ask()
            experiment = self._experiment(trial)
            known = self._told.get((trial.config, experiment.steps))
            if known is None:
                self._next = trial, experiment
            else:  # two rungs on one checkpoint: the run is that long already
                self._answer(trial, known)
        return self._next[1]

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome, and tell SMAC if it is of the trial that it asked for."""
        asked = self.ask()
        value = self._history.add(experiment, outcome)
        if self._next is None or not same_run(experiment, asked):
            return
        trial, self._next = self._next[0], None
        self._told[trial.config, asked.steps] = value
        self._answer(trial, value)

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the best value at the most steps reached at the target scale."""
        return self._history.best_at_most_steps()

    def _experiment(self, trial: Any) -> Experiment:
        problem = self._problem
        logits = np.array([trial.config[name] for name in _names(problem)])
        steps = fraction_steps(problem, trial.budget)
        return Experiment(mixture_of(problem, logits), problem.target[0], steps)

    def _answer(self, trial: Any, value: float) -> None:
        ends = self._trials.StatusType
        status = ends.SUCCESS if np.isfinite(value) else ends.CRASHED
        self._facade.tell(trial, self._trials.TrialValue(cost=value, status=status), save=False)


def _facade(problem: Problem, seed: int) -> Any:
    """SMAC3's optimiser. What it writes when made goes to a folder that does not outlast this."""
    kind, ends = load("smac.facade").MultiFidelityFacade, load("smac.runhistory").StatusType
    box = dict.fromkeys(_names(problem), (-HALF_WIDTH, HALF_WIDTH))
    shortest = max(SHORTEST, problem.steps[0] / problem.target[1])
    with TemporaryDirectory(prefix="mixenv-smac-") as folder:
        scenario = load("smac").Scenario(
            load("ConfigSpace").ConfigurationSpace(box, seed=seed),
            output_directory=Path(folder), deterministic=True, n_trials=ENDLESS,
            min_budget=min(1.0, shortest), max_budget=1.0, seed=seed,
        )  # fmt: skip
        encoder = load("smac.runhistory.encoder").RunHistoryLogScaledEncoder
        return kind(
            scenario,
            acquisition_maximizer=_in_order(kind.get_acquisition_maximizer(scenario)),
            initial_design=kind.get_initial_design(scenario, n_configs=INITIAL),
            intensifier=kind.get_intensifier(scenario, eta=ETA),
            runhistory_encoder=encoder(scenario, considered_states=[ends.SUCCESS]),
            logging_level=False,
            overwrite=True,
        )


def _in_order(maximiser: Any) -> Any:
    """SMAC searches from a set of points, in the order of Python's hashes; here in one that lasts.

    It takes from a stream of random numbers point by point, so that one seed would not repeat.
    """
    search = maximiser._local_search
    points = search._get_init_points_from_previous_configs
    search._get_init_points_from_previous_configs = lambda *given: sorted(
        points(*given), key=lambda config: tuple(config.get_array())
    )
    return maximiser


def _names(problem: Problem) -> list[str]:
    """SMAC's parameters, one a domain."""
    return [f"u{i}" for i in range(len(problem.domains))]
