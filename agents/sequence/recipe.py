"""How the weights that ship are trained, and the loss by which another training is compared."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from os import PathLike
from typing import Any

import jax
import numpy as np
from jax import Array

from agents.sequence import masks, prior
from agents.sequence.config import Config
from agents.sequence.inputs import FEATURES
from agents.sequence.train import Plan, Prior, Progress, loss, train
from agents.sequence.weights import Weights

SEED, STEPS = 0, 7000
BATCH, LENGTH = 24, 80  # sequences a step, outcomes a sequence
CONFIG = Config(FEATURES)
_HELD_OUT = 0x68656C64  # "held": tasks that no seed trains on
_BATCHES = 16


def tasks(key: Array, batch: int, length: int = LENGTH) -> tuple[Array, Array]:
    """Points x [batch, length, 7] and outcomes z [batch, length] of the agent's prior."""
    return prior.sample(key, batch, length)


def trained(
    mask: str = masks.CAUSAL,
    steps: int = STEPS,
    seed: int = SEED,
    *,
    path: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Weights:
    """Weights trained from a seed; `path` and `progress` as in `train`, which raises."""
    found = train(
        tasks, CONFIG, mask, Plan(steps, BATCH), seed, path=path, every=250, progress=progress
    )
    weights = Weights(found.params, CONFIG, {"mask": mask, "seed": seed, "steps": steps})
    return weights._replace(about={**weights.about, **_about(weights)})


def held_out(weights: Weights, batches: int = _BATCHES) -> float:
    """Mean loss (nats an outcome) on tasks held out, the same for all weights of a mask.

    Where the mask has a context its size goes round 0, 5, 10, ... over the batches.
    """
    value = _evaluator(tasks, weights.config, str(weights.about["mask"]))
    keys = jax.random.split(jax.random.key(_HELD_OUT), batches)
    contexts = [5 * i % (LENGTH - 1) for i in range(batches)]
    each = [float(value(weights.params, k, c)) for k, c in zip(keys, contexts, strict=True)]
    return float(np.mean(each))


@lru_cache(maxsize=4)
def _evaluator(prior: Prior, config: Config, mask: str) -> Callable[[Any, Array, int], Array]:
    def value(params: Any, key: Array, context: int) -> Array:
        x, z = prior(key, BATCH)
        return loss(params, config, x, z, mask, context)

    return jax.jit(value)


def _about(weights: Weights) -> dict[str, Any]:
    libraries = {name: version(name) for name in ("jax", "optax")}
    return {"batch": BATCH, "length": LENGTH, "loss": held_out(weights), "versions": libraries}
