"""The covariance and mean of the paper: three RBF kernels multiplied, a linear mean.

The kernel over the mixture takes its distance from `DISTANCES` (Appendix E): each is a metric that
embeds in a Hilbert space, so that an RBF of it is positive definite whatever the length-scale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

NOISE_FLOOR = 1e-4  # keeps repeated experiments from making the covariance singular
_TINY = 1e-8  # added to shares under a logarithm: at a share of 0 its slope is infinite

Squared = Callable[[Any, Any], Any]


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


def euclidean(a: Any, b: Any) -> Any:
    """Squared Euclidean distances [...] between mixtures [..., d], which are broadcast."""
    return jnp.sum((a - b) ** 2, axis=-1)


def total_variation(a: Any, b: Any) -> Any:
    """Squares of the root of the total variation, so the total variation: [...] in [0, 1].

    Of the root, as of the divergence below: with the total variation itself as the distance, the
    RBF is indefinite. The slope is 0 where two shares are equal.
    """
    apart = a - b
    return 0.5 * jnp.sum(apart * jnp.sign(apart), axis=-1)  # jnp.abs has a slope of 1 at 0


def jensen_shannon(a: Any, b: Any) -> Any:
    """Squares of the root of the Jensen-Shannon divergence, the metric: [...] nats, up to log 2."""
    middle = 0.5 * (a + b)
    return jnp.sum(0.5 * (_plogp(a) + _plogp(b)) - _plogp(middle), axis=-1)


DISTANCES: dict[str, Squared] = {
    "rbf": euclidean,
    "tv": total_variation,
    "jsd": jensen_shannon,
}


def squared_distances(a: Any, b: Any, apart: Squared = euclidean) -> Any:
    """Squared distances [3, n, m] between features [n, d + 2] and [m, d + 2]: one a kernel."""
    shares = apart(a[:, None, :-2], b[None, :, :-2])
    rest = (a[:, None, -2:] - b[None, :, -2:]) ** 2
    return jnp.stack([shares, rest[..., 0], rest[..., 1]])


def covariance(hyper: Hyper, squared: Any) -> Any:
    """Noise-free covariance [n, m] from squared distances [3, n, m]."""
    return hyper.amplitude * jnp.exp(-jnp.tensordot(0.5 / hyper.lengths**2, squared, axes=1))


def mean(hyper: Hyper, x: Any) -> Any:
    """The linear mean [n] at features [n, d + 2]."""
    return x @ hyper.slopes + hyper.offset


def _plogp(shares: Any) -> Any:
    """p log p of shares moved up by a hair: still of a negative-definite divergence."""
    moved = shares + _TINY
    return moved * jnp.log(moved)
