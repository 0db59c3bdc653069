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
_COLUMNS, _BLOCK = 16, 256  # columns and rows of a product that are quick, and round alike
_TOGETHER = 4  # rows that a product takes at once

Layers = tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]


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

    @property
    def cost_unit(self) -> str:
        """FLOPs."""
        return "FLOPs"

    def step_cost(self, scale: float) -> float:
        """FLOPs of one optimiser step at `scale` parameters."""
        return self.step_flops[scale]

    @cached_property
    def _double(self) -> Layers:
        """In double precision a bias b is never added: max(x, -b) lacks b, the next bias has it.

        One pass over x in the place of two. The matrices hold the standardisations; the last one
        is padded: a product with few columns rounds by its rows.
        """
        w, b = self._standardised
        for i in range(1, len(b)):
            b[i] = b[i] + b[i - 1] @ w[i]
        return _layers(w, b, np.dtype(np.float64))

    @cached_property
    def _single(self) -> Layers:
        """In single precision that would lose a digit: b is added after the maximum."""
        return _layers(*self._standardised, np.dtype(np.float32))

    @property
    def _standardised(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Matrices [in, out] and biases [out] that hold both standardisations."""
        w = [np.asarray(m, dtype=np.float64).T for m in self.weights]
        b = [np.asarray(v, dtype=np.float64) for v in self.biases]
        first = w[0] / np.asarray(self.x_std, dtype=np.float64)[:, None]
        b[0] = b[0] - np.asarray(self.x_mean, dtype=np.float64) @ first
        w[0], b[-1] = first, b[-1] * self.y_std + self.y_mean
        w[-1] = w[-1] * self.y_std
        return w, b

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [..., k] at mixture [..., d], scale [...] (parameters) and steps [...].

        In the precision of `mixture`: float32 is answered in float32, twice as fast.
        """
        inputs = self._inputs(xp.asarray(mixture), scale, steps, xp)
        if xp is not np or inputs.ndim != 2:
            return self._forward(inputs, xp)
        if len(inputs) <= _BLOCK:
            return self._forward(inputs, xp)[: len(mixture)]
        starts = range(0, len(inputs), _BLOCK)  # blocks stay in the cache
        blocks = [self._forward(inputs[i : i + _BLOCK], xp) for i in starts]
        return np.concatenate(blocks)[: len(mixture)]

    def _forward(self, hidden: Any, xp: Any) -> Any:
        """Metrics [..., k] of inputs [..., i], in their precision."""
        narrow = hidden.dtype == np.float32
        *inner, (matrix, bias, _) = self._single if narrow else self._double
        pair = slice(None) if hidden.shape[:-1] == (2,) else 0  # equal shapes are added sooner
        for layer, offset, least in inner:
            hidden = hidden.dot(layer)
            out = {"out": hidden} if xp is np else {}
            hidden = xp.maximum(hidden, least[pair], **out)
            if narrow:
                hidden += offset[pair]
        return (hidden.dot(matrix) + bias[pair])[..., : len(self.metric_set)]

    def _inputs(self, mixture: Any, scale: Any, steps: Any, xp: Any) -> Any:
        """The network's inputs [..., i], before they are standardised.

        The last row is repeated until there are a multiple of four, or two: products round rows
        left over, on some processors, and a single row on all, in another way than the others.
        """
        d, lead = mixture.shape[-1], mixture.shape[:-1]
        columns = [xp.asarray(scale) / MILLION, xp.asarray(steps)]
        if self.weights[0].shape[1] == d + 4:
            columns += [xp.log(columns[0]), xp.log(columns[1] * 1.0)]
        if xp is not np:
            rest = xp.stack([c.astype(mixture.dtype) for c in columns], axis=-1)
            return xp.concatenate([mixture, rest], axis=-1)
        dtype = np.float32 if mixture.dtype == np.float32 else np.float64
        spare = -lead[0] % (_TOGETHER if lead[0] > 2 else 2) if len(lead) == 1 else 0
        rows = (lead[0] + spare,) if spare else lead
        inputs = np.empty((*rows, d + len(columns)), dtype=dtype)
        known = inputs[: lead[0]] if spare else inputs
        known[..., :d] = mixture
        for i, column in enumerate(columns, d):
            known[..., i] = column
        if spare:
            inputs[lead[0] :] = known[-1]
        return inputs

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, m, k] at mixture [n, d], scale [n] and checkpoints steps [n, m]."""
        steps = xp.asarray(steps)
        rows = xp.asarray(mixture)[:, None, :]
        rows = xp.broadcast_to(rows, (*steps.shape, rows.shape[-1]))
        sizes = xp.broadcast_to(xp.asarray(scale)[:, None], steps.shape)
        return self.metrics(rows, sizes, steps, xp)


def _layers(matrices: list[np.ndarray], biases: list[np.ndarray], dtype: np.dtype[Any]) -> Layers:
    """Matrices, the last one padded, biases and what rectifies: -b. These come twice, [2, out]."""
    spare = -len(biases[-1]) % _COLUMNS
    w = [*matrices[:-1], np.pad(matrices[-1], ((0, 0), (0, spare)))]
    b = [np.stack([v, v]) for v in (*biases[:-1], np.pad(biases[-1], (0, spare)))]
    arrays = [(m, v, -v) for m, v in zip(w, b, strict=True)]
    return tuple(
        (m.astype(dtype, order="C"), v.astype(dtype), n.astype(dtype)) for m, v, n in arrays
    )
