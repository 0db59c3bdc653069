"""`Ladder`: where recorded runs can stop, kept as one row where all log the same steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixenv.batch.ladder import look, pool_ladder
from mixenv.checkpoints import snap
from mixenv.surfaces.rows import RowsSurface

STEPS = (100, 150, 300, 350, 400)


@pytest.fixture(params=["alike", "apart"])
def surface(request, recorded):
    """Runs that log every 100 steps as far as they go, or some of them every 200."""
    if request.param == "alike":
        return RowsSurface(recorded)
    kept = (recorded.run < 2) | (recorded.steps % 200 == 0)
    fields = {name: getattr(recorded, name)[kept] for name in ("run", "steps", "values")}
    return RowsSurface(replace(recorded, **fields))


def test_requests_and_searches_find_the_checkpoints_of_each_run(surface, recorded):
    ladder = pool_ladder(surface, STEPS, np.empty(0, dtype=np.int64))
    alike = surface.table is recorded
    assert len(ladder.steps) == len(ladder.wanted) == (1 if alike else len(ladder.runs))
    for row, run in enumerate(ladder.runs.tolist()):
        known, rows = surface.checkpoints(run), np.full(len(STEPS), row, dtype=np.int32)
        wanted = ladder.request(rows, np.arange(len(STEPS)), np)
        np.testing.assert_array_equal(look(ladder.steps, rows, wanted), snap(known, STEPS))
        limits = np.arange(known[-1] + 1)
        last = ladder.last(np.full(len(limits), row, dtype=np.int32), limits)
        last = np.minimum(last, ladder.ends[row])  # as far as was asked for
        np.testing.assert_array_equal(last, known.searchsorted(limits, side="right"))
