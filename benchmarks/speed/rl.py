"""PPO compiled whole, beside Stable-Baselines3's, learning on the same environment.

Steps of the environment a second of processor time, playing and learning together, on the flat view
of DataMixture-v0 with the same networks (two of two layers of 64). The bar is for each as it is
used: Stable-Baselines3 with its defaults (10 epochs in batches of 64), and the compiled one with
thousands of episodes at once and fewer, larger batches. The other rows are both with 4 epochs, and
both with 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import gymnasium as gym

from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement
from benchmarks.speed.play import source_of, task_of
from benchmarks.speed.rl_sb3 import absent
from benchmarks.speed.rl_settings import Recipe

OPTIONS: dict[str, Any] = {"reward": "improvement", "observation": "last", "curve": None}
JITTED = Recipe(episodes=2048, length=16, epochs=4, batches=8, rounds=2)
DEFAULT = Recipe(episodes=1, length=2048, epochs=10, batches=32)  # Stable-Baselines3's own
BAR, TURNS = Bar(50.0), 3
RIVAL = "Stable-Baselines3"


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Both, as used and with as many epochs as each other."""
    return measured(JITTED, DEFAULT)


def measured(jitted: Recipe, default: Recipe, turns: int = TURNS) -> list[Measurement]:
    """The three rows."""
    from benchmarks.speed import rl_jax, rl_sb3

    task, missing = task_of(gym.make("DataMixture-v0")), absent()
    pairs = {
        "as used": (jitted, default, BAR),
        "4 epochs each": (replace(jitted, epochs=4), replace(default, epochs=4), None),
        "10 epochs each": (replace(jitted, epochs=10), replace(default, epochs=10), None),
    }
    ours = {r for r, _, _ in pairs.values()}
    theirs = set() if missing else {r for _, r, _ in pairs.values()}
    works = {f"jax {r}": Work(rl_jax.trained(task, r, **OPTIONS), r.steps) for r in ours}
    works |= {f"sb3 {r}": Work(rl_sb3.trained(r, **OPTIONS), r.steps) for r in theirs}
    found = rates(works, turns)
    return [
        _row(name, found[f"jax {mine}"], found.get(f"sb3 {other}"), bar, source_of(task))
        for name, (mine, other, bar) in pairs.items()
    ]


def _row(
    name: str, ours: float, theirs: float | None, bar: Bar | None, surface: str
) -> Measurement:
    """A row; without a rival there is no ratio, and the bar is not measured."""
    if theirs is not None:
        return Measurement(f"PPO compiled, {name}", "steps/s", ours, RIVAL, theirs, bar, surface)
    note = f"not installed: {', '.join(absent())}; {ours:,.0f} compiled"
    return Measurement(
        f"PPO compiled, {name}", "steps/s", rival=RIVAL, bar=bar, surface=surface, note=note
    )
