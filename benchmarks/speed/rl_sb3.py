"""Stable-Baselines3's PPO on the flat view of an environment, where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import gymnasium as gym

from benchmarks.speed.rl_settings import CLIP, DECAY, DISCOUNT, Recipe

NEEDED = ("stable_baselines3", "torch")


def absent() -> list[str]:
    """Those of the packages needed that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def flat(**options: Any) -> gym.Env[Any, Any]:
    """One environment: a Box of coordinates in, one vector out."""
    from mixenv.wrappers import FlatAction

    env = gym.make("DataMixture-v0", disable_env_checker=True, **options)
    return gym.wrappers.FlattenObservation(FlatAction(env))


def trained(recipe: Recipe, **options: Any) -> Callable[[], object]:
    """A call that plays and learns from `recipe.steps` steps more, on one thread."""
    import_module("torch").set_num_threads(1)
    sb3 = import_module("stable_baselines3")
    vec = import_module("stable_baselines3.common.vec_env")
    envs = vec.DummyVecEnv([lambda: flat(**options)] * recipe.episodes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of batches that do not divide a round
        model = sb3.PPO(
            "MlpPolicy", envs, n_steps=recipe.length, n_epochs=recipe.epochs,
            batch_size=recipe.episodes * recipe.length // recipe.batches, clip_range=CLIP,
            gamma=DISCOUNT, gae_lambda=DECAY, seed=0, device="cpu",
        )  # fmt: skip
    return lambda: model.learn(recipe.steps, reset_num_timesteps=False)
