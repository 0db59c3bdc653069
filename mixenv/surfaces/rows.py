"""A surface of recorded runs only: a query is answered by the nearest recorded mixture."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from mixenv.checkpoints import snap
from mixenv.metrics import Metric
from mixenv.runs import read_table
from mixenv.runs.table import RunTable

_CHUNK = 16_384  # differences between queries and a pool held at once


@lru_cache(maxsize=8)
def rows_surface(name: str, source: str | None = None) -> RowsSurface:
    """The runs of a table that `mixenv data list` names, or of the synthetic replica."""
    if name == "replica":
        from mixenv.replica import replica  # a replica is made from a surface

        return RowsSurface(replica())
    return RowsSurface(read_table(name, source))


@dataclass(frozen=True, eq=False)
class RowsSurface:
    """The runs of a table, each standing for the mixtures nearest to it (total variation).

    Checkpoints that lack a metric are left out, and runs left with none. The grid of steps holds
    every checkpoint of every scale. A run trains to its own last checkpoint at or before the steps
    asked for (its end, where it ended early), or to its first one: nothing is known before it.
    Raises ValueError for a table without a complete checkpoint.
    """

    table: RunTable

    def __post_init__(self) -> None:
        if not len(self._rows):
            raise ValueError(
                f"run table {self.table.name!r}: expected checkpoints with every metric, got none"
            )

    @cached_property
    def _rows(self) -> np.ndarray:
        """Positions of the complete rows, ordered by run and steps."""
        complete = np.flatnonzero(np.isfinite(self.table.values).all(axis=1))
        return complete[np.lexsort((self.table.steps[complete], self.table.run[complete]))]

    @cached_property
    def _spans(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Steps [m] and metrics [m, k] of every run that has any."""
        runs, first = np.unique(self.table.run[self._rows], return_index=True)
        parts = np.split(self._rows, first[1:])
        table = self.table
        return {int(r): (table.steps[p], table.values[p]) for r, p in zip(runs, parts, strict=True)}

    @cached_property
    def _pools(self) -> dict[float, np.ndarray]:
        """The usable runs of each scale, by position in the table."""
        usable = np.array(sorted(self._spans))
        return {s: usable[self.table.scale[usable] == s] for s in self.scales}

    @property
    def name(self) -> str:
        """rows:TABLE."""
        return f"rows:{self.table.name}"

    @property
    def provenance(self) -> str:
        """Measured or synthetic, as the table says."""
        return self.table.provenance

    @property
    def support(self) -> str:
        """Where the surface rests on runs."""
        return f"{len(self._spans)} recorded runs; between them the nearest one answers"

    @property
    def fingerprint(self) -> str:
        """A hash of the table."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for array in (self.table.mixture, self.table.scale, self.table.steps, self.table.values):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the domains."""
        return self.table.domains

    @property
    def metric_set(self) -> tuple[Metric, ...]:
        """The metrics."""
        return self.table.metrics

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the metrics."""
        return tuple(m.name for m in self.table.metrics)

    @property
    def scales(self) -> tuple[float, ...]:
        """Scales with a usable run, ascending."""
        return self._scales

    @cached_property
    def _scales(self) -> tuple[float, ...]:
        return tuple(float(s) for s in np.unique(self.table.scale[sorted(self._spans)]))

    @property
    def steps(self) -> tuple[int, ...]:
        """The checkpoints of all its runs."""
        return self._steps

    @cached_property
    def _steps(self) -> tuple[int, ...]:
        return tuple(np.unique(self.table.steps[self._rows]).tolist())

    @property
    def cost_unit(self) -> str:
        """The unit of the table's costs."""
        return self.table.cost_unit

    def step_cost(self, scale: float) -> float:
        """Cost of one step at `scale` parameters, the median of its runs."""
        return float(np.median(self.table.step_cost[self._pools[scale]]))

    def runs(self, scale: float, steps: int = 0) -> np.ndarray:
        """Positions [n] of the scale's runs that reach `steps`; of all where none does."""
        runs = self._pools[scale]
        reaching = runs[[self.length(r) >= steps for r in runs.tolist()]]
        return reaching if len(reaching) else runs

    def pool(self, scale: float, steps: int = 0) -> np.ndarray:
        """The recorded mixtures [n, d] of a scale, of runs that reach `steps`."""
        return self.table.mixture[self.runs(scale, steps)]

    def longest(self, scale: float) -> int:
        """Steps at which the longest recorded run of a scale ends."""
        return max(self.length(r) for r in self._pools[scale].tolist())

    def mixture(self, row: int) -> np.ndarray:
        """The shares [d] of a recorded run."""
        return self.table.mixture[row]

    def length(self, row: int) -> int:
        """Steps at which a recorded run ends."""
        return int(self._spans[row][0][-1])

    def locate(self, mixture: np.ndarray, scale: float) -> tuple[int, float]:
        """The nearest recorded run of that scale, and its total-variation distance."""
        runs, shares = self._transposed[scale]
        apart = np.abs(shares - mixture[:, None]).sum(axis=0)
        best = apart.argmin()
        return int(runs[best]), 0.5 * float(apart[best])

    def locate_many(self, mixture: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Indices [n] of the runs nearest to mixtures [n, d], and total variations [n]."""
        runs, shares = self._transposed[scale]
        best, apart = nearest(mixture, shares)
        return runs[best], 0.5 * apart

    @cached_property
    def _transposed(self) -> dict[float, tuple[np.ndarray, np.ndarray]]:
        """The runs [n] of each scale and their shares [d, n]: sums over rows are the quick ones."""
        shares = self.table.mixture
        return {s: (r, np.ascontiguousarray(shares[r].T)) for s, r in self._pools.items()}

    def checkpoints(self, row: int) -> np.ndarray:
        """The steps [m], ascending, that a recorded run logged."""
        return self._spans[row][0]

    def trained(self, scale: float, steps: np.ndarray) -> np.ndarray:
        """The steps [m] that a run of a scale trains when asked for `steps` [m]."""
        known = np.unique(np.concatenate([self.checkpoints(r) for r in self._pools[scale]]))
        return snap(known, steps)

    def recorded(self, row: int, steps: np.ndarray) -> np.ndarray:
        """Metrics [m, k] of a run at the last recorded checkpoint at or before each of `steps`."""
        known, values = self._spans[row]
        return values[np.maximum(np.searchsorted(known, steps, side="right") - 1, 0)]

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, k] of the nearest runs that reach `steps` [n], at those steps."""
        mixture, scale, steps = np.asarray(mixture), np.asarray(scale), np.asarray(steps)
        out = np.empty((len(mixture), len(self.metric_set)))
        for s, t in {(float(s), int(t)) for s, t in zip(scale, steps, strict=True)}:
            asked = np.flatnonzero((scale == s) & (steps == t))
            runs = self.runs(s, t)
            answers = np.concatenate([self.recorded(r, np.array([t])) for r in runs.tolist()])
            shares = np.ascontiguousarray(self.table.mixture[runs].T)
            out[asked] = answers[nearest(mixture[asked], shares)[0]]
        return out

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, m, k] at checkpoints steps [n, m], of the nearest runs that reach each."""
        steps = np.asarray(steps)
        n, m = steps.shape
        flat = self.metrics(np.repeat(mixture, m, axis=0), np.repeat(scale, m), steps.ravel())
        return flat.reshape(n, m, -1)


def nearest(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions [n] of the pool's mixtures [d, m] nearest to queries [n, d]; sums of differences.

    Adds up domain by domain, over chunks that stay in the cache; of equals the first is nearest.
    """
    best, apart = np.empty(len(queries), dtype=np.int64), np.empty(len(queries))
    chunk = max(1, _CHUNK // max(1, pool.shape[1]))
    for i in range(0, len(queries), chunk):
        part = np.ascontiguousarray(queries[i : i + chunk].T)
        total = np.abs(part[0][:, None] - pool[0])
        away = np.empty_like(total)
        for shares, recorded in zip(part[1:], pool[1:], strict=True):
            np.subtract(shares[:, None], recorded, out=away)
            total += np.abs(away, out=away)
        found = total.argmin(axis=1)
        best[i : i + chunk], apart[i : i + chunk] = found, total[np.arange(len(found)), found]
    return best, apart
