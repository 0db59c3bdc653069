"""How far a fitted surface is from runs it was not fitted to, by metric and scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from mixenv.scale import scale_label

NAMES = {"gp": "Gaussian process (gp)", "mlp": "network (mlp)"}
_FEWEST = 3  # runs below which no correlation is given


@dataclass(frozen=True, eq=False)
class FitError:
    """Cross-validated error at the full length of each scale, mixtures held out `folds` times.

    `r2` [k, S], `spearman` [k, S] and `rmse` [k, S] (the metric's unit), NaN where fewer than three
    runs reach the full length; `runs` [k, S] how many do. `model` ("gp" or "mlp") predicts, for
    the `reason`; `compared` are errors of models along whole curves, in sds (over mixtures) of
    what runs have besides their scale's common curve: root mean square over rows and metrics.
    """

    metrics: tuple[str, ...]
    scales: tuple[float, ...]
    folds: int
    r2: np.ndarray
    spearman: np.ndarray
    rmse: np.ndarray
    runs: np.ndarray
    model: str = "gp"
    reason: str = ""
    compared: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        """A table: R^2 and Spearman correlation of each metric at each scale; then the model."""
        head = f"{self.folds}-fold cross-validation over mixtures, R^2 / Spearman at full length"
        width = max(len(name) for name in self.metrics) + 2
        labels = "".join(f"{scale_label(s):>14}" for s in self.scales)
        lines = [
            name.ljust(width) + "".join(_cell(*pair) for pair in zip(r2, rho, strict=True))
            for name, r2, rho in zip(self.metrics, self.r2, self.spearman, strict=True)
        ]
        return "\n".join([head, " " * width + labels, *lines, self._choice()])

    def _choice(self) -> str:
        """The model, the errors it was chosen by, and why."""
        named = f"model: {NAMES[self.model]}"
        if self.compared:
            errors = ", ".join(f"{name} {error:.3f}" for name, error in self.compared.items())
            named += f"; error along curves, in sds over mixtures: {errors}"
        return f"{named}; {self.reason}" if self.reason else named

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, for a file."""
        arrays = {f: getattr(self, f).tolist() for f in ("r2", "spearman", "rmse", "runs")}
        return {"metrics": self.metrics, "scales": self.scales, "folds": self.folds} | arrays | {
            "model": self.model, "reason": self.reason, "compared": dict(self.compared),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> FitError:
        """What `to_dict` gave."""
        r2, spearman, rmse, runs = (np.array(found[f]) for f in ("r2", "spearman", "rmse", "runs"))
        metrics, scales = tuple(found["metrics"]), tuple(found["scales"])
        choice = {key: found[key] for key in ("model", "reason", "compared") if key in found}
        return cls(metrics, scales, int(found["folds"]), r2, spearman, rmse, runs, **choice)


def scores(recorded: np.ndarray, predicted: np.ndarray) -> tuple[float, float, float]:
    """R^2, Spearman correlation and root mean square error; NaN for fewer than three pairs."""
    known = np.isfinite(recorded) & np.isfinite(predicted)
    y, p = recorded[known], predicted[known]
    if len(y) < _FEWEST:
        return np.nan, np.nan, np.nan
    rmse = float(np.sqrt(np.mean((y - p) ** 2)))
    if np.ptp(y) == 0 or np.ptp(p) == 0:
        return np.nan, np.nan, rmse
    rho = spearmanr(y, p).statistic  # pyright: ignore[reportAttributeAccessIssue]
    return 1 - rmse**2 / float(y.var()), float(rho), rmse


def _cell(r2: float, spearman: float) -> str:
    if not np.isfinite(r2):
        return f"{'-':>14}"
    return f"{r2:>7.3f} /{spearman:>5.2f}"
