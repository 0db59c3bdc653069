"""A small network and a few points."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import numpy as np
import pytest

from agents.sequence import model
from agents.sequence.config import Config


@pytest.fixture(scope="session")
def small(jit) -> SimpleNamespace:
    """Random weights (2 layers, 16 wide), 12 points of 3 features with outcomes."""
    config, rng = Config(3, layers=2, width=16, heads=2, hidden=16), np.random.default_rng(1)
    made = jit(model.initial, static_argnums=0)(config, jax.random.key(1))
    params = jax.tree.map(lambda a: 2 * np.array(a), made)
    x, z = rng.normal(size=(12, 3)), rng.normal(size=12)
    return SimpleNamespace(
        config=config, params=params, x=x.astype(np.float32), z=z.astype(np.float32)
    )


@pytest.fixture(scope="session")
def predict(jit):
    """`model.predict` of 12 points by name of the mask, compiled once a mask and network."""

    def predict(params, config, x, z, mask, context=0):
        return model.predict(params, config, x, z, mask, context)

    return jit(predict, static_argnames=("config", "mask"))
