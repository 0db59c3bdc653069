"""A claim, what was measured of it on one seed, and the bounds that hold or do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Bound:
    """Where a value should be: from `low` to `high`, the ends left out where `strict`.

    Raises ValueError where nothing fits.
    """

    low: float = -math.inf
    high: float = math.inf
    strict: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(
                f"bound: expected low < high, got {self.low!r} and {self.high!r}; swap them"
            )

    def holds(self, value: float) -> bool:
        """Whether a value is inside; NaN never is."""
        inside = self.low <= value <= self.high
        return inside and not (self.strict and value in (self.low, self.high))

    def __str__(self) -> str:
        equal = "" if self.strict else "="
        if math.isinf(self.low):
            return f"<{equal} {self.high:g}"
        if math.isinf(self.high):
            return f">{equal} {self.low:g}"
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Row:
    """One figure: `bound` None is shown only; `long` needs models trained at full length."""

    what: str
    value: float
    bound: Bound | None = None
    long: bool = False

    def met(self, quick: bool) -> bool | None:
        """Whether the bound holds; None without one, or where a quick look cannot tell."""
        return None if self.bound is None or (quick and self.long) else self.bound.holds(self.value)


@dataclass(frozen=True)
class Measured:
    """What was found on one seed: figures, a sentence, and curves for the figures by name."""

    rows: tuple[Row, ...]
    said: str = ""
    curves: dict[str, Any] = field(default_factory=dict)


Measure = Callable[[Any], Measured]


@dataclass(frozen=True)
class Claim:
    """`id`, what is claimed, and where it is measured: "module:function" of this package."""

    id: str
    text: str
    where: str

    def measure(self, shop: Any) -> Measured:
        """Measure it in a shop (`benchmarks.claims.shop.Shop`)."""
        module, _, name = self.where.partition(":")
        return getattr(import_module(f"benchmarks.claims.{module}"), name)(shop)
