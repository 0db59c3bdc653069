"""Exact posterior and marginal likelihood on padded data."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from agents.gp import gaussian, kernel
from agents.gp.data import Data
from agents.gp.kernel import Hyper, Squared


class Posterior(NamedTuple):
    """What a prediction needs: `weights` [N] = K^-1 (y - mean) and `root` [N, N] = L^-1."""

    hyper: Hyper
    data: Data
    weights: Any
    root: Any


def condition(hyper: Hyper, data: Data, apart: Squared = kernel.euclidean) -> Posterior:
    """The posterior given padded data; `apart` is the squared distance between mixtures."""
    squared = kernel.squared_distances(data.x, data.x, apart)
    root = gaussian.inverse_root(_noisy(hyper, squared, data.mask))
    residual = (data.y - kernel.mean(hyper, data.x)) * data.mask
    return Posterior(hyper, data, root.T @ (root @ residual), root)


def predict(posterior: Posterior, x: Any, apart: Squared = kernel.euclidean) -> tuple[Any, Any]:
    """Mean [m] and sd [m] of the noise-free values at features [m, d + 2]."""
    squared = kernel.squared_distances(x, posterior.data.x, apart)
    cross = kernel.covariance(posterior.hyper, squared)
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
    density = gaussian.negative_log_density(_noisy(hyper, squared, data.mask), residual)
    return density + 0.5 * np.log(2 * np.pi) * data.mask.sum()


def _noisy(hyper: Hyper, squared: Any, mask: Any) -> Any:
    return gaussian.masked(kernel.covariance(hyper, squared), hyper.noise, mask)
