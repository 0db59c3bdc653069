"""Expected improvement, in logarithms, and its maximum over the capped simplex."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.scipy.special import erfc

from agents.gp.kernel import Squared, euclidean
from agents.gp.posterior import Posterior, moments

ITERATIONS, RATE = 60, 0.2
_FAR = -25.0  # standard deviations below which the asymptotic series is used, good to 1e-8
_BISECTIONS = 45


def log_improvement(mean: Any, sd: Any, best: Any) -> Any:
    """log E[max(best - f, 0)] for f ~ N(mean, sd^2); finite and smooth however unlikely.

    After Ament et al., "Unexpected improvements to expected improvement" (NeurIPS 2023).
    """
    z = (best - mean) / sd
    near, far = jnp.maximum(z, _FAR), jnp.minimum(z, _FAR)
    density = jnp.exp(-0.5 * near**2) / np.sqrt(2 * np.pi)
    direct = jnp.log(density + near * 0.5 * erfc(-near * np.sqrt(0.5)))
    series = 1 - 3 / far**2 + 15 / far**4 - 105 / far**6
    asymptote = jnp.log(series / far**2) - 0.5 * far**2 - 0.5 * np.log(2 * np.pi)
    return jnp.log(sd) + jnp.where(z > _FAR, direct, asymptote)


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


def score(
    posterior: Posterior, mixtures: Any, fidelities: Any, best: Any, apart: Squared = euclidean
) -> Any:
    """log EI [f, c] of mixtures [f, c, d], each row of them at one of the fidelities [f, 2]."""
    return _scorer(posterior, fidelities, best, apart)(mixtures)


def maximise(
    posterior: Posterior,
    starts: Any,
    fidelities: Any,
    best: Any,
    max_share: Any,
    apart: Squared = euclidean,
) -> tuple[Any, Any]:
    """Ascend log EI from starts [f, c, d]; mixtures [f, 2c, d] and their scores [f, 2c].

    Projected Adam with a falling rate, all starts and fidelities at once. The starts themselves
    come last, in case an ascent overshoots.
    """
    value = _scorer(posterior, fidelities, best, apart)
    ascend = jax.grad(lambda mixtures: -value(mixtures).sum())
    adam = optax.adam(optax.linear_schedule(RATE, RATE / 50, ITERATIONS))

    def step(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], None]:
        mixtures, inner = state
        gradient = ascend(mixtures)
        gradient -= gradient.mean(axis=-1, keepdims=True)  # along the simplex
        updates, inner = adam.update(gradient, inner)
        return (project(mixtures + updates, max_share), inner), None

    (ends, _), _ = jax.lax.scan(step, (starts, adam.init(starts)), None, length=ITERATIONS)
    mixtures = jnp.concatenate([ends, starts], axis=1)
    return mixtures, value(mixtures)


def _scorer(posterior: Posterior, fidelities: Any, best: Any, apart: Squared) -> Any:
    """mixtures [f, c, d] -> log EI [f, c]; what depends on the fidelity alone is computed once."""
    hyper, data = posterior.hyper, posterior.data
    squared = (fidelities[:, None, :] - data.x[None, :, -2:]) ** 2
    weights = 0.5 / hyper.lengths**2
    elsewhere = squared @ weights[1:]  # [f, N]
    shift = fidelities @ hyper.slopes[-2:] + hyper.offset

    def value(mixtures: Any) -> Any:
        shares = data.x[:, :-2]
        near = apart(mixtures[..., None, :], shares)
        cross = hyper.amplitude * jnp.exp(-weights[0] * near - elsewhere[:, None])
        prior = mixtures @ hyper.slopes[:-2] + shift[:, None]
        return log_improvement(*moments(posterior, prior, cross), best)

    return value
