"""What NumPy and JAX arrays do not spell alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def put(array: Any, index: Any, value: Any) -> Any:
    """`array` with `value` at `index`: written in place in NumPy, a new array in JAX."""
    if isinstance(array, np.ndarray):
        array[index] = value
        return array
    return array.at[index].set(value)
