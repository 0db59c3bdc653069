"""Stored constants of the tasks that ship: moments of the metrics, optimum of each objective."""

from __future__ import annotations

from typing import Any

from mixenv.metrics import Metric
from mixenv.objective import AGGREGATES, make_objective
from mixenv.region import CappedSimplex
from mixenv.surfaces.protocol import Surface
from mixenv.truth import compute_moments, compute_optimum, constants_key

CAPS = (0.5, 1.0)


def objectives(metrics: tuple[Metric, ...]) -> list[str]:
    """The headline protocol's thirteen objectives: ten evaluation metrics, three aggregates."""
    return [m.name for m in metrics if m.evaluated] + list(AGGREGATES)


def constants(surface: Surface) -> dict[str, Any]:
    """Constants of every objective on the capped region and the whole simplex, by their key."""
    target = (surface.scales[-1], surface.steps[-1])
    return {constants_key(surface, cap, target): _region(surface, cap, target) for cap in CAPS}


def _region(surface: Surface, cap: float, target: tuple[float, int]) -> dict[str, Any]:
    region = CappedSimplex(len(surface.domains), cap)
    moments = compute_moments(surface, region, target)
    found = {}
    for name in objectives(surface.metric_set):
        objective = make_objective(name, surface.metric_set, moments.mean, moments.sd)
        best = compute_optimum(surface, region, target, objective)
        found[name] = {"mixture": best.mixture.tolist(), "value": best.value, "sd": best.sd}
    return {
        "surface": surface.name,
        "mean": moments.mean.tolist(),
        "sd": moments.sd.tolist(),
        "objectives": found,
    }
