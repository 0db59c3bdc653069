"""Expected improvement, in logarithms, and its maximum over the capped simplex."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.scipy.special import log_ndtr

from agents.gp.posterior import Posterior, moments

ITERATIONS, RATE = 40, 0.1
_FAR = -40.0  # standard deviations below which the asymptote is exact in float64
_BISECTIONS = 45


def log_improvement(mean: Any, sd: Any, best: Any) -> Any:
    """log E[max(best - f, 0)] for f ~ N(mean, sd^2); finite and smooth however unlikely.

    After Ament et al., "Unexpected improvements to expected improvement" (NeurIPS 2023).
    """
    z = (best - mean) / sd
    near = jnp.maximum(z, _FAR)
    log_density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    ratio = jnp.exp(log_ndtr(near) + 0.5 * near**2 + 0.5 * np.log(2 * np.pi))
    direct = jnp.log(jnp.maximum(1 + near * ratio, 1e-300))
    asymptote = -2 * jnp.log(-jnp.minimum(z, _FAR))
    return jnp.log(sd) + log_density + jnp.where(z > _FAR, direct, asymptote)


def project(points: Any, max_share: Any) -> Any:
    """Euclidean projection of points [..., d] on the capped simplex, by bisection on the shift."""
    low = points.min(axis=-1, keepdims=True) - 1.0
    high = points.max(axis=-1, keepdims=True)

    def halve(_: int, bounds: tuple[Any, Any]) -> tuple[Any, Any]:
        low, high = bounds
        middle = 0.5 * (low + high)
        over = jnp.clip(points - middle, 0, max_share).sum(axis=-1, keepdims=True) > 1
        return jnp.where(over, middle, low), jnp.where(over, high, middle)

    low, high = jax.lax.fori_loop(0, _BISECTIONS, halve, (low, high))
    return jnp.clip(points - 0.5 * (low + high), 0, max_share)


def score(posterior: Posterior, mixtures: Any, fidelities: Any, best: Any) -> Any:
    """log EI [f, c] of mixtures [f, c, d], each row of them at one of the fidelities [f, 2]."""
    return _scorer(posterior, fidelities, best)(mixtures)


def maximise(
    posterior: Posterior, starts: Any, fidelities: Any, best: Any, max_share: Any
) -> tuple[Any, Any]:
    """Ascend log EI from starts [f, c, d]; the mixtures [f, c, d] reached and their scores [f, c].

    Projected Adam with a falling rate, all starts and fidelities at once.
    """
    value = _scorer(posterior, fidelities, best)
    ascend = jax.grad(lambda mixtures: -value(mixtures).sum())
    adam = optax.adam(optax.linear_schedule(RATE, RATE / 50, ITERATIONS))

    def step(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], None]:
        mixtures, inner = state
        gradient = ascend(mixtures)
        gradient -= gradient.mean(axis=-1, keepdims=True)  # along the simplex
        updates, inner = adam.update(gradient, inner)
        return (project(mixtures + updates, max_share), inner), None

    (ends, _), _ = jax.lax.scan(step, (starts, adam.init(starts)), None, length=ITERATIONS)
    before, after = value(starts), value(ends)
    better = after > before
    return jnp.where(better[..., None], ends, starts), jnp.where(better, after, before)


def _scorer(posterior: Posterior, fidelities: Any, best: Any) -> Any:
    """mixtures [f, c, d] -> log EI [f, c]; what depends on the fidelity alone is computed once."""
    hyper, data = posterior.hyper, posterior.data
    squared = (fidelities[:, None, :] - data.x[None, :, -2:]) ** 2
    weights = 0.5 * jnp.exp(-2 * hyper.log_lengths)
    elsewhere = squared @ weights[1:]  # [f, N]
    shift = fidelities @ hyper.slopes[-2:] + hyper.offset

    def value(mixtures: Any) -> Any:
        shares = data.x[:, :-2]
        apart = jnp.sum((mixtures[..., None, :] - shares) ** 2, axis=-1)
        cross = jnp.exp(hyper.log_amplitude - weights[0] * apart - elsewhere[:, None])
        prior = mixtures @ hyper.slopes[:-2] + shift[:, None]
        return log_improvement(*moments(posterior, prior, cross), best)

    return value
