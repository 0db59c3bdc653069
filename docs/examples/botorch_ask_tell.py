"""BoTorch by ask and tell on a task, against random search at equal cost.

A Gaussian process of the objective over mixtures, and the largest logarithm of the expected
improvement (Ament et al., NeurIPS 2023) among mixtures drawn from the region and near the best, so
that no coordinates of the simplex are needed. Every experiment is one full run at the target.
Random search draws uniform mixtures; random logits give mixtures that lie nearer to the corners.

    python docs/examples/botorch_ask_tell.py --figure botorch_ask_tell.png
    python docs/examples/botorch_ask_tell.py --small      # what the tests run
    cd docs/examples && mixenv bench --agents random --agent botorch_ask_tell:BotorchEI
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from gpytorch.mlls import ExactMarginalLogLikelihood

import agents
import mixenv
from benchmarks.statistics import compare
from mixenv.simplex import project

BUDGET = 16.0  # target runs
RANDOM = 5  # mixtures before the model's first
CHOICES, NEAR = 500, 0.1  # of each kind; standard deviation of a share near the best


class BotorchEI:
    """`SingleTaskGP` and `LogExpectedImprovement`; random mixtures first."""

    def __init__(self, problem: mixenv.Problem, seed: int) -> None:
        self.problem, self.rng = problem, np.random.default_rng(seed)
        self.mixtures: list[np.ndarray] = []
        self.values: list[float] = []
        self.next = problem.region.sample(self.rng, 1)[0]

    def ask(self) -> mixenv.Experiment:
        """The next mixture, trained in full at the target."""
        return mixenv.Experiment(self.next, *self.problem.target)

    def tell(self, experiment: mixenv.Experiment, outcome: mixenv.Outcome) -> None:
        """Keep the objective, unless the run failed, and decide what is next."""
        value = float(self.problem.objective(outcome.metrics))
        if np.isfinite(value):
            self.mixtures.append(experiment.mixture)
            self.values.append(value)
        few = len(self.values) < RANDOM
        self.next = self.problem.region.sample(self.rng, 1)[0] if few else self.promising()

    def promising(self) -> np.ndarray:
        """The mixture [d] of the largest expected improvement; BoTorch maximises."""
        x, y = torch.tensor(np.array(self.mixtures)), -torch.tensor(self.values).double()
        model = SingleTaskGP(x, y[:, None])
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        gain, choices = LogExpectedImprovement(model, best_f=y.max()), self.choices()
        with torch.no_grad():
            return choices[int(gain(torch.tensor(choices)[:, None]).argmax())]

    def choices(self) -> np.ndarray:
        """Mixtures [n, d] to choose among: uniform over the region, and near the best so far."""
        near = self.recommend() + self.rng.normal(scale=NEAR, size=(CHOICES, len(self.next)))
        near = project(near, self.problem.max_share)
        return np.concatenate([self.problem.region.sample(self.rng, CHOICES), near])

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the least value seen; equal shares before any."""
        if not self.values:
            return np.full(len(self.problem.domains), 1 / len(self.problem.domains))
        return self.mixtures[int(np.argmin(self.values))]


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
    kinds |= {"random logits": partial(agents.make, "random-logit"), "BoTorch": BotorchEI}
    curves = {n: np.array([play(k, env, s) for s in range(seeds)]) for n, k in kinds.items()}
    last = {name: curve[:, -1] for name, curve in curves.items()}
    means = ", ".join(f"{name} {values.mean():.2f}" for name, values in last.items())
    print(f"regret in sd after {BUDGET:g} target runs: {means}")
    found = {n: compare(last["BoTorch"], last[n]).difference for n in last if n != "BoTorch"}
    for name, difference in found.items():
        print(f"BoTorch less {name}: {difference.shown()}, {seeds} seeds")
    assert found["random search"].high < 0, "BoTorch: expected less regret than random search"
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
