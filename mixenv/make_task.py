"""`make_task`: a surface or its name in, a frozen task out, with the defaults of the paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mixenv import options
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
    source: str | Path | None = None,
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
    chosen = _surface(surface, options.path("source", source))
    if noise is None:
        noise = 0.0 if isinstance(chosen, RecordedSurface) else "seed"
    return Task(
        chosen, options.weights(metric),
        chosen.scales if scales is None else _scales(scales),
        chosen.steps if steps is None else _steps(steps),
        _target(chosen, target), options.number("max_share", max_share),
        options.number("budget", budget), noise, options.number("cost_weight", cost_weight),
        options.flag("standardise", standardise), options.flag("resume", resume),
        options.flag("strict", strict),
    )  # fmt: skip


def _surface(surface: Any, source: str | None) -> Surface:
    if isinstance(surface, str):
        return load_surface(surface, source)
    if isinstance(surface, RunTable):
        return RowsSurface(surface)
    if not hasattr(surface, "metric_set"):
        raise ValueError(
            f"surface: expected a name, a RunTable or a surface, got {surface!r}; "
            'pass one such as "surrogate"'
        )
    return surface


def _scales(scales: Any) -> tuple[float, ...]:
    items = options.several("scales", scales, '["20M", "1B"]')
    return tuple(sorted(parse_scale(s, "scales") for s in items))


def _steps(steps: Any) -> tuple[int, ...]:
    items = options.several("steps", steps, "[1000, 19500]")
    return tuple(sorted(options.whole("steps", s) for s in items))


def _target(
    surface: Surface, target: tuple[str | float, int] | str | float | None
) -> tuple[float, int]:
    """The target (scale, steps); the last checkpoint there is where no steps are given."""
    if isinstance(target, Sequence | np.ndarray) and not isinstance(target, str):
        if len(target) != 2:
            raise ValueError(
                f"target: expected a scale and steps, got {target!r}; "
                'pass two such as ("1B", 19500), or the scale alone'
            )
        return parse_scale(target[0], "target"), options.whole("target", target[1])
    scale = surface.scales[-1] if target is None else parse_scale(target, "target")
    if not isinstance(surface, RecordedSurface):
        return scale, surface.steps[-1]
    if scale not in surface.scales:
        known = ", ".join(scale_label(s) for s in surface.scales)
        raise ValueError(f"target: expected a scale among {known}, got {scale_label(scale)}")
    return scale, surface.longest(scale)
