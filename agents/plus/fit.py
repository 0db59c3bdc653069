"""Hyper-parameters by maximum a posteriori: JAX for the slope, compiled once a bucket."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from agents.gp.data import bucket
from agents.gp.gaussian import masked, negative_log_density
from agents.gp.precision import float64
from agents.plus import kernel
from agents.plus.geometry import Points
from agents.plus.priors import Doubt, Loadings, priors, unpack
from agents.plus.settings import Settings

_REFUSED = 1e25  # the loss where it cannot be computed: a line search turns back


class Inputs(NamedTuple):
    """Rows' inputs, padded to N."""

    coordinates: Any  # [N, d]
    shares: Any  # [N, d]
    places: Any  # [N, 2]
    level: Any  # [N] noise sd relative to the target's
    run: Any  # [N]
    mask: Any  # [N] 1 for a row, 0 for padding


def pad(points: Points, level: np.ndarray, run: np.ndarray, size: int) -> Inputs:
    """Rows at `points` [n] padded to `size`."""
    extra = size - len(level)
    columns = (
        points.coordinates[points.which], points.shares[points.which], points.where[points.at],
        level, run.astype(np.float64), np.ones(len(level)),
    )  # fmt: skip
    return Inputs(*(np.pad(c, [(0, extra)] + [(0, 0)] * (c.ndim - 1)) for c in columns))


def loss(
    free: Any, inputs: Inputs, values: Any, doubt: Doubt | None, mean: Any, sd: Any, jitter: Any
) -> Any:
    """Minus the log posterior of free values [p] given one output's values [N], up to a constant.

    `mean` and `sd` [p] are the priors'; an entry of sd 0 is fixed and has no density.
    """
    hyper = unpack(free, jnp, doubt)
    u, w, x = inputs[:3]
    parts = kernel.by_mixture(hyper, u, u, w, w, jnp), kernel.by_fidelity(hyper, x, x, jnp)
    noise = kernel.noise(hyper, inputs.level, inputs.run, jnp)
    matrix = masked(kernel.combine(hyper, *parts) + noise, jitter, inputs.mask)
    away = jnp.where(sd > 0, (free - mean) / jnp.where(sd > 0, sd, 1.0), 0.0)
    return negative_log_density(matrix, values * inputs.mask) + 0.5 * jnp.sum(away**2)


# One output at a time, so that a bucket compiles once however many there are.
value_and_slope = jax.jit(jax.value_and_grad(loss))


def fit(
    start: np.ndarray | None,
    points: Points,
    level: np.ndarray,
    run: np.ndarray,
    values: np.ndarray,
    settings: Settings,
    doubt: Doubt | None = None,
    bent: bool = False,
    loadings: Loadings | None = None,
) -> np.ndarray:
    """Free values [M, p] for values [n, M] of rows, from `start` or the priors' means.

    `bent` and `loadings` as in `agents.plus.priors.priors`.

    L-BFGS-B for a number of evaluations: from the last fit's end a dozen come nearer to the
    optimum than forty steps of Adam. An output whose fit finds nothing better keeps its start.
    """
    n, outputs = values.shape
    mean, sd = priors(settings, points.shares.shape[1], bent, loadings)
    size = bucket(max(n, settings.smallest_bucket))
    most = settings.first_evaluations if start is None else settings.evaluations
    begin = np.tile(mean, (outputs, 1)) if start is None else start
    with float64():
        inputs = jax.device_put(pad(points, level, run, size))
        padded = np.pad(values.T, ((0, 0), (0, size - n)))
        ends = [
            _descend(free, (inputs, column, doubt, mean, sd, settings.jitter), most)
            for free, column in zip(begin, padded, strict=True)
        ]
    return np.stack(ends)


def _descend(free: np.ndarray, rest: tuple[Any, ...], evaluations: int) -> np.ndarray:
    """Free values [p] of less loss than `free`, if any are found; those fixed do not move."""
    fixed = rest[-2] == 0

    def evaluate(now: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = jax.device_get(value_and_slope(now, *rest))
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return _REFUSED, np.zeros_like(now)
        return float(value), np.where(fixed, 0.0, slope)

    found = minimize(evaluate, free, jac=True, method="L-BFGS-B", options={"maxfun": evaluations})
    better = np.isfinite(found.x).all() and found.fun < _REFUSED
    return np.asarray(found.x) if better else free
