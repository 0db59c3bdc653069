"""Minus the log density of a Gaussian vector, its slope in closed form, on padded data."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular


def masked(covariance: Any, noise: Any, mask: Any) -> Any:
    """Noisy covariance [N, N] of padded data from the noise-free one and the noise ([] or [N]).

    A row that `mask` [N] leaves out gets 1 on the diagonal and 0 elsewhere: with a residual of 0
    it adds nothing to a log-determinant or a quadratic form, so padding is exact.
    """
    both = mask[:, None] * mask[None, :]
    return covariance * both + jnp.diag(jnp.where(mask > 0, noise, 1.0))


def inverse_root(matrix: Any) -> Any:
    """L^-1 [N, N] of a positive definite matrix L L'; NaN where it is not one."""
    lower = jnp.linalg.cholesky(matrix)
    return solve_triangular(lower, jnp.eye(len(matrix), dtype=matrix.dtype), lower=True)


@jax.custom_vjp
def negative_log_density(matrix: Any, residual: Any) -> Any:
    """0.5 r' K^-1 r + 0.5 log det K, in nats, for K [N, N] and r [N]; no constant.

    Add 0.5 n log 2 pi for n observations. One factor gives the value and both slopes:
    0.5 (K^-1 - a a') by K and a by r, for a = K^-1 r (Rasmussen & Williams, 2006, eq. 5.9). Takes
    jit, vmap and one derivative. NaN where K is not positive definite.
    """
    return _forward(matrix, residual)[0]


def _forward(matrix: Any, residual: Any) -> tuple[Any, tuple[Any, Any]]:
    root = inverse_root(matrix)
    whitened = root @ residual
    value = 0.5 * whitened @ whitened - jnp.sum(jnp.log(jnp.diag(root)))
    return value, (root, root.T @ whitened)


def _backward(saved: tuple[Any, Any], gradient: Any) -> tuple[Any, Any]:
    # In closed form from the same factor: faster than differentiating the Cholesky.
    root, weights = saved
    by_matrix = 0.5 * (root.T @ root - jnp.outer(weights, weights))
    return gradient * by_matrix, gradient * weights


negative_log_density.defvjp(_forward, _backward)
