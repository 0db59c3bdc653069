"""The report: one table, the manifest, and both as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.measurement import FIRST_CALL, REFERENCE, Measurement, figure
from benchmarks.speed.sections import ACCELERATED
from benchmarks.table import Table

_COLUMNS = ("section", "name", "rival", "figure", "rival's", "unit", "ratio", "bar", "met")
PAGE, RECORD = "speed.md", "speed.json"
_HOW = (
    "Processor time of one process on one thread, the best of several turns, taken in turns with "
    "the rival (of GP engines one turn of several calls); ratios of figures of one run. Bars for "
    f"absolute rates are divided by CartPole-v1's {REFERENCE:,.0f} steps/s on the machine for "
    "which they were set. A cold start has two bars: 3 s, and those by the "
    f"{FIRST_CALL} s that Optuna's first call took when they were set."
)
_WALL = (
    "Of sections gpu and gpu_gp: wall-clock time, the devices of one machine in one run, programs "
    "compiled before; the CPU has one thread (OMP_NUM_THREADS=1, NPROC=1)."
)


def table(found: Sequence[Measurement]) -> Table:
    """Every measurement; the notes say how they were made and whose numbers were asked for."""
    surfaces = sorted({m.surface for m in found if m.surface})
    origin = [f"Surfaces and their provenance: {', '.join(surfaces)}."] if surfaces else []
    wall = [_WALL] if any(m.section in ACCELERATED and m.value is not None for m in found) else []
    rows = [_row(m) for m in found]
    return Table("Speed", _COLUMNS, rows, [_HOW, *wall, *origin], words=3)


def _row(m: Measurement) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: "-" if m.value is not None else "not measured"}[m.met]
    rival = ": ".join(filter(None, (m.rival, m.note)))
    bar = "-" if m.bar is None else str(m.bar)
    return (
        m.section, m.name, rival or "-", figure(m.value), figure(m.rival_value), m.unit or "-",
        figure(m.ratio), bar, met,
    )  # fmt: skip


def write(
    found: Sequence[Measurement], manifest: Mapping[str, Any], folder: Path
) -> tuple[Path, Path]:
    """Write speed.md and speed.json to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    page, record = folder / PAGE, folder / RECORD
    told = json.dumps(manifest, indent=2)
    page.write_text(f"{table(found).markdown()}\n\n```json\n{told}\n```\n", encoding="utf-8")
    content = {"manifest": manifest, "measurements": [m.record() for m in found]}
    record.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return page, record
