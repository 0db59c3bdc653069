"""A sequence agent's moment in one .npz file: arrays and one JSON text, nothing pickled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from agents import plus, statefile
from agents.plus import problemfile
from agents.plus.state import pack, pack_outcomes, unpack, unpack_outcomes
from agents.sequence.settings import Settings
from mixenv.problem import Experiment, Outcome, Problem

FORMAT = "mixenv sequence 1"


class Moment(NamedTuple):
    """All that an agent goes on from, but the weights."""

    problem: Problem
    settings: Settings
    seed: int
    events: list[tuple[Experiment, Outcome]]
    design: list[Experiment]  # not asked for yet
    pending: list[Experiment]
    asked: list[Experiment]  # at most one
    unit: float | None
    fitted: int  # rows when it was chosen
    best: np.ndarray  # [d] recommended at the last decision


def write(path: str | PathLike[str], moment: Moment) -> None:
    """Write a moment; a file that was there is replaced at once, or left as it was."""
    about, arrays = problemfile.pack(moment.problem)
    domains = len(moment.problem.domains)
    header = {
        "problem": about,
        "settings": asdict(moment.settings),
        "seed": moment.seed,
        "unit": moment.unit,
        "fitted": moment.fitted,
    }
    arrays["best"] = moment.best
    for name in ("design", "pending", "asked"):
        arrays |= pack(name, getattr(moment, name), domains)
    arrays |= pack("told", [e for e, _ in moment.events], domains)
    arrays |= pack_outcomes([o for _, o in moment.events], len(moment.problem.metrics))
    statefile.write(path, FORMAT, header, arrays)


def read(path: str | PathLike[str]) -> Moment:
    """Read a moment. Raises ValueError for a file that `write` did not write."""
    header, arrays = statefile.read(path, FORMAT)
    return Moment(
        problemfile.unpack(header["problem"], arrays),
        _settings(header["settings"]),
        int(header["seed"]),
        list(zip(unpack("told", arrays), unpack_outcomes(arrays), strict=True)),
        unpack("design", arrays),
        unpack("pending", arrays),
        unpack("asked", arrays),
        header["unit"],
        int(header["fitted"]),
        arrays["best"],
    )


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings(**_tuples({**values, "shared": plus.Settings(**_tuples(values["shared"]))}))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {k: statefile.tuples(v) for k, v in values.items()}
