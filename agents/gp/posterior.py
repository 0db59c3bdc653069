"""Exact posterior and marginal likelihood on padded data."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular

from agents.gp import kernel
from agents.gp.data import Data
from agents.gp.kernel import Hyper


class Posterior(NamedTuple):
    """What a prediction needs: `weights` [N] = K^-1 (y - mean) and `root` [N, N] = L^-1."""

    hyper: Hyper
    data: Data
    weights: Any
    root: Any


def condition(hyper: Hyper, data: Data) -> Posterior:
    """The posterior given padded data."""
    squared = kernel.squared_distances(data.x, data.x)
    root = _inverse_root(_masked(hyper, squared, data.mask))
    residual = (data.y - kernel.mean(hyper, data.x)) * data.mask
    return Posterior(hyper, data, root.T @ (root @ residual), root)


def predict(posterior: Posterior, x: Any) -> tuple[Any, Any]:
    """Mean [m] and sd [m] of the noise-free values at features [m, d + 2]."""
    cross = kernel.covariance(posterior.hyper, kernel.squared_distances(x, posterior.data.x))
    return moments(posterior, kernel.mean(posterior.hyper, x), cross)


def moments(posterior: Posterior, prior: Any, cross: Any) -> tuple[Any, Any]:
    """Mean [m] and sd [m] from the prior mean [m] and covariances [m, N] with the data."""
    cross = cross * posterior.data.mask
    explained = jnp.sum((cross @ posterior.root.T) ** 2, axis=-1)
    variance = posterior.hyper.amplitude - explained
    return prior + cross @ posterior.weights, jnp.sqrt(jnp.maximum(variance, 1e-12))


def negative_log_likelihood(hyper: Hyper, data: Data, squared: Any) -> Any:
    """Minus the log marginal likelihood, in nats; `squared` [3, N, N] between the data.

    Exact under padding: a padded row has 1 on the diagonal and 0 elsewhere.
    """
    residual = (data.y - kernel.mean(hyper, data.x)) * data.mask
    gaussian = _gaussian(_masked(hyper, squared, data.mask), residual)
    return gaussian + 0.5 * np.log(2 * np.pi) * data.mask.sum()


def _masked(hyper: Hyper, squared: Any, mask: Any) -> Any:
    both = mask[:, None] * mask[None, :]
    diagonal = jnp.where(mask > 0, hyper.noise, 1.0)
    return kernel.covariance(hyper, squared) * both + jnp.diag(diagonal)


def _inverse_root(matrix: Any) -> Any:
    lower = jnp.linalg.cholesky(matrix)
    return solve_triangular(lower, jnp.eye(len(matrix), dtype=matrix.dtype), lower=True)


@jax.custom_vjp
def _gaussian(matrix: Any, residual: Any) -> Any:
    """0.5 r' K^-1 r + 0.5 log det K."""
    return _gaussian_forward(matrix, residual)[0]


def _gaussian_forward(matrix: Any, residual: Any) -> tuple[Any, tuple[Any, Any]]:
    root = _inverse_root(matrix)
    whitened = root @ residual
    value = 0.5 * whitened @ whitened - jnp.sum(jnp.log(jnp.diag(root)))
    return value, (root, root.T @ whitened)


def _gaussian_backward(saved: tuple[Any, Any], gradient: Any) -> tuple[Any, Any]:
    # In closed form from the same factor: faster than differentiating the Cholesky.
    root, weights = saved
    by_matrix = 0.5 * (root.T @ root - jnp.outer(weights, weights))
    return gradient * by_matrix, gradient * weights


_gaussian.defvjp(_gaussian_forward, _gaussian_backward)
