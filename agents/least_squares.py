"""Nonlinear least squares from several starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.optimize import least_squares

Vector = Callable[[np.ndarray], np.ndarray]


def least_fit(
    residual: Vector, jacobian: Vector, starts: Iterable[np.ndarray], evaluations: int
) -> Any:
    """The best of Levenberg and Marquardt's local fits, one a start, as SciPy reports it."""
    solve: Any = least_squares  # whose annotations know no function as a Jacobian
    fits = [solve(residual, start, jacobian, method="lm", max_nfev=evaluations) for start in starts]
    return min(fits, key=lambda fit: fit.cost)
