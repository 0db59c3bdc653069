"""A measurement: a figure, its rival's, their ratio and the bar set for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

REFERENCE = 183_000.0  # CartPole-v1 steps/s of the machine for which absolute bars were set
FIRST_CALL = 0.84  # seconds of Optuna's first call at n = 50, as known when 3 s were set for ours


@dataclass(frozen=True)
class Bar:
    """What a ratio should be: at least `ratio`, or at most."""

    ratio: float
    at_most: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.ratio) and self.ratio >= 0):
            raise ValueError(f"bar: expected a finite ratio, 0 or more, got {self.ratio!r}")

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is on the right side."""
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {figure(self.ratio)}"


@dataclass(frozen=True)
class Measurement:
    """One row: `value` in `unit`, and the rival's in the same unit.

    `value` None: not measured, and `note` says why. `rival_value` None: the bar is for the value.
    `bar` None: shown only. `surface`: whose numbers were asked for, with their provenance.
    """

    name: str
    unit: str
    value: float | None = None
    rival: str = ""
    rival_value: float | None = None
    bar: Bar | None = None
    surface: str = ""
    note: str = ""
    section: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise ValueError(f"measurement {self.name!r}: expected a note saying why it is absent")
        if self.rival_value is not None and not self.rival_value > 0:
            raise ValueError(
                f"measurement {self.name!r}: expected a rival above 0, got {self.rival_value!r}"
            )

    @property
    def ratio(self) -> float | None:
        """The value over the rival's."""
        if self.value is None or self.rival_value is None:
            return self.value
        return self.value / self.rival_value

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without a bar or a figure."""
        return None if self.bar is None or self.ratio is None else self.bar.holds(self.ratio)

    def record(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "section": self.section, "name": self.name, "unit": self.unit, "value": self.value,
            "rival": self.rival, "rival_value": self.rival_value, "ratio": self.ratio,
            "bar": self.bar and self.bar.ratio, "at_most": self.bar and self.bar.at_most,
            "met": self.met,
            "surface": self.surface, "note": self.note,
        }  # fmt: skip


def missing(names: Iterable[str], unit: str, why: str) -> list[Measurement]:
    """Rows of what could not be measured."""
    return [Measurement(name, unit, note=why) for name in names]


def figure(value: float | None) -> str:
    """A number in three or four digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def scaled(rate: float) -> Bar:
    """The bar for a ratio to CartPole that an absolute rate on the reference machine means."""
    return Bar(rate / REFERENCE)
