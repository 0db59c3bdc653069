"""Optuna's Gaussian-process sampler by ask and tell on a task, against random search at equal cost.

The class asks Optuna for a trial, trains its mixture at the target in full, and tells Optuna the
value: nothing else stands between the library and the task. Optuna knows boxes, not simplexes: a
trial is a logit a domain, and their softmax is moved to the nearest mixture under the cap. Such
mixtures lie nearer to the corners than uniform ones, which helps here: so it is compared with
random logits from the same box too.

    python docs/examples/optuna_ask_tell.py --figure optuna_ask_tell.png
    python docs/examples/optuna_ask_tell.py --small       # what the tests run
    cd docs/examples && mixenv bench --agents random --agent optuna_ask_tell:OptunaGP
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import optuna
import torch

import agents
import mixenv
from benchmarks.statistics import compare
from mixenv.simplex import project

BUDGET = 16.0  # target runs
RANDOM = 5  # trials before the model's first


class OptunaGP:
    """`optuna.samplers.GPSampler` over logits, one full run at the target a trial."""

    def __init__(self, problem: mixenv.Problem, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # or every study announces itself
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = optuna.samplers.GPSampler(seed=seed, n_startup_trials=RANDOM)
        self.problem, self.study = problem, optuna.create_study(sampler=sampler)
        self.best, self.value = np.full(len(problem.domains), 1 / len(problem.domains)), np.inf
        self.draw()

    def draw(self) -> None:
        """Ask Optuna for a trial; its mixture is the next to be trained."""
        self.trial = self.study.ask()
        names = (f"logit_{domain}" for domain in self.problem.domains)
        weights = np.exp([self.trial.suggest_float(name, -3.0, 3.0) for name in names])
        self.next = project(weights / weights.sum(), self.problem.max_share)

    def ask(self) -> mixenv.Experiment:
        """The trial's mixture, trained in full at the target."""
        return mixenv.Experiment(self.next, *self.problem.target)

    def tell(self, experiment: mixenv.Experiment, outcome: mixenv.Outcome) -> None:
        """Tell Optuna the objective; a run that failed is a trial that failed."""
        value = float(self.problem.objective(outcome.metrics))
        if np.isnan(value):
            self.study.tell(self.trial, state=optuna.trial.TrialState.FAIL)
        else:
            self.study.tell(self.trial, value)
        if value < self.value:
            self.best, self.value = experiment.mixture, value
        self.draw()

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the least value seen; equal shares before any."""
        return self.best


def play(make: Callable[[mixenv.Problem, int], agents.Agent], env: Any, seed: int) -> list[float]:
    """Regret, sd units, of the recommendation after each run of one episode."""
    task: mixenv.Task = env.unwrapped.task  # the truth, for us and not the agent
    agent, found = make(task.problem, seed), []

    def look(*_: object) -> None:
        found.append(task.regret(agent.recommend()) / task.sd)

    agents.rollout(agent, env, seed, on_step=look)
    return found


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Median and quartiles of the regret of curves [seeds, runs]."""
    from matplotlib.figure import Figure

    ax = (figure := Figure(figsize=(5, 3.5), layout="constrained")).subplots()
    for name, curve in curves.items():
        low, middle, high = np.quantile(curve, [0.25, 0.5, 0.75], axis=0)
        runs = np.arange(1, len(middle) + 1)
        ax.fill_between(runs, low, high, alpha=0.2)
        ax.plot(runs, middle, label=name)
    ax.set(xlabel="search cost (target runs)", ylabel="regret (sd)", ylim=(0, None))
    ax.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main(seeds: int = 20, figure: Path | None = None) -> dict[str, float]:
    """Play, print and assert the claim; the mean regrets after the last run."""
    torch.set_num_threads(1)
    env = gym.make("DataMixture-v0", budget=BUDGET, curve=None)
    kinds = {"random search": partial(agents.make, "random")}
    kinds |= {"random logits": partial(agents.make, "random-logit"), "Optuna GPSampler": OptunaGP}
    curves = {n: np.array([play(k, env, s) for s in range(seeds)]) for n, k in kinds.items()}
    last = {name: curve[:, -1] for name, curve in curves.items()}
    means = ", ".join(f"{name} {values.mean():.2f}" for name, values in last.items())
    print(f"regret in sd after {BUDGET:g} target runs: {means}")
    for name in ("random search", "random logits"):
        difference = compare(last["Optuna GPSampler"], last[name]).difference
        print(f"Optuna less {name}: {difference.shown()}, {seeds} seeds")
        assert difference.high < 0, f"Optuna: expected less regret than {name}"
    if figure:
        draw(curves, figure)
    return {name: float(values.mean()) for name, values in last.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="12 seeds, as in the tests")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    main(12 if given.small else given.seeds, given.figure)
