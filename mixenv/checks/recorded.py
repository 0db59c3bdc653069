"""What a surface of recorded runs must keep besides: each run answers for itself."""

from __future__ import annotations

import numpy as np

from mixenv.checks.faults import Faults
from mixenv.simplex import TOLERANCE
from mixenv.surfaces.protocol import RecordedSurface

RUNS = 6  # looked at, of each scale


def recorded_faults(faults: Faults, surface: RecordedSurface) -> None:
    """Note what is wrong with the recorded runs of each scale."""
    for scale in surface.scales:
        pool, runs = surface.pool(scale), surface.runs(scale)
        at = f"recorded runs at {scale:g}"
        same = len(pool) == len(runs) > 0
        if not faults.expect(same, f"{at}: expected a mixture a run, got {len(pool)}, {len(runs)}"):
            continue
        sums = (np.abs(pool.sum(axis=1) - 1) <= TOLERANCE).all() and (pool >= -TOLERANCE).all()
        faults.expect(sums, f"{at}: expected shares that sum to 1, got others")
        for i in np.unique(np.linspace(0, len(runs) - 1, RUNS).astype(int)).tolist():
            _run(faults, surface, at, pool[i], scale)
        many, _ = surface.locate_many(pool[:RUNS], scale)
        alone = [surface.locate(mixture, scale)[0] for mixture in pool[:RUNS]]
        faults.expect(list(many) == alone, f"{at}: expected locate_many to say what locate does")


def _run(
    faults: Faults, surface: RecordedSurface, at: str, mixture: np.ndarray, scale: float
) -> None:
    """A recorded mixture is its own nearest run, and that run's log is the surface."""
    row, distance = surface.locate(mixture, scale)
    nearest = distance <= TOLERANCE and np.allclose(surface.mixture(row), mixture, atol=TOLERANCE)
    if not faults.expect(nearest, f"{at}: expected a recorded mixture to be its own nearest run"):
        return
    steps = surface.checkpoints(row)
    ascend = len(steps) and (np.diff(steps) > 0).all() and steps[-1] == surface.length(row)
    if not faults.expect(ascend, f"{at}: expected ascending checkpoints that end with length"):
        return
    n = len(steps)
    answered = surface.metrics(np.tile(mixture, (n, 1)), np.full(n, scale), steps)
    faults.expect(
        np.array_equal(surface.recorded(row, steps), answered),
        f"{at}: expected metrics at a recorded mixture to be what its run recorded",
    )
