"""`make_task`: a surface or its name in, a frozen task out, with the defaults of the paper."""

from __future__ import annotations

from collections.abc import Sequence

from mixenv.noise import NoiseSpec
from mixenv.objective import MetricSpec
from mixenv.runs.table import RunTable
from mixenv.scale import parse_scale, scale_label
from mixenv.surfaces import load_surface
from mixenv.surfaces.protocol import RecordedSurface, Surface
from mixenv.surfaces.rows import RowsSurface
from mixenv.task import Task


def make_task(
    surface: str | Surface | RunTable,
    *,
    metric: MetricSpec = "mean_loss",
    source: str | None = None,
    max_share: float = 1.0,
    budget: float = 8.0,
    noise: NoiseSpec | None = None,
    cost_weight: float = 1.0,
    target: tuple[str | float, int] | str | float | None = None,
    scales: Sequence[str | float] | None = None,
    steps: Sequence[int] | None = None,
    standardise: bool = False,
    resume: bool = True,
    strict: bool = False,
) -> Task:
    """A task on `surface`, an object or a name that `load_surface` knows (with its `source`).

    A `RunTable` is a surface of its recorded runs. Defaults: every scale and checkpoint of the
    surface, the largest scale and its last checkpoint as target, noise "seed" (none on recorded
    runs). A target that is a scale alone means its last checkpoint. Scales are parameters or labels
    such as "1B". Raises ValueError naming the option that does not fit.
    """
    if isinstance(surface, str):
        surface = load_surface(surface, source)
    elif isinstance(surface, RunTable):
        surface = RowsSurface(surface)
    if noise is None:
        noise = 0.0 if isinstance(surface, RecordedSurface) else "seed"
    chosen = surface.scales if scales is None else tuple(sorted(parse_scale(s) for s in scales))
    grid = surface.steps if steps is None else tuple(sorted(int(s) for s in steps))
    return Task(
        surface, metric, chosen, grid, _target(surface, target), max_share, budget, noise,
        cost_weight, standardise, resume, strict,
    )  # fmt: skip


def _target(
    surface: Surface, target: tuple[str | float, int] | str | float | None
) -> tuple[float, int]:
    """The target (scale, steps); the last checkpoint there is where no steps are given."""
    if isinstance(target, Sequence) and not isinstance(target, str):
        return parse_scale(target[0]), int(target[1])
    scale = surface.scales[-1] if target is None else parse_scale(target)
    if not isinstance(surface, RecordedSurface):
        return scale, surface.steps[-1]
    if scale not in surface.scales:
        known = ", ".join(scale_label(s) for s in surface.scales)
        raise ValueError(f"target: expected a scale among {known}, got {scale_label(scale)}")
    return scale, surface.longest(scale)
