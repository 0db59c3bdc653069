"""float64 for a block, on every JAX."""

from __future__ import annotations

import jax
import numpy as np

from agents.gp.precision import float64


def test_double_precision_ends_with_the_block():
    before = jax.numpy.ones(1).dtype
    with float64():
        assert jax.numpy.ones(1).dtype == np.float64
    assert jax.numpy.ones(1).dtype == before


def test_double_precision_before_jax_0_8(monkeypatch):
    monkeypatch.delattr(jax, "enable_x64", raising=False)
    monkeypatch.setattr("jax.experimental.enable_x64", lambda on: ("old", on), raising=False)
    assert float64() == ("old", True)
