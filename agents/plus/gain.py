"""What an experiment is worth: the knowledge gradient, or the uncertainty that it removes."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, qmc

from agents.plus.model import Model, View
from mixenv.problem import Experiment


def nodes(outputs: int, one: int, many: int) -> np.ndarray:
    """Standard normal nodes [k, M] of equal weight: quantiles; for more outputs, a Sobol net."""
    if outputs == 1:
        return norm.ppf((np.arange(one) + 0.5) / one)[:, None]
    uniform = qmc.Sobol(outputs, rng=1).random(many)
    return norm.ppf(uniform * 0.998 + 0.001)


def shifts(model: Model, optima: View, queries: View, asked: list[Experiment]) -> np.ndarray:
    """[M, a, q]: how far one sd of each output's outcome of a query moves the objective at `a`."""
    covariance = model.between(optima, queries) * optima.objective.weights[:, :, None]
    return covariance / np.sqrt(queries.variance + model.noise(asked))[:, None, :]


def knowledge_gradient(mean: np.ndarray, moves: np.ndarray, z: np.ndarray) -> np.ndarray:
    """[q]: the expected fall of the least posterior mean of the objective.

    `mean` [a] are the present means, `moves` [M, a, q] as in `shifts`, `z` [k, M] nodes. After
    Frazier, Powell & Dayanik (2009), the mean over nodes in place of their exact formula.
    """
    outputs, a, q = moves.shape
    flat = moves.reshape(outputs, a * q)
    total = np.zeros(q)
    for node in z:
        total += (mean[:, None] + (node @ flat).reshape(a, q)).min(axis=0)
    return mean.min() - total / len(z)


def variance_removed(moves: np.ndarray) -> np.ndarray:
    """[q]: by how much each query lowers the objective's variance, from moves [M, 1, q]."""
    return (moves[:, 0] ** 2).sum(axis=0)


def contrast_removed(moves: np.ndarray) -> np.ndarray:
    """[q]: how far each query tells mixtures apart, from their moves [M, k, q].

    The root of the fall of the objective's variance around its mean over the k mixtures, averaged
    over them: of draws of the optimum, an integrated variance weighted by where the optimum may be
    (targeted IMSE, Picheny et al. 2010), of differences alone.
    """
    apart = moves - moves.mean(axis=1, keepdims=True)
    return np.sqrt((apart**2).mean(axis=1).sum(axis=0))
