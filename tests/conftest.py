"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from mixenv.metrics import SLIMPAJAMA, accuracy, loss
from mixenv.runs.table import RunTable
from mixenv.surfaces.network import NetworkSurface
from mixenv.surfaces.slimpajama import from_arrays, published

hypothesis.settings.register_profile("bounded", derandomize=True, deadline=None, max_examples=40)
hypothesis.settings.load_profile("bounded")


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


@pytest.fixture
def float64() -> Iterator[None]:
    """JAX in double precision for the length of a test."""
    import jax

    enable = getattr(jax, "enable_x64", None)
    if enable is None:  # JAX before 0.8
        from jax.experimental import enable_x64 as enable
    with enable(True):
        yield


@pytest.fixture(scope="session")
def jit() -> Callable[..., Callable]:
    """`jax.jit` that compiles several times as fast, for what runs a few times only."""
    import jax

    from agents.sequence.compiling import hasty

    return partial(jax.jit, compiler_options=hasty())


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """For the length of a module JAX compiles without most optimisations, the package's too."""
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(scope="session")
def recorded() -> RunTable:
    """Seven made-up runs on three domains at 1M and 1B; every value names its run and steps.

    Run 1 and run 4 end early, run 5 is empty, run 6 has the shares of run 3.
    """
    mixture = np.array([
        [0.5, 0.3, 0.2], [0.2, 0.2, 0.6],
        [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5], [0.9, 0.05, 0.05], [0.1, 0.8, 0.1],
    ])  # fmt: skip
    ends = [300, 200, 400, 400, 200, 0, 400]
    run = np.repeat(np.arange(7), [end // 100 for end in ends])
    steps = np.concatenate([np.arange(100, end + 1, 100) for end in ends])
    losses = 3.0 - 0.07 * run - steps / 1000
    return RunTable(
        name="made-up",
        domains=("web", "code", "books"),
        metrics=(loss("web"), loss("code"), accuracy("quiz", 100)),
        mixture=mixture,
        scale=np.array([1e6] * 2 + [1e9] * 5),
        step_cost=np.array([2e12] * 2 + [1e15] * 5),
        run=run,
        steps=steps,
        values=np.stack([losses, losses + 0.01 * (run == 3), 0.2 + 0.01 * run], axis=1),
        provenance="synthetic",
    )
