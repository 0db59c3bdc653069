"""Which table answers E1 to E8, and which of its scales stands for which of the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mixenv.runs.table import RunTable

FINISHED = 0.95  # of its scale's longest run: a run that got so far counts as finished


@dataclass(frozen=True)
class Study:
    """A table of `mixenv data list`; its scale `top` (parameters) stands for the paper's 1B.

    `cuts` are E6, E7 and E8: so many runs, trained to such a fraction of their length; none for a
    table without checkpoints.
    """

    table: str
    top: float
    cuts: tuple[tuple[int, float], ...]
    about: str

    def ladder(self, scales: Sequence[float]) -> tuple[float, ...]:
        """The scales from `top` down. Raises ValueError for a table without it or one smaller."""
        found = tuple(sorted((s for s in scales if s <= self.top), reverse=True))
        if len(found) < 2 or found[0] != self.top:
            raise ValueError(
                f"{self.table}: expected runs at {self.top:g} parameters and at a smaller scale, "
                f"got scales {sorted(scales)}; fetch the table again"
            )
        return found


STUDIES = {
    study.table: study
    for study in (
        Study(
            "slimpajama-472",
            1e9,
            ((16, 1.0), (22, 13_000 / 19_600), (32, 8_500 / 19_600)),
            "The paper's own runs: its 1B, 700M and 500M.",
        ),
        Study(
            "slimpajama-7",
            937e6,
            ((16, 1.0), (22, 0.7), (32, 0.5)),
            "937M (40 runs) stands for 1B, 680M (40) for 700M, 310M (60) for 500M; the 20 runs at "
            "1.235B and the 4 at 2.718B, too few to halve, take no part in E1 to E5. All scales "
            "trained the same mixtures: without the held-out ones, E2 learns no mixture that E1 "
            "does not, E3 does from 310M and 122M, and E5 from 310M.",
        ),
        Study(
            "regmix",
            1e9,
            (),
            "1B (64 runs) stands for 1B, 60M (256) for 700M, 1M (768) for 500M. 1B was evaluated "
            "by other means than the rest, and trained longer; no 1B mixture was trained at "
            "another scale, all 60M mixtures were at 1M. No checkpoints: no E6 to E8.",
        ),
    )
}


class Finals(NamedTuple):
    """Finished runs: positions in the table [n], shares [n, d], scales [n], last metrics [n, k]."""

    run: np.ndarray
    mixture: np.ndarray
    scale: np.ndarray
    values: np.ndarray


def finals(table: RunTable) -> Finals:
    """The runs that got to 95% of their scale's longest and whose last row has every metric."""
    last = np.flatnonzero(table.steps == table.length[table.run])
    run = table.run[last]
    longest = np.zeros(len(table.scale))
    for scale in table.scales:
        longest[table.scale == scale] = table.length[table.scale == scale].max()
    whole = np.isfinite(table.values[last]).all(axis=1)
    kept = whole & (table.length[run] >= FINISHED * longest[run])
    run = run[kept]
    return Finals(run, table.mixture[run], table.scale[run], table.values[last[kept]])


def recurs(mixtures: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which of some mixtures [n, d] are also among others [m, d], to 1e-6: [n]."""
    known = {row.tobytes() for row in _rounded(among)}
    return np.array([row.tobytes() in known for row in _rounded(mixtures)], dtype=bool)


def _rounded(mixtures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.round(mixtures * 1e6).astype(np.int64))
