"""What a page is made of: sections of tables, figures, listings, and groups that fold away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.look import Look
from benchmarks.table import Table


@dataclass(frozen=True)
class Plot:
    """One drawing: plotly's traces and layout, a heading, and in words what it shows."""

    title: str
    about: str
    traces: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int = 300  # pixels


@dataclass(frozen=True)
class Key:
    """An entry of a legend: a line with dashes, or else a swatch of colour, or a mark on it."""

    name: str
    colour: str
    dash: tuple[float, ...] | None = None
    mark: str = ""

    @classmethod
    def line(cls, name: str, look: Look) -> Key:
        """The key of a line."""
        return cls(name, look.colour, look.dash)


@dataclass(frozen=True)
class Figure:
    """Plots under one legend and one caption, side by side where there is room; "": no title.

    `toggles`: a click on a key hides the traces of that name.
    """

    title: str
    plots: Sequence[Plot]
    caption: str
    legend: Sequence[Key] = ()
    toggles: bool = False


@dataclass(frozen=True)
class Listing:
    """A text shown as it is, folded away."""

    title: str
    text: str


@dataclass(frozen=True)
class Group:
    """Parts that fold away under a title."""

    title: str
    parts: Sequence[Part]
    open: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the page; `anchor` is its id."""

    anchor: str
    title: str
    about: Sequence[str]
    parts: Sequence[Part] = field(default_factory=tuple)


Part = Table | Figure | Listing | Group
