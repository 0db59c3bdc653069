"""float64 for the length of a block, whatever JAX's global setting."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module

import jax


def float64() -> AbstractContextManager[object]:
    """A context in which JAX computes in float64: single precision breaks GP fits."""
    enable = getattr(jax, "enable_x64", None)
    if enable is None:  # JAX before 0.8
        enable = import_module("jax.experimental").enable_x64
    return enable(True)
