"""An agent's moment in one .npz file: its problem, its seed and all it was told; no pickle."""

from __future__ import annotations

from os import PathLike

import numpy as np

from agents import statefile
from agents.plus import problemfile
from mixenv.problem import Experiment, Outcome, Problem

FORMAT = "mixenv ppo agent 1"
Events = list[tuple[Experiment, Outcome]]


def write(path: str | PathLike[str], problem: Problem, seed: int, events: Events) -> None:
    """Write a moment; a file that was there is replaced at once, or left as it was."""
    about, arrays = problemfile.pack(problem)
    header = {"problem": about, "seed": seed}
    done, outcomes = [e for e, _ in events], [o for _, o in events]
    d, k = len(problem.domains), len(problem.metrics)
    arrays |= {
        "mixture": np.array([e.mixture for e in done], dtype=np.float64).reshape(-1, d),
        "scale": np.array([e.scale for e in done], dtype=np.float64),
        "steps": np.array([e.steps for e in done], dtype=np.int64),
        "metrics": np.array([o.metrics for o in outcomes], dtype=np.float64).reshape(-1, k),
        "cost": np.array([o.cost for o in outcomes], dtype=np.float64),
    }
    statefile.write(path, FORMAT, header, arrays)


def read(path: str | PathLike[str]) -> tuple[Problem, int, Events]:
    """Read a moment. Raises ValueError for a file that `write` did not write."""
    header, arrays = statefile.read(path, FORMAT)
    columns = (arrays[name] for name in ("mixture", "scale", "steps", "metrics", "cost"))
    events = [
        (Experiment(w, float(s), int(t)), Outcome(m, float(c)))
        for w, s, t, m, c in zip(*columns, strict=True)
    ]
    return problemfile.unpack(header["problem"], arrays), int(header["seed"]), events
