"""Points of the surrogate in batches, in NumPy and compiled, beside CartPole and onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np

from agents.gp.precision import float64
from benchmarks.speed.clock import Work, rates
from benchmarks.speed.measurement import Bar, Measurement, scaled
from benchmarks.speed.peer import absent, network
from benchmarks.speed.play import BATCH, CARTPOLE, cartpole, points, source_of, task_of

_CALLS = 40
_PRECISIONS = ("float64", "float32")


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Points a second in batches of 1024, in both precisions, in NumPy and under jit."""
    task = task_of(gym.make("DataMixture-v0"))
    works = {CARTPOLE: cartpole()}
    for kind in _PRECISIONS:
        works |= _works(task, kind)
    found = rates(works, turns=15)
    return [
        row
        for kind in _PRECISIONS
        for form in (kind, f"{kind}, under jit")
        for row in _rows(form, found, f"onnx {kind}", source_of(task))
    ]


def _rows(form: str, found: Mapping[str, float], peer: str, source: str) -> list[Measurement]:
    """A form of the surface beside CartPole, and beside onnxruntime where it is installed."""
    name, rate = f"surrogate, {form}", found[form]
    known = Measurement(name, "points/s", rate, CARTPOLE, found[CARTPOLE], scaled(300_000), source)
    if absent():
        note = f"not installed: {', '.join(absent())}"
        beside = Measurement(name, "points/s", None, "onnxruntime", None, Bar(1.0), source, note)
    else:
        beside = Measurement(name, "points/s", rate, "onnxruntime", found[peer], Bar(1.0), source)
    return [known, beside]


def _works(task: Any, kind: str) -> dict[str, Work]:
    """The surface in one precision, and the peer's network where it is installed."""
    asked = points(task, BATCH, np.dtype(kind))
    calls = {
        kind: lambda: task.surface.metrics(*asked),
        f"{kind}, under jit": _compiled(task.surface, asked),
    }
    if not absent():
        calls[f"onnx {kind}"] = network(task.surface, kind)
    return {name: Work(call, BATCH, _CALLS) for name, call in calls.items()}


def _compiled(surface: Any, asked: tuple[np.ndarray, ...]) -> Callable[[], Any]:
    """A call of the surface compiled, in the precision of what is asked."""
    import jax

    with float64():
        there = tuple(map(jax.numpy.asarray, asked))
        metrics = jax.jit(partial(surface.metrics, xp=jax.numpy)).lower(*there).compile()
    return lambda: metrics(*there).block_until_ready()
