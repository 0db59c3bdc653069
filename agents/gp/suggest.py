"""One decision of a GP agent, compiled once a bucket: fit, condition, maximise."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from agents.gp import acquisition
from agents.gp.data import Data
from agents.gp.fit import fit
from agents.gp.kernel import Squared, euclidean
from agents.gp.posterior import Posterior, condition, predict


@partial(jax.jit, static_argnames=("ascend", "apart"))
def suggest(
    data: Data,
    shrink: Any,
    mixtures: Any,
    fidelities: Any,
    max_share: Any,
    ascend: bool = True,
    apart: Squared = euclidean,
) -> tuple[Any, Any]:
    """Mixtures [f, m, d] and their log EI [f, m] at fidelities [f, 2], in standardised units.

    EI is over the least of the values in `data`. With `ascend` the `mixtures` [f, c, d] are
    starts of an ascent within the cap; without, they are the candidates. `shrink` multiplies the
    fitted length-scales of scale and steps; `apart` is the squared distance between mixtures.
    """
    posterior = learn(data, shrink, apart)
    best = jnp.min(jnp.where(data.mask > 0, data.y, jnp.inf))
    if not ascend:
        return mixtures, acquisition.score(posterior, mixtures, fidelities, best, apart)
    return acquisition.maximise(posterior, mixtures, fidelities, best, max_share, apart)


@partial(jax.jit, static_argnames="apart")
def foresee(data: Data, shrink: Any, x: Any, apart: Squared = euclidean) -> tuple[Any, Any]:
    """Mean [m] and sd [m] at features [m, d + 2], standardised, by the model `suggest` uses."""
    return predict(learn(data, shrink, apart), x, apart)


def learn(data: Data, shrink: Any, apart: Squared = euclidean) -> Posterior:
    """Fit, then shrink the length-scales of scale and steps by a factor, then condition."""
    hyper = fit(data, apart=apart).hyper
    factors = jnp.stack([jnp.ones_like(shrink), shrink, shrink])
    return condition(hyper._replace(lengths=hyper.lengths * factors), data, apart)
