"""Synthetic tasks at random, to learn from or to test: surfaces, objectives, noise and budgets.

Instances of surfaces below `HELD_OUT` are for evaluation: none is ever drawn to train on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixenv import options
from mixenv.make_task import make_task
from mixenv.noise import NoiseSpec, check_noise
from mixenv.objective import MetricSpec
from mixenv.surfaces.synthetic_maker import make_synthetic, synthetic_name
from mixenv.task import Task

HELD_OUT, INSTANCES = 1_000_000, 2**31
SPLITS = ("train", "heldout")
DRAWN = ("budget", "metric", "noise")  # options of an environment that may be drawn from
WEIGHED = ("loss_1", "loss_2", "loss_3")
WEIGHTS = "weights"  # stands for a weighted sum of the losses, weights from Dirichlet(1)
METRICS = ("mean_loss", "loss_1", "loss_2", "loss_3", WEIGHTS, WEIGHTS, WEIGHTS)
NOISES = ("seed", "seed", 2.0, 4.0, "0.5sd", "1sd", "heteroscedastic")


def drawn_instance(rng: np.random.Generator, split: str = "train") -> int:
    """The number of a surface to train on, or of one held out."""
    options.one_of("split", split, SPLITS)
    low, high = (0, HELD_OUT) if split == "heldout" else (HELD_OUT, INSTANCES)
    return int(rng.integers(low, high))


@dataclass(frozen=True)
class SyntheticTasks:
    """A distribution of tasks on synthetic surfaces of `domains` domains.

    `transfer`: low and high of a uniform correlation of the smallest scale's ranking with the
    target's. `metrics` and `noises`: what is drawn from, each as likely ("weights" is a weighted
    sum of the losses). `budget`: low and high, target runs, drawn evenly by logarithm. `split`:
    instances to train on, or those held out. Raises ValueError for options that do not fit.
    """

    domains: int = 5
    transfer: tuple[float, float] = (-1.0, 1.0)
    metrics: tuple[MetricSpec, ...] = METRICS
    noises: tuple[NoiseSpec, ...] = NOISES
    budget: tuple[float, float] = (2.0, 64.0)
    max_share: float = 0.5
    cost_weight: float = 1.0
    split: str = "train"

    def __post_init__(self) -> None:
        options.one_of("split", self.split, SPLITS)
        example("budget", self.budget)
        for end in span("transfer", self.transfer):
            make_synthetic(synthetic_name(domains=self.domains, transfer=end))
        example("metric", self.metrics)
        example("noise", self.noises)
        for noise in self.noises:
            check_noise(noise)

    def draw(self, rng: np.random.Generator) -> Task:
        """One task."""
        instance, transfer = drawn_instance(rng, self.split), drawn(rng, "transfer", self.transfer)
        surface = synthetic_name(domains=self.domains, instance=instance, transfer=transfer)
        return make_task(
            make_synthetic(surface),
            metric=drawn(rng, "metric", self.metrics),
            noise=drawn(rng, "noise", self.noises),
            budget=drawn(rng, "budget", self.budget),
            max_share=self.max_share,
            cost_weight=self.cost_weight,
        )


def drawn(rng: np.random.Generator, name: str, values: Sequence[Any]) -> Any:
    """A value of the option `name`, of a range (transfer, budget) or among several."""
    if name == "transfer":
        return float(rng.uniform(*values))
    if name == "budget":
        return float(np.exp(rng.uniform(*np.log(values))))
    value = values[int(rng.integers(len(values)))]
    if value == WEIGHTS:
        shares = rng.dirichlet(np.ones(len(WEIGHED))).tolist()
        return dict(zip(WEIGHED, shares, strict=True))
    return dict(value) if isinstance(value, Mapping) else value


def example(name: str, values: Sequence[Any]) -> Any:
    """A value of an option that is drawn: the highest of a range, checked, or the first of several.

    Raises ValueError for a range that is none, a budget of nothing, and none to draw from.
    """
    if name in ("transfer", "budget"):
        low, high = span(name, values)
        if name == "budget" and low <= 0:
            raise ValueError(f"budget: expected target runs, more than 0, got {values!r}")
        return high
    if not len(values):
        raise ValueError(f"{name}: expected at least one to draw from, got none")
    first = values[0]
    return dict.fromkeys(WEIGHED, 1 / len(WEIGHED)) if first == WEIGHTS else first


def span(name: str, value: Any) -> tuple[float, float]:
    """Low and high, checked. Raises ValueError for anything else."""
    ends = options.several(name, value, "(low, high)")
    if len(ends) != 2:
        raise ValueError(f"{name}: expected a low and a high, got {value!r}; pass (low, high)")
    low, high = (options.number(name, end) for end in ends)
    if not low <= high:
        raise ValueError(f"{name}: expected a low and a high, got {value!r}; pass the lower first")
    return low, high
