"""The covariance and mean of the paper: three RBF kernels multiplied, a linear mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

NOISE_FLOOR = 1e-4  # keeps repeated experiments from making the covariance singular


class Hyper(NamedTuple):
    """Hyper-parameters, for standardised values."""

    lengths: Any  # [3] length-scales over the mixture, the scale, the steps
    amplitude: Any  # [] variance of the process
    noise: Any  # [] variance of an observation's noise
    slopes: Any  # [d + 2] of the linear mean
    offset: Any  # [] of the linear mean


def origin(features: int) -> np.ndarray:
    """The free parameters [d + 8] of a fit's start: 0, so positive quantities are log 2 = 0.69."""
    return np.zeros(features + 6)


def constrain(free: Any) -> Hyper:
    """Hyper-parameters from free ones [d + 8]: softplus where positive, above the noise's floor.

    One vector, not a tree: an optimiser's step then compiles to a few loops instead of dozens.
    """
    positive = jax.nn.softplus(free[:5])
    return Hyper(positive[:3], positive[3], NOISE_FLOOR + positive[4], free[6:], free[5])


def squared_distances(a: Any, b: Any) -> Any:
    """Squared distances [3, n, m] between features [n, d + 2] and [m, d + 2]: one a kernel."""
    shares = jnp.sum((a[:, None, :-2] - b[None, :, :-2]) ** 2, axis=-1)
    rest = (a[:, None, -2:] - b[None, :, -2:]) ** 2
    return jnp.stack([shares, rest[..., 0], rest[..., 1]])


def covariance(hyper: Hyper, squared: Any) -> Any:
    """Noise-free covariance [n, m] from squared distances [3, n, m]."""
    return hyper.amplitude * jnp.exp(-jnp.tensordot(0.5 / hyper.lengths**2, squared, axes=1))


def mean(hyper: Hyper, x: Any) -> Any:
    """The linear mean [n] at features [n, d + 2]."""
    return x @ hyper.slopes + hyper.offset
