"""Who plays many episodes of the mixture bandit at once: the network by a rule, or an agent.

The network reads features of the mixture at the target and z = (y - value at the centroid) / sd,
constants of the task, the same for every rule.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from agents.sequence import generate, weights
from agents.sequence.config import Config
from agents.sequence.inputs import features
from agents.sequence.model import Params
from benchmarks.ours import our_agents
from mixenv.bandit import BanditEnv
from mixenv.problem import Experiment, Outcome
from mixenv.region import RecordedMixtures

RULES = ("multi", "single", "greedy", "random")
ANCHORS = 24


class Player(ABC):
    """Decides for every episode; arms are rows of `BanditEnv.arms`."""

    @abstractmethod
    def choose(self, t: int) -> np.ndarray:
        """The arm of each episode [runs] at round `t`."""

    @abstractmethod
    def learn(self, t: int, arm: np.ndarray, infos: Sequence[dict]) -> None:
        """What the arms [runs] showed at round `t`."""

    @abstractmethod
    def best(self) -> np.ndarray:
        """The arm of each episode [runs] that it would train at the end."""


class Network(Player):
    """The shipped network deciding by one of `RULES`; recommends its least predictive mean."""

    def __init__(self, envs: Sequence[BanditEnv], rule: str, seed: int) -> None:
        if rule not in RULES:
            raise ValueError(f"rule: expected one of {', '.join(RULES)}, got {rule!r}; choose one")
        shipped, task = weights.default(), envs[0].task
        self._model, self._rule = (shipped.params, shipped.config), rule
        one = np.ones(len(envs[0].arms))
        self._x = jnp.asarray([features(env.arms, one, one) for env in envs], jnp.float32)
        rounds, self._task, d = int(task.budget), task, len(task.surface.domains)
        self._centre = task.value(np.full(d, 1 / d))
        self._seen_x = np.zeros((len(envs), rounds, self._x.shape[-1]), np.float32)
        self._seen_z, self._count = np.zeros((len(envs), rounds), np.float32), 0
        self._key = jax.random.key(seed)

    def choose(self, t: int) -> np.ndarray:
        """By the rule."""
        keys = jax.random.split(jax.random.fold_in(self._key, t), len(self._x))
        return np.asarray(self._decided(self._rule, keys))

    def learn(self, t: int, arm: np.ndarray, infos: Sequence[dict]) -> None:
        """Append the outcomes."""
        values = np.array([self._task.objective(info["metrics"]) for info in infos])
        self._seen_x[:, t] = np.asarray(self._x)[np.arange(len(arm)), arm]
        self._seen_z[:, t] = (values - self._centre) / self._task.sd
        self._count = t + 1

    def best(self) -> np.ndarray:
        """The least predictive mean."""
        return np.asarray(self._decided("greedy", jax.random.split(self._key, len(self._x))))

    def _decided(self, rule: str, keys: Array) -> Array:
        seen = (jnp.asarray(self._seen_x), jnp.asarray(self._seen_z), jnp.asarray(self._count))
        return _decided(*self._model, rule, *seen, self._x, keys)


class Agents(Player):
    """A registered agent in each episode, on a problem whose only mixtures are the arms."""

    def __init__(self, envs: Sequence[BanditEnv], name: str, seeds: Sequence[int]) -> None:
        self._arms = [env.arms for env in envs]
        self._agents = [
            our_agents().make(name, _pooled(env), seed)
            for env, seed in zip(envs, seeds, strict=True)
        ]

    def choose(self, t: int) -> np.ndarray:
        """What each agent asks for."""
        return self._nearest([agent.ask().mixture for agent in self._agents])

    def learn(self, t: int, arm: np.ndarray, infos: Sequence[dict]) -> None:
        """Tell each agent."""
        for agent, info in zip(self._agents, infos, strict=True):
            agent.tell(Experiment.from_info(info), Outcome.from_info(info))

    def best(self) -> np.ndarray:
        """What each agent recommends."""
        return self._nearest([agent.recommend() for agent in self._agents])

    def _nearest(self, mixtures: Sequence[np.ndarray]) -> np.ndarray:
        gaps = [abs(arms - w).sum(axis=1) for arms, w in zip(self._arms, mixtures, strict=True)]
        return np.array([gap.argmin() for gap in gaps])


def _pooled(env: BanditEnv):
    """The task's problem, with the arms as the pool at its one scale."""
    problem = env.task.problem
    pools = {problem.target[0]: env.arms}
    return replace(problem, region=RecordedMixtures(env.arms), pools=pools)


@partial(jax.jit, static_argnames=("config", "rule"))
def _decided(
    params: Params, config: Config, rule: str, x: Array, z: Array, count: Array, points: Array,
    keys: Array,
) -> Array:  # fmt: skip
    """The arm [runs] by a rule, after the first `count` outcomes z [runs, n] at x [runs, n, p]."""

    def one(x: Array, z: Array, points: Array, key: Array) -> Array:
        first, second = jax.random.split(key)
        context = generate.Context(x, z, jnp.arange(len(z)) < count)
        if rule == "random":
            return jax.random.randint(first, (), 0, len(points))
        if rule == "multi":
            anchors = jax.random.permutation(first, points)[None, :ANCHORS]
            mean, _ = generate.draws(params, config, context, anchors, points, second[None])
            return mean[0].argmin()
        mean, sd = generate.now(params, config, context, points)
        eps = jax.random.normal(first, mean.shape) if rule == "single" else 0.0
        return (mean + sd * eps).argmin()

    return jax.vmap(one)(x, z, points, keys)
