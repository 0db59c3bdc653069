"""A surface given by a small ReLU network: plain arrays in, metrics out, in NumPy or JAX."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mixenv.metrics import Metric

MILLION = 1e6


@dataclass(frozen=True, eq=False)
class NetworkSurface:
    """An MLP over (d shares, size in millions, step), inputs and outputs standardised.

    `weights` are layer matrices [out, in] and `biases` [out]; a network of d + 4 inputs also gets
    log(size) and log(step). Hidden units are rectified. Raises ValueError when shapes disagree.
    """

    name: str
    provenance: str
    support: str
    domains: tuple[str, ...]
    metric_set: tuple[Metric, ...]
    step_flops: Mapping[float, float]
    steps: tuple[int, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    x_mean: np.ndarray
    x_std: np.ndarray
    y_mean: np.ndarray
    y_std: np.ndarray

    def __post_init__(self) -> None:
        d, k, inputs = len(self.domains), len(self.metric_set), self.weights[0].shape[-1]
        if inputs not in (d + 2, d + 4):
            raise ValueError(
                f"surface {self.name!r}: expected a network of {d + 2} or {d + 4} inputs, "
                f"got {inputs}"
            )
        widths = [inputs, *(len(w) for w in self.weights[:-1]), k]
        expected = {
            "weights": list(zip(widths[1:], widths[:-1], strict=True)),
            "biases": [(width,) for width in widths[1:]],
            "x_mean": (inputs,), "x_std": (inputs,), "y_mean": (k,), "y_std": (k,),
        }  # fmt: skip
        for field, shape in expected.items():
            value = getattr(self, field)
            got = [np.shape(a) for a in value] if isinstance(value, tuple) else np.shape(value)
            if got != shape:
                raise ValueError(
                    f"surface {self.name!r}: expected {field} of shape {shape}, got {got}"
                )

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the metrics, in the order of the outputs."""
        return tuple(m.name for m in self.metric_set)

    @property
    def scales(self) -> tuple[float, ...]:
        """Scales in parameters, ascending."""
        return tuple(sorted(self.step_flops))

    @property
    def fingerprint(self) -> str:
        """A hash of the weights and constants."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for array in (
            *self.weights,
            *self.biases,
            self.x_mean,
            self.x_std,
            self.y_mean,
            self.y_std,
        ):
            digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        return digest.hexdigest()[:16]

    def flops_per_step(self, scale: float) -> float:
        """FLOPs of one optimiser step at `scale` parameters."""
        return self.step_flops[scale]

    @cached_property
    def _folded(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Layers (matrix [in, out], bias) with both standardisations folded into the ends."""
        w = [np.asarray(m, dtype=np.float64).T for m in self.weights]
        b = [np.asarray(v, dtype=np.float64) for v in self.biases]
        first = w[0] / np.asarray(self.x_std, dtype=np.float64)[:, None]
        b[0] = b[0] - np.asarray(self.x_mean, dtype=np.float64) @ first
        w[0], b[-1] = first, b[-1] * self.y_std + self.y_mean
        w[-1] = w[-1] * self.y_std
        return tuple((np.ascontiguousarray(m), v) for m, v in zip(w, b, strict=True))

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [..., k] at mixture [..., d], scale [...] (parameters) and steps [...]."""
        size, step = xp.asarray(scale) / MILLION, xp.asarray(steps) * 1.0
        columns = [size, step]
        if self.weights[0].shape[1] == len(self.domains) + 4:
            columns += [xp.log(size), xp.log(step)]
        hidden = xp.concatenate([xp.asarray(mixture), xp.stack(columns, axis=-1)], axis=-1)
        *inner, (matrix, bias) = self._folded
        for layer, offset in inner:
            hidden = xp.maximum(hidden @ layer + offset, 0.0)
        return hidden @ matrix + bias

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, m, k] at mixture [n, d], scale [n] and checkpoints steps [n, m]."""
        steps = xp.asarray(steps)
        rows = xp.asarray(mixture)[:, None, :]
        rows = xp.broadcast_to(rows, (*steps.shape, rows.shape[-1]))
        sizes = xp.broadcast_to(xp.asarray(scale)[:, None], steps.shape)
        return self.metrics(rows, sizes, steps, xp)
