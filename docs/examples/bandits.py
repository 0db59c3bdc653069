"""LinUCB and Thompson sampling on `DataMixtureBandit-v0`, against uniform choice.

Sixteen mixtures are the arms; a pull is one full run at the target, as noisy as arms differ. Both
agents fit one linear model of the reward, on an arm's shares and their squares, so that a pull of
one arm tells of its neighbours. Every seed draws other arms and other noise; regret is summed over
the pulls, noise-free, in standard deviations of the objective over the region.

    python docs/examples/bandits.py --figure bandits.png
    python docs/examples/bandits.py --small               # what the tests run
"""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from pathlib import Path

import gymnasium as gym
import numpy as np

import mixenv
from benchmarks.statistics import compare

WIDTH = 1.0  # of LinUCB's bound, in standard deviations of the estimate


class Chooser(ABC):
    """Bayesian linear regression with unit noise and a standard normal prior on the weights."""

    def __init__(self, arms: np.ndarray, seed: int) -> None:
        features = np.column_stack([arms, arms**2])
        spread = features.std(axis=0)
        self.features = np.column_stack(
            [np.ones(len(arms)), (features - features.mean(0)) / spread]
        )
        self.precision = np.eye(self.features.shape[1])
        self.pulled = np.zeros(self.features.shape[1])
        self.rng = np.random.default_rng(seed)

    @abstractmethod
    def ask(self) -> int:
        """The arm to pull."""

    def tell(self, arm: int, reward: float) -> None:
        """Learn a reward, in sd units."""
        self.precision += np.outer(self.features[arm], self.features[arm])
        self.pulled += self.features[arm] * reward


class Uniform(Chooser):
    """Any arm, whatever was seen."""

    def ask(self) -> int:
        """An arm at random."""
        return int(self.rng.integers(len(self.features)))


class LinUCB(Chooser):
    """The largest upper bound (Li et al., WWW 2010)."""

    def ask(self) -> int:
        """The arm of the largest mean plus WIDTH standard deviations."""
        covariance = np.linalg.inv(self.precision)
        spread = np.sqrt(np.sum(self.features @ covariance * self.features, axis=1))
        bound = self.features @ covariance @ self.pulled + WIDTH * spread
        return int(bound.argmax())


class Thompson(Chooser):
    """The best arm of a draw from the posterior (Agrawal and Goyal, ICML 2013)."""

    def ask(self) -> int:
        """The arm that weights drawn from the posterior call best."""
        covariance = np.linalg.inv(self.precision)
        weights = self.rng.multivariate_normal(covariance @ self.pulled, covariance)
        return int((self.features @ weights).argmax())


def play(kind: type[Chooser], seed: int) -> np.ndarray:
    """Regret [n] summed up to each of the pulls of one episode, in sd units."""
    env = mixenv.wrappers.NormalisedReward(
        gym.make("DataMixtureBandit-v0", instance=seed, disable_env_checker=True), centre=True
    )
    bandit = env.unwrapped
    chooser, pulls, over = kind(bandit.arms, seed), [], False  # type: ignore[attr-defined]
    env.reset(seed=seed)
    while not over:
        arm = chooser.ask()
        _, reward, terminated, truncated, _ = env.step(arm)
        chooser.tell(arm, reward)
        pulls.append(arm)
        over = terminated or truncated
    return np.cumsum(bandit.arm_regrets[pulls]) / bandit.task.sd  # type: ignore[attr-defined]


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Median and quartiles of curves [seeds, pulls]."""
    from matplotlib.figure import Figure

    ax = (figure := Figure(figsize=(5, 3.5), layout="constrained")).subplots()
    for name, curve in curves.items():
        low, middle, high = np.quantile(curve, [0.25, 0.5, 0.75], axis=0)
        pulls = np.arange(1, len(middle) + 1)
        ax.fill_between(pulls, low, high, alpha=0.2)
        ax.plot(pulls, middle, label=name)
    ax.set(xlabel="pulls", ylabel="cumulative regret (sd)")
    ax.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main(seeds: int = 100, figure: Path | None = None) -> dict[str, float]:
    """Play, print and assert the claims; the mean differences from uniform choice by agent."""
    curves = {
        k.__name__: np.array([play(k, s) for s in range(seeds)])
        for k in (Uniform, LinUCB, Thompson)
    }
    found = {}
    for name in ("LinUCB", "Thompson"):
        last, against = curves[name][:, -1], curves["Uniform"][:, -1]
        difference = compare(last, against).difference
        found[name] = difference.value
        print(
            f"{name}: cumulative regret {last.mean():.1f} sd after {curves[name].shape[1]} pulls, "
            f"uniform choice {against.mean():.1f}; difference {difference.shown(1)}, {seeds} seeds"
        )
        assert difference.high < 0, f"{name}: expected less regret than uniform choice"
    if figure:
        draw(curves, figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="10 seeds, as in the tests")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    main(10 if given.small else given.seeds, given.figure)
