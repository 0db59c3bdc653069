"""A surface fitted to recorded runs: plain arrays in, metrics out, in NumPy or JAX."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mixenv.metrics import Metric
from mixenv.surfaces.fitted_curves import early
from mixenv.surfaces.fitted_error import FitError
from mixenv.surfaces.fitted_gp import matern52, squared_distance
from mixenv.surfaces.mlp import Mlp
from mixenv.surfaces.mlp_rows import network_inputs

_CHUNK = 2048  # mixtures at once
_ARRAYS = (
    "centres", "length", "weight", "level", "full", "trend", "knots", "bend", "step_costs",
)  # fmt: skip
_FORMAT, _WITH_NETWORK = "mixenv fitted surface 1", "mixenv fitted surface 2"
_NETWORK = "network."  # before the names of its arrays


@dataclass(frozen=True, eq=False)
class FittedSurface:
    """What `fit_surface` found: N distinct mixtures, d domains, k metrics, S scales, q terms a run.

    `centres` [N, d] are square roots of the recorded shares; `length` [k, q, d], `weight`
    [k, q, N, S] and `level` [k, q, S] predict a run's terms; `full` [S] steps, `trend` [S, k, 2],
    `knots` [S, p] and `bend` [S, k, p] are a scale's common curve (see `fitted_curves`);
    `step_costs` [S] are in `cost_unit`. `error` is the cross-validated error. Where there is a
    `network` it predicts what a run's curve has besides the common one (see `mlp_rows`), and there
    are no terms (q = 0). Raises ValueError when shapes disagree.
    """

    table: str
    provenance: str
    domains: tuple[str, ...]
    metric_set: tuple[Metric, ...]
    scales: tuple[float, ...]
    steps: tuple[int, ...]
    cost_unit: str
    runs: int
    centres: np.ndarray
    length: np.ndarray
    weight: np.ndarray
    level: np.ndarray
    full: np.ndarray
    trend: np.ndarray
    knots: np.ndarray
    bend: np.ndarray
    step_costs: np.ndarray
    error: FitError
    network: Mlp | None = None

    def __post_init__(self) -> None:
        d, k, scales = len(self.domains), len(self.metric_set), len(self.scales)
        n, q, p = len(self.centres), self.length.shape[1], self.knots.shape[-1]
        expected = {
            "centres": (n, d), "length": (k, q, d), "weight": (k, q, n, scales),
            "level": (k, q, scales), "full": (scales,), "trend": (scales, k, 2),
            "knots": (scales, p), "bend": (scales, k, p), "step_costs": (scales,),
        }  # fmt: skip
        for field, shape in expected.items():
            got = np.shape(getattr(self, field))
            if got != shape:
                raise ValueError(
                    f"{self.name}: expected {field} of shape {shape}, got {got}; fit it again"
                )

    @property
    def name(self) -> str:
        """fitted:TABLE."""
        return f"fitted:{self.table}"

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the k metrics."""
        return tuple(m.name for m in self.metric_set)

    @property
    def support(self) -> str:
        """Where the surface rests on runs."""
        return (
            f"fitted to {self.runs} runs on {len(self.centres)} mixtures; away from them, and at "
            "steps that a scale's runs did not log, the numbers are the fit's opinion"
        )

    @property
    def fingerprint(self) -> str:
        """A hash of every array."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for field in _ARRAYS:
            digest.update(np.ascontiguousarray(getattr(self, field), dtype=np.float64).tobytes())
        if self.network is not None:
            digest.update(self.network.activation.encode())
            for array in self.network.arrays().values():
                digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        return digest.hexdigest()[:16]

    def __str__(self) -> str:
        """What it was fitted to, and its cross-validated error."""
        return f"{self.name}: {self.support}\n{self.error}"

    def step_cost(self, scale: float) -> float:
        """Cost of one step at `scale` parameters, in `cost_unit`."""
        return float(self.step_costs[self.scales.index(scale)])

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, k] at mixture [n, d], scale [n] (one of its scales) and steps [n]."""
        return self.curve(mixture, scale, xp.asarray(steps)[:, None], xp)[:, 0]

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, m, k] at mixture [n, d], scale [n] and checkpoints steps [n, m]."""
        mixture, steps = xp.asarray(mixture), xp.asarray(steps) * 1.0
        at = xp.asarray(scale)[:, None] == xp.asarray(self.scales)
        if xp is not np:
            return self._curve(mixture, at, steps, xp)
        parts = [slice(i, i + _CHUNK) for i in range(0, max(len(steps), 1), _CHUNK)]
        return np.concatenate([self._curve(mixture[p], at[p], steps[p], xp) for p in parts])

    def _curve(self, mixture: Any, at: Any, steps: Any, xp: Any) -> Any:
        """The same with scales one-hot [n, S]."""
        at = at * 1.0
        before = early(steps, (at @ self.full)[:, None])
        basis = xp.stack([xp.ones_like(before), before], axis=-1)
        trend = xp.einsum("ns,skb,nmb->nmk", at, self.trend, basis)
        if self.network is None:
            terms = xp.stack(list(self._terms(mixture, at, xp)), axis=1)
            own = xp.einsum("nkq,nmq->nmk", terms, basis[..., : terms.shape[-1]])
        else:
            rows = network_inputs(mixture, at @ np.log(self.scales), steps, xp)
            own = self.network.predict(rows.reshape(-1, rows.shape[-1]), xp).reshape(trend.shape)
        values = trend + own + self._bend(at, xp.log(steps), xp)
        fraction = np.array([m.sign < 0 for m in self.metric_set])
        return xp.where(fraction, xp.clip(values, 0.0, 1.0), values)

    def _terms(self, mixture: Any, at: Any, xp: Any) -> Iterator[Any]:
        """The terms [n, q] of runs on these mixtures [n, d], metric by metric."""
        x = xp.sqrt(xp.maximum(mixture, 0.0))
        for length, weight, level in zip(self.length, self.weight, self.level, strict=True):
            terms = []
            for ell, w, offset in zip(length, weight, level, strict=True):
                kernel = matern52(squared_distance(x / ell, self.centres / ell, xp), xp)
                terms.append(((kernel @ w + offset) * at).sum(axis=-1))
            yield xp.stack(terms, axis=-1)

    def _bend(self, at: Any, log_steps: Any, xp: Any) -> Any:
        """What common curves [n, m, k] have besides their trend, linear between knots."""
        total = xp.zeros((*log_steps.shape, len(self.metric_set)))
        for s in np.flatnonzero(self.bend.any(axis=(1, 2))).tolist():
            lines = [xp.interp(log_steps, self.knots[s], bend) for bend in self.bend[s]]
            total = total + at[:, s, None, None] * xp.stack(lines, axis=-1)
        return total

    def save(self, path: str | Path) -> None:
        """Write it as plain arrays (.npz, no pickle); `load_surface("fitted:PATH")` reads it."""
        about = {
            "format": _FORMAT if self.network is None else _WITH_NETWORK,
            "table": self.table, "provenance": self.provenance,
            "domains": self.domains, "scales": self.scales, "steps": self.steps,
            "cost_unit": self.cost_unit, "runs": self.runs,
            "metrics": [[m.name, m.sign, m.items, m.evaluated] for m in self.metric_set],
            "error": self.error.to_dict(),
        }  # fmt: skip
        with Path(path).open("wb") as file:
            arrays = {field: getattr(self, field) for field in _ARRAYS}
            if self.network is not None:
                about["activation"] = self.network.activation
                arrays |= {_NETWORK + name: a for name, a in self.network.arrays().items()}
            np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> FittedSurface:
        """Read what `save` wrote. Raises FileNotFoundError, and ValueError for another file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                arrays = {field: file[field] for field in _ARRAYS}
                own = {n.removeprefix(_NETWORK): file[n] for n in file if n.startswith(_NETWORK)}
            made = about.pop("format")
            if made not in (_FORMAT, _WITH_NETWORK):
                raise ValueError("another format")
            if made == _WITH_NETWORK:
                about["network"] = Mlp.from_arrays(about.pop("activation"), own)
            about["metric_set"] = tuple(Metric(*metric) for metric in about.pop("metrics"))
            about["error"] = FitError.from_dict(about["error"])
            lists = {key: tuple(about[key]) for key in ("domains", "scales", "steps")}
            return cls(**about | lists, **arrays)
        except FileNotFoundError:
            raise
        except Exception as error:  # a damaged archive may raise anything
            raise ValueError(
                f"{path}: expected a surface that FittedSurface.save wrote, got another file "
                f"({type(error).__name__}: {error}); fit it again with mixenv.fit_surface"
            ) from error
