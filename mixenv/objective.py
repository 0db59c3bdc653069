"""What is optimised: one number from a vector of metrics, signed so that lower is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from mixenv.metrics import Metric

AGGREGATES = ("mean_loss", "mean_score", "worst_loss")
MetricSpec = str | Mapping[str, float]


@dataclass(frozen=True)
class Objective:
    """reduce_m gain_m * (metric_m - shift_m), over the chosen metrics; reduce is a sum or a max."""

    name: str
    index: tuple[int, ...]
    gain: tuple[float, ...]
    shift: tuple[float, ...]
    worst: bool = False

    def __call__(self, values: Any, xp: Any = np) -> Any:
        """Objective [...] of metrics [..., k] (lower is better), in NumPy or another namespace."""
        return self._reduce([values[..., i] for i in self.index], xp.maximum)

    def of(self, values: Sequence[float]) -> float:
        """The objective of one run's metrics [k] as Python floats: the same number, sooner."""
        return self._reduce([values[i] for i in self.index], max)

    def _reduce(self, chosen: list[Any], larger: Callable[[Any, Any], Any]) -> Any:
        """In one order whatever the arrays, so that all paths round alike."""
        terms = zip(chosen, self.gain, self.shift, strict=True)
        parts = [(value - shift if shift else value) * gain for value, gain, shift in terms]
        return reduce(larger if self.worst else add, parts)


def needs_constants(spec: MetricSpec, standardise: bool) -> bool:
    """Whether the objective depends on the standardising mean and sd of the metrics."""
    return standardise or spec in ("mean_score", "worst_loss")


def make_objective(
    spec: MetricSpec,
    metrics: tuple[Metric, ...],
    mean: np.ndarray | None = None,
    sd: np.ndarray | None = None,
    *,
    standardise: bool = False,
) -> Objective:
    """Build the objective that `spec` names.

    `spec` is a metric's name, an aggregate (`mean_loss`: mean of the validation losses, nats;
    `mean_score`: mean of all evaluation metrics, standardised and signed; `worst_loss`: the
    largest standardised validation loss) or {name: weight}: sum of weight * sign * value, where
    `standardise` divides each value by its sd. `mean` and `sd` [k] are the standardising
    constants. Raises ValueError for an unknown metric or an empty or non-finite weighting.
    """
    if isinstance(spec, Mapping):
        return _weighted(spec, metrics, sd if standardise else None)
    if spec not in AGGREGATES:
        return _weighted({spec: 1.0}, metrics, sd if standardise else None, spec)
    chosen = [
        i for i, m in enumerate(metrics) if m.is_loss or (spec == "mean_score" and m.evaluated)
    ]
    if not chosen:
        raise ValueError(f"metric {spec!r}: expected validation losses to aggregate, got none")
    if spec == "mean_loss":
        return Objective(
            spec, tuple(chosen), (1 / len(chosen),) * len(chosen), (0.0,) * len(chosen)
        )
    mean, sd = _required(spec, mean), _required(spec, sd)
    count = len(chosen) if spec == "mean_score" else 1
    gain = tuple(metrics[i].sign / float(sd[i]) / count for i in chosen)
    shift = tuple(float(mean[i]) for i in chosen)
    return Objective(str(spec), tuple(chosen), gain, shift, worst=spec == "worst_loss")


def _required(spec: MetricSpec, constants: np.ndarray | None) -> np.ndarray:
    if constants is None:
        raise ValueError(f"metric {spec!r}: expected standardising constants, got None")
    return constants


def _weighted(
    weights: Mapping[str, float],
    metrics: tuple[Metric, ...],
    sd: np.ndarray | None,
    name: str | None = None,
) -> Objective:
    names = [m.name for m in metrics]
    unknown = [n for n in weights if n not in names]
    if unknown:
        raise ValueError(
            f"metric: expected one of {', '.join((*names, *AGGREGATES))}, got {unknown[0]!r}"
        )
    if (
        not weights
        or not all(np.isfinite(w) for w in weights.values())
        or not any(weights.values())
    ):
        raise ValueError(
            f"metric: expected finite weights, at least one not zero, got {dict(weights)!r}"
        )
    index = tuple(names.index(n) for n in weights)
    scale = [1.0 if sd is None else float(sd[i]) for i in index]
    gain = tuple(
        w * metrics[i].sign / s for i, w, s in zip(index, weights.values(), scale, strict=True)
    )
    label = name or " + ".join(f"{w:g} {n}" for n, w in weights.items())
    return Objective(label, index, gain, (0.0,) * len(index))
