"""Stable-Baselines3's PPO on the flat view, against random search and the best constant action.

Every episode is another synthetic task: six full runs at the target, whose regret is that of the
best mixture seen. The policy reads the history of the episode and says the next mixture, so it has
to learn how to search: no mixture is good for all tasks. The reward is `improvement`, in standard
deviations of the task's objective; its sum over an episode is how far the best value came down.

The constant is the mixture of least mean regret, noise-free, over 500 training tasks, among all of
the lattice of tenths: an oracle's choice. Random search draws mixtures uniformly, which does better
here than random actions of the box. All three are judged on the same held-out tasks and noise, at
the same cost.

    python docs/examples/sb3_ppo.py --figure sb3_ppo.png
    python docs/examples/sb3_ppo.py --small               # what the tests run
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.wrappers import FlattenObservation
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

import agents
import mixenv
from benchmarks.statistics import compare
from mixenv import wrappers

BUDGET = 6  # target runs, and experiments: every one is a full run at the target


def plain(split: str = "train") -> gym.Env[Any, Any]:
    """A new synthetic task at each reset; the cost is the same for all, and left out."""
    options: dict[str, Any] = {"budget": float(BUDGET), "max_experiments": BUDGET, "curve": None}
    return gym.make(
        "DataMixtureSynthetic-v0", instance=None, split=split, reward="improvement",
        cost_weight=0.0, disable_env_checker=True, **options,
    )  # fmt: skip


def flat(split: str = "train") -> gym.Env[Any, Any]:
    """Its flat view: the logits of a mixture in, one float32 vector out."""
    view = wrappers.FixedSteps(wrappers.FixedScale(plain(split)))  # both at the target's
    return FlattenObservation(wrappers.NormalisedReward(wrappers.FlatAction(view)))


def train(steps: int, seed: int) -> PPO:
    """A policy trained for so many experiments, on as many tasks as they make episodes."""
    torch.set_num_threads(1)
    envs = DummyVecEnv([flat] * 16)
    model = PPO(
        "MlpPolicy", envs, n_steps=96, batch_size=256, learning_rate=lambda left: 1e-3 * left,
        gamma=1.0, policy_kwargs={"log_std_init": -0.5}, seed=seed, device="cpu",
    )  # fmt: skip
    return model.learn(steps)


def policy_regrets(model: PPO, seed: int) -> list[float]:
    """Regret, sd units, of the best mixture seen after each run of one episode."""
    env = flat("heldout")
    seen, _ = env.reset(seed=seed)
    task: mixenv.Task = env.unwrapped.task  # type: ignore[attr-defined]  # the truth, to judge
    found, best, regret, over = [], np.inf, np.nan, False
    while not over:
        action, _ = model.predict(seen, deterministic=True)
        seen, _, terminated, truncated, info = env.step(action)
        value, over = float(task.objective(info["metrics"])), terminated or truncated
        if value < best:
            best, regret = value, task.regret(info["experiment"]["mixture"]) / task.sd
        found.append(regret)
    return found


def other_regrets(constant: np.ndarray, seed: int) -> tuple[list[float], list[float]]:
    """The same of random search, and of the constant mixture, on the same task and noise."""
    env = plain("heldout")
    env.reset(seed=seed)
    task: mixenv.Task = env.unwrapped.task  # type: ignore[attr-defined]
    agent = agents.make("random", task.problem, seed)
    found: list[float] = []
    agents.rollout(
        agent, env, seed, lambda *_: found.append(task.regret(agent.recommend()) / task.sd)
    )
    return found, [task.regret(constant) / task.sd] * BUDGET


def best_constant(tasks: int = 500) -> np.ndarray:
    """The mixture [d] of the lattice with the least mean regret over training tasks."""
    env, total = plain(), 0.0
    mixtures = wrappers.MultiDiscreteAction(env).mixtures
    for seed in range(tasks):
        env.reset(seed=seed)
        task: mixenv.Task = env.unwrapped.task  # type: ignore[attr-defined]
        at = (np.full(len(mixtures), x) for x in task.target)
        total = total + task.objective(task.surface.metrics(mixtures, *at)) / task.sd
    return mixtures[np.argmin(total)]


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Median and quartiles of the regret of curves [tasks, runs]."""
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


def main(
    steps: int = 100_000, tasks: int = 200, seed: int = 0, figure: Path | None = None
) -> dict[str, float]:
    """Train, judge, print and assert the claims; mean regrets after the last run."""
    model, constant = train(steps, seed), best_constant()
    others = np.array([other_regrets(constant, s) for s in range(tasks)])
    curves = {
        "PPO": np.array([policy_regrets(model, s) for s in range(tasks)]),
        "random search": others[:, 0],
        "best constant": others[:, 1],
    }
    last = {name: curve[:, -1] for name, curve in curves.items()}
    print(f"PPO, {steps} steps: regret {last['PPO'].mean():.2f} sd on {tasks} held-out tasks")
    for name in ("random search", "best constant"):
        difference = compare(last["PPO"], last[name]).difference
        print(f"{name}: {last[name].mean():.2f}; PPO less it {difference.shown()}")
        assert difference.high < 0, f"PPO: expected less regret than {name}"
    if figure:
        draw(curves, figure)
    return {name: float(values.mean()) for name, values in last.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="short training, as in the tests")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    small = {"steps": 70_000, "tasks": 150} if given.small else {}
    chosen = {"steps": given.steps, "tasks": given.tasks, "seed": given.seed, **small}
    main(**chosen, figure=given.figure)
