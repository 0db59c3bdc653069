"""The checker of surfaces on recorded runs: every fault planted is named."""

from __future__ import annotations

import numpy as np
import pytest
from checks_bowl import changed, raising

from mixenv import check_surface
from mixenv.surfaces.rows import RowsSurface


def wrong_locate(self, mixture, scale):
    row, _ = RowsSurface.locate(self, mixture, scale)
    return row, 0.5


def other_locate_many(self, mixture, scale):
    rows, distances = RowsSurface.locate_many(self, mixture, scale)
    return rows + 1, distances


ROWS = [
    ({"pool": lambda self, s, t=0: np.empty((0, 3))}, "expected a mixture a run, got 0, 2"),
    (
        {"pool": lambda self, s, t=0: 2 * RowsSurface.pool(self, s, t)},
        "expected shares that sum to 1, got others",
    ),
    ({"locate": wrong_locate}, "expected a recorded mixture to be its own nearest run"),
    ({"locate_many": other_locate_many}, "expected locate_many to say what locate does"),
    ({"length": lambda self, row: 1}, "expected ascending checkpoints that end with length"),
    (
        {"metrics": lambda self, m, s, t: RowsSurface.metrics(self, m, s, t) + 1},
        "expected metrics at a recorded mixture to be what its run recorded",
    ),
    ({"locate_many": raising}, "raised RuntimeError: no such query"),
]


@pytest.mark.parametrize(("members", "fault"), ROWS, ids=[fault for _, fault in ROWS])
def test_a_fault_of_recorded_runs_is_named(recorded, members, fault):
    with pytest.raises(ValueError, match=rf"\n- recorded runs.*: {fault}"):
        check_surface(changed(RowsSurface, **members)(recorded))
