"""Scales: parameters in, labels out ("20M" ... "1B"), and back."""

from __future__ import annotations

import re

import numpy as np

_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_LABEL = re.compile(r"([0-9]*\.?[0-9]+)\s*([KMBT]?)", re.IGNORECASE)


def parse_scale(scale: str | float, name: str = "scale") -> float:
    """Parameters of a label such as "1B" or "70M", or of a number.

    Raises ValueError, naming the option `name`, for anything else.
    """
    if isinstance(scale, int | float | np.integer | np.floating) and not isinstance(scale, bool):
        return float(scale)
    match = _LABEL.fullmatch(scale.strip()) if isinstance(scale, str) else None
    if not match:
        raise ValueError(
            f'{name}: expected a label such as "1B" or "20M", got {scale!r}; '
            "or pass the number of parameters"
        )
    return float(match[1]) * _UNITS[match[2].upper()]


def scale_label(scale: float) -> str:
    """The shortest label of a number of parameters: 1e9 -> "1B", 2e7 -> "20M"."""
    for unit in ("T", "B", "M", "K"):
        if scale >= _UNITS[unit]:
            return f"{scale / _UNITS[unit]:.4g}{unit}"
    return f"{scale:.4g}"
