"""Your own agent in 20 lines: a hill climber, against random search at equal cost.

The class needs nothing but a `Problem` and a seed. This script plays it by `agents.rollout`; the
benchmark plays it by its name, here beside random search, and writes a report:

    python docs/examples/own_agent.py --figure own_agent.png
    python docs/examples/own_agent.py --small             # what the tests run
    cd docs/examples && mixenv bench --agents random --agent own_agent:HillClimber
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import gymnasium as gym
import numpy as np

import agents
import mixenv
from benchmarks.statistics import compare

FIRST = 1000  # the first seed judged; the agent was written with others in view


class HillClimber:
    """Moves tokens between two domains of the best mixture so far, one scale below the target."""

    def __init__(self, problem, seed):
        self.problem, self.rng = problem, np.random.default_rng(seed)
        self.best, self.value = np.full(len(problem.domains), 1 / len(problem.domains)), np.inf
        self.next = self.best

    def ask(self):
        target, _ = self.problem.target
        scale = max((s for s in self.problem.scales if s < target), default=target)
        return mixenv.Experiment(self.next, scale, self.problem.steps[-1])

    def tell(self, experiment, outcome):
        value = self.problem.objective(outcome.metrics)  # lower is better; NaN: the run failed
        if value < self.value:
            self.best, self.value = experiment.mixture, value
        one, other = self.rng.choice(len(self.best), 2, replace=False)
        room = min(self.best[one], self.problem.max_share - self.best[other])
        self.next = self.best.copy()
        self.next[[one, other]] += np.array([-1, 1]) * min(room, 0.5 * self.rng.uniform())

    def recommend(self):
        return self.best


Maker = Callable[[mixenv.Problem, int], agents.Agent]


def play(make: Maker, env: gym.Env, seed: int, costs: np.ndarray) -> np.ndarray:
    """Regret [n], sd units, of what is recommended after search costs [n] in target runs."""
    task = env.unwrapped.task  # type: ignore[attr-defined]  # the truth, for us and not the agent
    agent = make(task.problem, seed)
    spent, regrets = [0.0], [task.regret(agent.recommend())]

    def look(_experiment: object, outcome: mixenv.Outcome, _seconds: float) -> None:
        spent.append(spent[-1] + outcome.cost)
        regrets.append(task.regret(agent.recommend()))

    agents.rollout(agent, env, seed, on_step=look)
    return np.array(regrets)[np.searchsorted(spent, costs + 1e-9) - 1] / task.sd


def draw(costs: np.ndarray, curves: dict[str, np.ndarray], path: Path) -> None:
    """Median and quartiles of the regret of curves [seeds, n] at costs [n]."""
    from matplotlib.figure import Figure

    ax = (figure := Figure(figsize=(5, 3.5), layout="constrained")).subplots()
    for name, curve in curves.items():
        low, middle, high = np.quantile(curve, [0.25, 0.5, 0.75], axis=0)
        ax.fill_between(costs, low, high, alpha=0.2, step="post")
        ax.plot(costs, middle, label=name, drawstyle="steps-post")
    ax.set(xlabel="search cost (target runs)", ylabel="regret (sd)", ylim=(0, None))
    ax.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main(seeds: int = 40, figure: Path | None = None) -> dict[str, float]:
    """Play, print and assert the claim; the mean regrets and their difference."""
    env = gym.make("DataMixture-v0", budget=16.0, curve=None, max_experiments=1024)
    costs = np.linspace(1, 16, 31)
    kinds = {"random": partial(agents.make, "random"), "HillClimber": HillClimber}
    curves = {
        name: np.array([play(kind, env, s, costs) for s in range(FIRST, FIRST + seeds)])
        for name, kind in kinds.items()
    }
    last = {name: curve[:, -1] for name, curve in curves.items()}
    difference = compare(last["HillClimber"], last["random"]).difference
    print(
        f"HillClimber: regret {last['HillClimber'].mean():.2f} sd after 16 target runs, random "
        f"search {last['random'].mean():.2f}; difference {difference.shown()}, {seeds} seeds"
    )
    assert difference.high < 0, "HillClimber: expected less regret than random search"
    if figure:
        draw(costs, curves, figure)
    return {name: float(values.mean()) for name, values in last.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="12 seeds, as in the tests")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    main(12 if given.small else given.seeds, given.figure)
