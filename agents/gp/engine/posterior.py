"""The posterior from cached K^-1 and K^-1 r: conditioned, appended to, asked, sampled."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from agents.gp import gaussian
from agents.gp.data import Data
from agents.gp.engine.kernel import Hyper, covariance

JITTERS = (0.0, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)  # tried in turn, in units of the amplitude
_LEAST = 1e-12  # of a variance


class Posterior(NamedTuple):
    """What a prediction needs; the hyper-parameters' noise includes the jitter."""

    hyper: Hyper
    data: Data
    weights: Any  # [N] K^-1 (y - offset)
    inverse: Any  # [N, N] K^-1; 1 on the diagonal where padded


def condition(hyper: Hyper, data: Data) -> tuple[Posterior, Any]:
    """The posterior, and the jitter [] that it took: the first at which there is a factor."""
    clean = covariance(hyper, data.x, data.x)
    ladder = jnp.array(JITTERS) * hyper.amplitude

    def attempt(state: tuple[Any, Any]) -> tuple[Any, Any]:
        rung, _ = state
        noisy = gaussian.masked(clean, hyper.noise + ladder[rung], data.mask)
        return rung + 1, gaussian.inverse_root(noisy)

    def broken(state: tuple[Any, Any]) -> Any:
        rung, root = state
        return (rung < len(JITTERS)) & ~jnp.isfinite(root).all()

    rung, root = jax.lax.while_loop(broken, attempt, (0, jnp.full_like(clean, jnp.nan)))
    jitter = ladder[rung - 1]
    residual = (data.y - hyper.offset) * data.mask
    weights = root.T @ (root @ residual)
    return Posterior(
        hyper._replace(noise=hyper.noise + jitter), data, weights, root.T @ root
    ), jitter


def append(posterior: Posterior, slot: Any, x: Any, y: Any) -> tuple[Posterior, Any, Any]:
    """The posterior with one more observation in a free slot, in O(N^2); no refit.

    `slot` [] is the first padded row, x [d] and y [] the observation. Also the mean [] and
    variance [] that were predicted for it, noise included. By the inverse of a block matrix:
    with v = (K^-1 k, -1) and s that variance, the new K^-1 is the old one plus v v' / s.
    """
    hyper, data, weights, inverse = posterior
    cross = covariance(hyper, x[None], data.x)[0] * data.mask
    solved = inverse @ cross
    variance = jnp.maximum(hyper.amplitude - cross @ solved, 0.0) + hyper.noise
    mean = hyper.offset + cross @ weights
    row = (jnp.arange(len(cross)) == slot).astype(cross.dtype)
    v = solved * data.mask - row
    inverse = inverse * (1 - row[:, None] * row) + v[:, None] * (v / variance)
    weights = weights + v * ((mean - y) / variance)
    data = Data(data.x.at[slot].set(x), data.y.at[slot].set(y), data.mask + row)
    return Posterior(hyper, data, weights, inverse), mean, variance


def moments(posterior: Posterior, x: Any) -> tuple[Any, Any]:
    """Mean [m] and sd [m] of the noise-free values at features [m, d]."""
    hyper, data, weights, inverse = posterior
    cross = covariance(hyper, x, data.x) * data.mask
    variance = hyper.amplitude - explained(cross, inverse)
    return hyper.offset + cross @ weights, jnp.sqrt(jnp.maximum(variance, _LEAST))


def draw(posterior: Posterior, x: Any, normals: Any) -> Any:
    """Joint draws [s, m] of the noise-free values at features [m, d], from normals [s, m]."""
    hyper, data, weights, inverse = posterior
    cross = covariance(hyper, x, data.x) * data.mask
    matrix = covariance(hyper, x, x) - cross @ inverse @ cross.T
    # Values close together are nearly equal: eigenvalues may be 0 or, by rounding, below.
    values, vectors = jnp.linalg.eigh(0.5 * (matrix + matrix.T))
    spread = vectors * jnp.sqrt(jnp.maximum(values, 0.0))
    return hyper.offset + cross @ weights + normals @ spread.T


@jax.custom_vjp
def explained(cross: Any, inverse: Any) -> Any:
    """k' K^-1 k [m] for rows k of `cross` [m, N]; its slope by k is 2 K^-1 k, already at hand.

    `inverse` is taken as symmetric and given.
    """
    return jnp.sum((cross @ inverse) * cross, axis=-1)


def _explained_forward(cross: Any, inverse: Any) -> tuple[Any, tuple[Any, Any]]:
    solved = cross @ inverse
    return jnp.sum(solved * cross, axis=-1), (solved, inverse)


def _explained_backward(saved: tuple[Any, Any], gradient: Any) -> tuple[Any, Any]:
    solved, inverse = saved
    return 2 * gradient[:, None] * solved, jnp.zeros_like(inverse)


explained.defvjp(_explained_forward, _explained_backward)
