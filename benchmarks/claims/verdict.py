"""The seeds of a claim together: figures with their range, and a verdict.

A bound is met where every seed meets it. A quick look can miss one because it is quick: where
that may be, it says that nothing is settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.claims.claim import Bound, Claim, Measured, Row
from benchmarks.claims.effort import smaller
from benchmarks.table import Table

MET, MISSED, UNTESTED, SHOWN = "yes", "NO", "not tested", "-"
UNSETTLED = "not settled"  # missed by a quick look, where it trains and plays too little
SHORT = ("C4", "C5", "C6")  # the claims of which that is so
MEASURED = "measured"  # a claim without a bound: its sign is reported whichever it is
_COLUMNS = ("claim", "what", "measured", "range", "bound", "met")
_NOTES = (
    "Measured: mean over seeds; range: least and greatest seed; met: on every seed. "
    "Rows without a bound are shown beside.",
)


@dataclass(frozen=True)
class Line:
    """One figure over seeds: values [seeds], in the order of the seeds."""

    what: str
    values: tuple[float, ...]
    bound: Bound | None
    met: str

    @classmethod
    def of(cls, rows: Sequence[Row], quick: bool, missed: str = MISSED) -> Line:
        """The same row of several seeds; `missed` says what one is that missed its bound."""
        each = [row.met(quick) for row in rows]
        untested = UNTESTED if rows[0].bound is not None else SHOWN
        met = untested if None in each else MET if all(each) else missed
        return cls(rows[0].what, tuple(row.value for row in rows), rows[0].bound, met)


@dataclass(frozen=True)
class Found:
    """A claim over seeds."""

    claim: Claim
    lines: tuple[Line, ...]
    said: tuple[str, ...]  # one a seed

    @classmethod
    def of(cls, claim: Claim, measured: Sequence[Measured], quick: bool) -> Found:
        """From what each seed showed; rows are told apart by what they say."""
        names = dict.fromkeys(row.what for m in measured for row in m.rows)
        lines = [[row for m in measured for row in m.rows if row.what == name] for name in names]
        missed = UNSETTLED if quick and claim.id in SHORT else MISSED
        each = tuple(Line.of(rows, quick, missed) for rows in lines)
        return cls(claim, each, tuple(m.said for m in measured))

    @property
    def met(self) -> str:
        """The claim's own verdict: missed if any bound is, met if all that were tested are."""
        said = {line.met for line in self.lines}
        return next((v for v in (MISSED, UNSETTLED, UNTESTED, MET) if v in said), MEASURED)

    def record(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "id": self.claim.id, "claim": self.claim.text, "met": self.met, "said": self.said,
            "lines": [
                {"what": line.what, "values": line.values, "met": line.met,
                 "bound": line.bound and str(line.bound)}
                for line in self.lines
            ],
        }  # fmt: skip


def table(found: Sequence[Found], seeds: int, quick: bool) -> Table:
    """All claims with their figures."""
    rows = [_cells(f.claim, line) for f in found for line in f.lines]
    look = (
        [
            "Quick: short training and few runs; what needs full training is not tested, and where "
            f"a miss may be for want of it nothing is settled. Smaller: {smaller()}."
        ]
        if quick
        else []
    )
    return Table(
        f"Claims, {seeds} seed{'s' * (seeds > 1)}", _COLUMNS, rows, [*look, *_NOTES], words=2
    )


def summary(found: Sequence[Found]) -> Table:
    """One row a claim."""
    rows = [(f.claim.id, f.claim.text, f.met) for f in found]
    return Table("Verdicts", ("claim", "says", "met"), rows, words=2)


def _cells(claim: Claim, line: Line) -> tuple[str, ...]:
    low, high = min(line.values), max(line.values)
    spread = f"{_shown(low)} to {_shown(high)}" if len(line.values) > 1 else "-"
    bound = "-" if line.bound is None else str(line.bound)
    return claim.id, line.what, _shown(float(np.mean(line.values))), spread, bound, line.met


def _shown(value: float) -> str:
    return f"{value:.2e}" if 0 < abs(value) < 1e-3 else f"{value:.3g}"


def curves(measured: Sequence[Measured]) -> Mapping[str, list[Any]]:
    """Curves by name, one entry a seed."""
    found: dict[str, list[Any]] = {}
    for m in measured:
        for name, value in m.curves.items():
            found.setdefault(name, []).append(value)
    return found
