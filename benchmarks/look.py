"""How an agent looks: one colour and one dash, the same in every figure."""

from __future__ import annotations

from dataclasses import dataclass

# Okabe and Ito's colours, told apart by the colour-blind; dashes tell them apart in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ((), (3.7, 1.6), (6.4, 1.6, 1, 1.6), (5, 1, 1, 1, 1, 1), (1, 1.65), (1, 1), (7, 2))


@dataclass(frozen=True)
class Look:
    """A colour, and the lengths of dashes and gaps in widths of the line; none: no gaps."""

    colour: str
    dash: tuple[float, ...]


def look(index: int) -> Look:
    """The look of a suite's agent number `index`; 49 in all, then they repeat."""
    n = len(COLOURS)
    return Look(COLOURS[index % n], DASHES[(index + index // n) % n])
