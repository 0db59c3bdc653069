"""An agent's moment in one .npz file: arrays and one JSON text, nothing pickled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from agents import statefile
from agents.plus import problemfile
from agents.plus.settings import Settings
from agents.statefile import Arrays
from mixenv.problem import Experiment, Outcome, Problem

FORMAT = "mixenv mfms-plus 9"


class Moment(NamedTuple):
    """All that an agent goes on from."""

    problem: Problem
    settings: Settings
    seed: int
    events: list[tuple[Experiment, Outcome]]
    design: list[Experiment]  # not asked for yet
    pending: list[Experiment]
    asked: list[Experiment]  # at most one
    free: np.ndarray | None  # [M, p] hyper-parameters
    fitted: int  # rows at their fit
    weights: np.ndarray  # [c] of the companions, as of then
    best: np.ndarray  # [d] recommended at the last decision
    recommended: np.ndarray | None  # [d] since the last outcome


def write(path: str | PathLike[str], moment: Moment) -> None:
    """Write a moment; a file that was there is replaced at once, or left as it was."""
    about, arrays = problemfile.pack(moment.problem)
    header = {
        "problem": about,
        "settings": asdict(moment.settings),
        "seed": moment.seed,
        "fitted": moment.fitted,
    }
    arrays |= {"best": moment.best, "weights": moment.weights}
    known = {"free": moment.free, "recommended": moment.recommended}
    arrays |= {name: array for name, array in known.items() if array is not None}
    domains = len(moment.problem.domains)
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
        arrays.get("free"),
        int(header["fitted"]),
        arrays["weights"],
        arrays["best"],
        arrays.get("recommended"),
    )


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings(**{name: statefile.tuples(value) for name, value in values.items()})


def pack(name: str, experiments: list[Experiment], domains: int) -> Arrays:
    """Experiments as arrays whose names begin with `name`."""
    mixtures = np.array([e.mixture for e in experiments], dtype=np.float64)
    return {
        f"{name}.mixture": mixtures.reshape(-1, domains),
        f"{name}.scale": np.array([e.scale for e in experiments], dtype=np.float64),
        f"{name}.steps": np.array([e.steps for e in experiments], dtype=np.int64),
    }


def unpack(name: str, arrays: Mapping[str, np.ndarray]) -> list[Experiment]:
    """The experiments that `pack` took apart under `name`."""
    columns = (arrays[f"{name}.{part}"] for part in ("mixture", "scale", "steps"))
    return [Experiment(w, float(s), int(t)) for w, s, t in zip(*columns, strict=True)]


def pack_outcomes(outcomes: list[Outcome], metrics: int) -> Arrays:
    """Curves end to end, with the number of points of each."""
    curves = [np.reshape(o.curve, (-1, metrics)) for o in outcomes]
    steps = [o.curve_steps for o in outcomes]
    return {
        "metrics": np.array([o.metrics for o in outcomes], dtype=np.float64).reshape(-1, metrics),
        "cost": np.array([o.cost for o in outcomes], dtype=np.float64),
        "flags": np.array([(o.cut_short, o.resumed) for o in outcomes], dtype=bool).reshape(-1, 2),
        "points": np.array([len(s) for s in steps], dtype=np.int64),
        "curve": np.concatenate([np.zeros((0, metrics)), *curves]),
        "curve_steps": np.concatenate([np.zeros(0, dtype=np.int64), *steps]).astype(np.int64),
    }


def unpack_outcomes(arrays: Mapping[str, np.ndarray]) -> list[Outcome]:
    """The outcomes that `pack_outcomes` took apart."""
    ends = np.cumsum(arrays["points"])[:-1]
    curves, steps = np.split(arrays["curve"], ends), np.split(arrays["curve_steps"], ends)
    known = zip(arrays["metrics"], arrays["cost"], steps, curves, arrays["flags"], strict=False)
    return [Outcome(m, float(c), t, v, bool(f[0]), bool(f[1])) for m, c, t, v, f in known]
