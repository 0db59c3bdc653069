"""The inverse of a covariance by halves: less arithmetic than whole triangles."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular

LEAF = 256  # rows up to which a matrix is taken whole; smaller ones would compile for longer


def inverse(matrix: Any) -> tuple[Any, Any]:
    """K^-1 [N, N] and 0.5 log det K [] of a positive definite matrix; NaN where it is not one."""
    lower = jnp.linalg.cholesky(matrix)
    return gram(triangular(lower)), jnp.sum(jnp.log(jnp.diag(lower)))


def triangular(lower: Any) -> Any:
    """L^-1 of a lower triangle L [N, N]: of its two halves, and -C^-1 B A^-1 below them."""
    half = len(lower) // 2
    if len(lower) <= LEAF:
        return solve_triangular(lower, jnp.eye(len(lower), dtype=lower.dtype), lower=True)
    first, last = triangular(lower[:half, :half]), triangular(lower[half:, half:])
    below = -last @ (lower[half:, :half] @ first)
    return jnp.block([[first, jnp.zeros_like(below.T)], [below, last]])


def gram(root: Any) -> Any:
    """R' R of a lower triangle R [N, N], passing over its zeros."""
    half = len(root) // 2
    if len(root) <= LEAF:
        return root.T @ root
    below, last = root[half:, :half], root[half:, half:]
    side = below.T @ last
    return jnp.block([[gram(root[:half, :half]) + below.T @ below, side], [side.T, gram(last)]])
