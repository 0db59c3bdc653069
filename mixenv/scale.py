"""Scales: parameters in, labels out ("20M" ... "1B"), and back."""

from __future__ import annotations

import re

_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_LABEL = re.compile(r"([0-9]*\.?[0-9]+)\s*([KMBT]?)", re.IGNORECASE)


def parse_scale(scale: str | float) -> float:
    """Parameters of a label such as "1B" or "70M", or of a number. Raises ValueError."""
    if isinstance(scale, str):
        match = _LABEL.fullmatch(scale.strip())
        if not match:
            raise ValueError(f'scale: expected a label such as "1B" or "20M", got {scale!r}')
        return float(match[1]) * _UNITS[match[2].upper()]
    return float(scale)


def scale_label(scale: float) -> str:
    """The shortest label of a number of parameters: 1e9 -> "1B", 2e7 -> "20M"."""
    for unit in ("T", "B", "M", "K"):
        if scale >= _UNITS[unit]:
            return f"{scale / _UNITS[unit]:.4g}{unit}"
    return f"{scale:.4g}"
