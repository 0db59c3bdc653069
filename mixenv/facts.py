"""The shipped facts of the 472 runs: counts, architectures and costs a scale, column names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mixenv.scale import parse_scale
from mixenv.shipped import shipped


@dataclass(frozen=True)
class ScaleFacts:
    """One scale ("20M" ... "1B"): its architecture, its runs and what they cost.

    `runs` were started, `usable_runs` have a recorded history; `tokens` are those of a full run.
    """

    scale: str
    d_model: int
    n_heads: int
    n_layers: int
    runs: int
    usable_runs: int
    tokens: int
    tokens_per_step: int
    gflops_per_100_steps: int

    @property
    def parameters(self) -> float:
        """The label as a number of parameters."""
        return parse_scale(self.scale)

    @property
    def flops_per_step(self) -> float:
        """FLOPs of one optimiser step."""
        return self.gflops_per_100_steps * 1e9 / 100


@dataclass(frozen=True)
class SlimPajamaFacts:
    """The 472 runs of arXiv 2503.21023; `metric_columns` maps our metric names to the authors'.

    `best_final_stack_exchange` is in nats per token; `domains` are in mixture order.
    """

    domains: tuple[str, ...]
    full_length_steps: int
    log_every_steps: int
    runs: int
    empty_runs: int
    full_length_runs_1B: int
    best_final_stack_exchange: float
    step_column: str
    metric_columns: dict[str, str]
    scales: tuple[ScaleFacts, ...]


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """The facts file as nested dicts and lists; do not change it."""
    return json.loads(shipped("facts.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def slimpajama() -> SlimPajamaFacts:
    """The facts of the 472 SlimPajama runs."""
    found = dict(facts()["slimpajama"])
    found["domains"] = tuple(found["domains"])
    found["scales"] = tuple(ScaleFacts(**scale) for scale in found["scales"])
    return SlimPajamaFacts(**found)
