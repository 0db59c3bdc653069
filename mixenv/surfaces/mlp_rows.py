"""The network of a fitted surface: what a run's curve has besides its scale's common one.

In go square roots of shares, log scale and log steps; out comes the rest [., k] of all metrics. Of
the few options tried, these err least over held-out mixtures of SlimPajama-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mixenv.runs.table import RunTable
from mixenv.surfaces.fitted_curves import Curves, common
from mixenv.surfaces.mlp import Mlp, fit_mlp

OPTIONS: dict[str, Any] = {
    "hidden": (64, 64, 64), "epochs": 150, "weight_decay": 0.5, "members": 4, "seed": 0,
}  # fmt: skip


def network_inputs(mixture: Any, log_scale: Any, steps: Any, xp: Any = np) -> Any:
    """Inputs [n, m, d + 2] at mixture [n, d], log scale [n] and steps [n, m]."""
    own = xp.concatenate([xp.sqrt(xp.maximum(mixture, 0.0)), log_scale[:, None]], axis=-1)
    own = xp.broadcast_to(own[:, None], (*steps.shape, own.shape[-1]))
    return xp.concatenate([own, xp.log(steps)[..., None]], axis=-1)


def table_inputs(table: RunTable) -> np.ndarray:
    """Inputs [m, d + 2] of a table's rows."""
    at = table.mixture[table.run], np.log(table.scale)[table.run], table.steps[:, None]
    return network_inputs(*at)[:, 0]


def fit_rows(table: RunTable, curves: Curves) -> Mlp:
    """The network fitted to every row of a table, NaN left out."""
    s = np.searchsorted(np.array(table.scales), table.scale)[table.run]
    return fit_mlp(table_inputs(table), table.values - common(curves, s, table.steps), **OPTIONS)
