"""The two-arm bandit with a known prior, where every policy's decision is exact.

theta_i ~ N(0, spread_i^2), a pull of arm i shows theta_i + N(0, noise_i^2); larger is better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

SPREAD, NOISE = (0.5, 0.9), (0.5, 0.1)
PATH = 100  # rewards that multi-step inference imagines for an arm


@dataclass(eq=False)
class Pulls:
    """What many runs have seen: `rewards` [runs, arms, rounds] filled up to `count` [runs, arms].

    `total` [runs, arms] is the sum of the rewards.
    """

    rewards: np.ndarray
    count: np.ndarray = field(init=False)
    total: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.count = np.zeros(self.rewards.shape[:2], dtype=int)
        self.total = np.zeros(self.rewards.shape[:2])

    def add(self, arm: np.ndarray, reward: np.ndarray) -> None:
        """Each run [runs] has pulled one arm."""
        run = np.arange(len(arm))
        self.rewards[run, arm, self.count[run, arm]] = reward
        self.count[run, arm] += 1
        self.total[run, arm] += reward


Policy = Callable[[Pulls, np.random.Generator], np.ndarray]


def posterior(pulls: Pulls) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance [runs, arms] of theta."""
    spread, noise = np.array(SPREAD), np.array(NOISE)
    precision = 1 / spread**2 + pulls.count / noise**2
    return pulls.total / noise**2 / precision, 1 / precision


def thompson(pulls: Pulls, rng: np.random.Generator) -> np.ndarray:
    """Draws [runs, arms] of theta: exact Thompson sampling."""
    return _drawn(pulls, rng, 0.0)


def multi(pulls: Pulls, rng: np.random.Generator) -> np.ndarray:
    """Means [runs, arms] of `PATH` imagined rewards: multi-step inference."""
    return _drawn(pulls, rng, np.array(NOISE) ** 2 / PATH)


def readout(pulls: Pulls, rng: np.random.Generator, path: int = 24) -> np.ndarray:
    """Predictive means [runs, arms] after `path` imagined rewards."""
    mean, variance = posterior(pulls)
    learned = variance**2 / (variance + np.array(NOISE) ** 2 / path)
    return mean + np.sqrt(learned) * rng.normal(size=mean.shape)


def single(pulls: Pulls, rng: np.random.Generator) -> np.ndarray:
    """One predictive reward [runs, arms]: single-step inference."""
    return _drawn(pulls, rng, np.array(NOISE) ** 2)


def greedy(pulls: Pulls, rng: np.random.Generator) -> np.ndarray:
    """Predictive means [runs, arms]; ties are broken at random."""
    return posterior(pulls)[0] + 1e-9 * rng.normal(size=pulls.count.shape)


POLICIES: dict[str, Policy] = {
    "thompson": thompson, "multi": multi, "readout": readout, "single": single, "greedy": greedy,
}  # fmt: skip


def play(policy: Policy, runs: int, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Cumulative regret [runs, rounds] of pulling the arm that `policy` scores highest."""
    spread, noise = np.array(SPREAD), np.array(NOISE)
    theta = spread * rng.normal(size=(runs, len(spread)))
    every = np.arange(runs)
    pulls = Pulls(np.zeros((runs, len(spread), rounds)))
    regret = np.zeros((runs, rounds))
    for t in range(rounds):
        arm = policy(pulls, rng).argmax(axis=1)
        regret[:, t] = theta.max(axis=1) - theta[every, arm]
        pulls.add(arm, theta[every, arm] + noise[arm] * rng.normal(size=runs))
    return regret.cumsum(axis=1)


def _drawn(pulls: Pulls, rng: np.random.Generator, extra: np.ndarray | float) -> np.ndarray:
    mean, variance = posterior(pulls)
    return mean + np.sqrt(variance + extra) * rng.normal(size=mean.shape)
