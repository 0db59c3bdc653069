"""Checkpoints of a recording: the steps asked for in, the steps that it holds out."""

from __future__ import annotations

from typing import Any

import numpy as np


def snap(known: np.ndarray, steps: Any) -> Any:
    """The last of `known` [m] (ascending) at or before each of `steps`, else the first of them."""
    return known[np.maximum(np.searchsorted(known, steps, side="right") - 1, 0)]
