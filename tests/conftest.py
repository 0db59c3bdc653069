"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mixenv.metrics import SLIMPAJAMA
from mixenv.surfaces.network import NetworkSurface
from mixenv.surfaces.slimpajama import from_arrays, published


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need the reference data skip without it, unless it was promised."""
    where = os.environ.get("MIXENV_REFERENCE")
    if where and Path(where).is_dir():
        return
    if os.environ.get("MIXENV_REFERENCE_REQUIRED"):
        raise pytest.UsageError(f"MIXENV_REFERENCE: expected a directory, got {where!r}")
    reason = "needs an optional directory of reference data, named by MIXENV_REFERENCE"
    for item in items:
        if "reference" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def reference() -> Path:
    """The optional directory of reference data."""
    return Path(os.environ["MIXENV_REFERENCE"])


@pytest.fixture(scope="session")
def simulator(reference: Path) -> NetworkSurface:
    """The published simulator."""
    return published(str(reference / "published" / "checkpoint_latest.pt"))


@pytest.fixture(scope="session")
def toy() -> NetworkSurface:
    """A small random network in the shape of the published simulator: losses near 2 to 4."""
    rng = np.random.default_rng(5)
    sizes = (7, 16, len(SLIMPAJAMA))
    arrays = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        arrays[f"W{i}"] = rng.normal(size=(fan_out, fan_in)) / fan_in**0.5
        arrays[f"b{i}"] = 0.1 * rng.normal(size=fan_out)
    accuracy = np.array([m.sign < 0 for m in SLIMPAJAMA])
    return from_arrays(
        "toy", "synthetic",
        arrays | {
            "x_mean": np.array([0.2] * 5 + [390.0, 9800.0]),
            "x_std": np.array([0.16] * 5 + [340.0, 5600.0]),
            "y_mean": np.where(accuracy, 0.4, 2.0),
            "y_std": np.where(accuracy, 0.03, 0.4),
        },
    )  # fmt: skip
