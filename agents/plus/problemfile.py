"""A problem as plain values and arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from mixenv.metrics import Metric
from mixenv.objective import Objective
from mixenv.problem import Problem
from mixenv.region import CappedSimplex, RecordedMixtures

_CAPPED, _RECORDED = "capped", "recorded"


def pack(problem: Problem) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What goes in a JSON text, and arrays by name.

    Raises ValueError for a region that is neither a capped simplex nor recorded mixtures.
    """
    arrays = {"price": np.asarray(problem.cost)}
    if isinstance(problem.region, RecordedMixtures):
        arrays["region"] = problem.region.mixtures
    elif not isinstance(problem.region, CappedSimplex):
        raise ValueError(
            f"region: expected a capped simplex or recorded mixtures, got "
            f"{type(problem.region).__name__}; save a problem of one of these"
        )
    arrays |= {f"pool.{i}": pool for i, pool in enumerate(problem.pools.values())}
    about = {
        "domains": problem.domains,
        "scales": problem.scales,
        "steps": problem.steps,
        "metrics": [asdict(metric) for metric in problem.metrics],
        "objective": asdict(problem.objective),
        "target": problem.target,
        "max_share": problem.max_share,
        "budget": problem.budget,
        "region": _RECORDED if "region" in arrays else _CAPPED,
        "pools": list(problem.pools),
        "proportions": problem.proportions,
    }
    return about, arrays


def unpack(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Problem:
    """The problem that `pack` took apart."""
    domains, objective = tuple(about["domains"]), about["objective"]
    recorded = about["region"] == _RECORDED
    parts: dict[str, Any] = dict(objective)
    parts |= {name: tuple(objective[name]) for name in ("index", "gain", "shift")}
    return Problem(
        domains,
        tuple(about["scales"]),
        tuple(about["steps"]),
        arrays["price"],
        tuple(Metric(**metric) for metric in about["metrics"]),
        Objective(**parts),
        (about["target"][0], about["target"][1]),
        about["max_share"],
        about["budget"],
        RecordedMixtures(arrays["region"])
        if recorded
        else CappedSimplex(len(domains), about["max_share"]),
        {scale: arrays[f"pool.{i}"] for i, scale in enumerate(about["pools"])},
        None if about["proportions"] is None else tuple(about["proportions"]),
    )
