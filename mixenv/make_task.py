"""`make_task`: a surface or its name in, a frozen task out, with the defaults of the paper."""

from __future__ import annotations

from collections.abc import Sequence

from mixenv.noise import NoiseSpec
from mixenv.objective import MetricSpec
from mixenv.scale import parse_scale
from mixenv.surfaces import load_surface
from mixenv.surfaces.protocol import RecordedSurface, Surface
from mixenv.task import Task


def make_task(
    surface: str | Surface,
    *,
    metric: MetricSpec = "mean_loss",
    source: str | None = None,
    max_share: float = 1.0,
    budget: float = 8.0,
    noise: NoiseSpec | None = None,
    cost_weight: float = 1.0,
    target: tuple[str | float, int] | None = None,
    scales: Sequence[str | float] | None = None,
    steps: Sequence[int] | None = None,
    standardise: bool = False,
    resume: bool = True,
    strict: bool = False,
) -> Task:
    """A task on `surface`, an object or a name that `load_surface` knows (with its `source`).

    Defaults: every scale and checkpoint of the surface, the largest scale and last checkpoint as
    target, noise "seed" (none on recorded runs). Scales are parameters or labels such as "1B".
    Raises ValueError naming the option that does not fit.
    """
    if isinstance(surface, str):
        surface = load_surface(surface, source)
    if noise is None:
        noise = 0.0 if isinstance(surface, RecordedSurface) else "seed"
    chosen = surface.scales if scales is None else tuple(sorted(parse_scale(s) for s in scales))
    grid = surface.steps if steps is None else tuple(sorted(int(s) for s in steps))
    at = (surface.scales[-1], surface.steps[-1])
    if target is not None:
        at = (parse_scale(target[0]), int(target[1]))
    return Task(
        surface, metric, chosen, grid, at, max_share, budget, noise, cost_weight, standardise,
        resume, strict,
    )  # fmt: skip
