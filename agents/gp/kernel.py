"""The covariance and mean of the paper: three RBF kernels multiplied, a linear mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np


class Hyper(NamedTuple):
    """Hyper-parameters, for standardised values; logarithms are natural."""

    log_lengths: Any  # [3] length-scales over the mixture, the scale, the steps
    log_amplitude: Any  # [] variance of the process
    log_noise: Any  # [] variance of an observation's noise
    slopes: Any  # [d + 2] of the linear mean
    offset: Any  # [] of the linear mean


def default(features: int) -> Hyper:
    """Where a first fit starts."""
    return Hyper(
        np.log(np.full(3, 0.7)), np.log(1.0), np.log(0.01), np.zeros(features), np.array(0.0)
    )


def clip(hyper: Hyper) -> Hyper:
    """Keep length-scales in [0.01, 100], the amplitude in [0.01, 1 000], the noise in [1e-4, 1].

    The noise floor keeps repeated experiments from making the covariance singular.
    """
    return hyper._replace(
        log_lengths=jnp.clip(hyper.log_lengths, np.log(0.01), np.log(100.0)),
        log_amplitude=jnp.clip(hyper.log_amplitude, np.log(0.01), np.log(1e3)),
        log_noise=jnp.clip(hyper.log_noise, np.log(1e-4), 0.0),
    )


def squared_distances(a: Any, b: Any) -> Any:
    """Squared distances [3, n, m] between features [n, d + 2] and [m, d + 2]: one a kernel."""
    shares = jnp.sum((a[:, None, :-2] - b[None, :, :-2]) ** 2, axis=-1)
    rest = (a[:, None, -2:] - b[None, :, -2:]) ** 2
    return jnp.stack([shares, rest[..., 0], rest[..., 1]])


def covariance(hyper: Hyper, squared: Any) -> Any:
    """Noise-free covariance [n, m] from squared distances [3, n, m]."""
    weights = 0.5 * jnp.exp(-2 * hyper.log_lengths)
    return jnp.exp(hyper.log_amplitude - jnp.tensordot(weights, squared, axes=1))


def mean(hyper: Hyper, x: Any) -> Any:
    """The linear mean [n] at features [n, d + 2]."""
    return x @ hyper.slopes + hyper.offset
