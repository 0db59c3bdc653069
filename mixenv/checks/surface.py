"""`check_surface`: a surface in, silence or a ValueError that lists what is wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from mixenv import simplex
from mixenv.checks.description import costs, grid, names
from mixenv.checks.faults import Faults
from mixenv.checks.recorded import recorded_faults
from mixenv.surfaces.protocol import RecordedSurface, Surface

PARTS = (
    "name", "provenance", "support", "fingerprint", "domains", "metric_set", "metric_names",
    "scales", "steps", "cost_unit", "step_cost", "metrics", "curve",
)  # fmt: skip
QUERIES, POINTS = 8, 5
CLOSE = 1e-9  # a product of matrices rounds by its size


def check_surface(surface: Surface) -> None:
    """Check that `surface` keeps the protocol `mixenv.Surface`, on a few queries of its grid.

    Checked: names and metrics are unique; scales and steps ascend; costs are positive; metrics are
    float64, finite, of the right shape, the same alone and in a batch, the same when asked again,
    and leave their arguments as they are; a curve is the metrics at its checkpoints; the
    fingerprint is stable; of recorded runs, that each answers for itself. Raises ValueError with a
    list of all that is wrong.
    """
    faults = Faults(f"surface {getattr(surface, 'name', surface)!r}")
    faults.found += surface_faults(surface)
    faults.report()


def surface_faults(surface: Any) -> list[str]:
    """What is wrong with a surface, a sentence each."""
    faults = Faults("surface")
    missing = [part for part in PARTS if not hasattr(surface, part)]
    if not faults.expect(not missing, f"expected the attributes of a Surface, no {missing}"):
        return faults.found
    before = surface.fingerprint
    with faults.guard("names"):
        names(faults, surface)
    with faults.guard("grid"):
        if grid(faults, surface):
            _numbers(faults, surface)
    same = before == surface.fingerprint == deepcopy(surface).fingerprint
    faults.expect(same, "fingerprint: expected the same one after queries and in a copy")
    return faults.found


def _numbers(faults: Faults, surface: Surface) -> None:
    """What is answered on the grid."""
    checks = {"step_cost": costs, "metrics": _metrics, "curve": _curve}
    for what, check in checks.items():
        with faults.guard(what):
            check(faults, surface)
    if isinstance(surface, RecordedSurface):
        with faults.guard("recorded runs"):
            recorded_faults(faults, surface)


def queries(surface: Surface) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mixtures [n, d], scales [n] and steps [n, m] of the surface's grid, always the same."""
    rng = np.random.default_rng(11)
    mixture = simplex.sample(rng, QUERIES, len(surface.domains))
    scale = np.array(surface.scales)[rng.integers(len(surface.scales), size=QUERIES)]
    steps = np.array(surface.steps)[rng.integers(len(surface.steps), size=(QUERIES, POINTS))]
    return mixture, scale, np.sort(steps, axis=1)


def _metrics(faults: Faults, surface: Surface) -> None:
    """Shape, type, finite numbers; batches, repetitions, arguments."""
    mixture, scale, steps = queries(surface)
    asked = (mixture, scale, steps[:, -1])
    kept = deepcopy(asked)
    got = surface.metrics(*asked)
    if not _is_array(faults, "metrics", got, (QUERIES, len(surface.metric_set))):
        return
    intact = all(np.array_equal(a, b) for a, b in zip(asked, kept, strict=True))
    faults.expect(intact, "metrics: expected its arguments to stay as they are, got them changed")
    again = surface.metrics(*kept)
    faults.expect(np.array_equal(got, again), "metrics: expected the same numbers when asked again")
    single = np.concatenate(
        [surface.metrics(*(a[i : i + 1] for a in kept)) for i in range(QUERIES)]
    )
    faults.expect(
        np.allclose(got, single, rtol=CLOSE, atol=CLOSE),
        "metrics: expected a batch to equal its queries alone",
    )


def _curve(faults: Faults, surface: Surface) -> None:
    """A curve is the metrics at its checkpoints."""
    mixture, scale, steps = queries(surface)
    got = surface.curve(mixture, scale, steps)
    if not _is_array(faults, "curve", got, (*steps.shape, len(surface.metric_set))):
        return
    points = np.stack([surface.metrics(mixture, scale, t) for t in steps.T], axis=1)
    faults.expect(
        np.allclose(got, points, rtol=CLOSE, atol=CLOSE),
        "curve: expected the metrics at its checkpoints",
    )


def _is_array(faults: Faults, what: str, got: Any, shape: tuple[int, ...]) -> bool:
    """Whether `got` is a finite float64 array of this shape."""
    array = isinstance(got, np.ndarray) and got.dtype == np.float64
    kind = getattr(got, "dtype", type(got).__name__)
    return (
        faults.expect(array, f"{what}: expected a float64 array, got {kind}")
        and faults.expect(got.shape == shape, f"{what}: expected shape {shape}, got {got.shape}")
        and faults.expect(np.isfinite(got).all(), f"{what}: expected finite numbers, got others")
    )
