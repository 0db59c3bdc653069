"""Hyper-parameters of most posterior density: L-BFGS from several starts at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from agents.gp import gaussian
from agents.gp.data import Data
from agents.gp.engine import kernel
from agents.gp.engine.buckets import SMALLEST
from agents.gp.engine.inverse import inverse
from agents.gp.engine.posterior import Posterior

EVALUATIONS = 60  # at most, a start
FLAT = 0.1  # nats by a free parameter, with 64 rows: what is left to gain is thousandths of a nat
_DECREASE = 1e-4  # of what the slope promises, for a step to be taken
_SHORTEST = 1e-8


class Fit(NamedTuple):
    """A fit's end; the last three tell how it went."""

    posterior: Posterior
    free: Any  # [d + 3]
    finite: Any  # [] whether any start led anywhere; the rest is worthless otherwise
    loss: Any  # [] minus the log posterior density, in nats
    evaluations: Any  # [] of the start that took the most


class _Solved(NamedTuple):
    inverse: Any  # [N, N] K^-1
    weights: Any  # [N] K^-1 (y - offset)


class _Descent(NamedTuple):
    point: Any
    loss: Any
    slope: Any
    solved: _Solved
    direction: Any
    step: Any
    memory: Any
    evaluations: Any


def evaluate(free: Any, data: Data) -> tuple[Any, Any, _Solved]:
    """Minus the log posterior density [] of free parameters [d + 3], its slope, what it solved.

    In nats, but for the priors' constants; exact under padding. The slope is written out: with
    G = (K^-1 - a a') / 2 the loss's by K, and K' the kernel's by the squared distance, the sum
    over pairs of G K' (z_i - z_j)^2 needs row sums and one product with z, no array of N x N x d.
    That by the amplitude follows from the trace of G K, without another pass.
    """
    hyper, mask = kernel.constrain(free), data.mask
    z = data.x / hyper.lengths
    squared = kernel.squared_distances(z, z)
    clean = hyper.amplitude * kernel.matern(squared)
    solved, half_log_det = inverse(gaussian.masked(clean, hyper.noise, mask))
    residual = (data.y - hyper.offset) * mask
    weights = solved @ residual
    quadratic = residual @ weights
    observations = mask.sum()
    loss = 0.5 * quadratic + half_log_det + 0.5 * np.log(2 * np.pi) * observations

    by_matrix = 0.5 * (solved - weights[:, None] * weights)
    by_noise = 0.5 * (mask @ jnp.diag(solved) - weights @ weights)
    by_amplitude = 0.5 * (observations - quadratic) - hyper.noise * by_noise
    both = by_matrix * (mask[:, None] * mask) * hyper.amplitude * kernel.matern_slope(squared)
    product = both @ jnp.concatenate([z, jnp.ones_like(z[:, :1])], axis=-1)
    by_lengths = -4 * jnp.sum(z * (product[:, -1:] * z - product[:, :-1]), axis=0)
    tail = [by_amplitude, (hyper.noise - kernel.NOISE_FLOOR) * by_noise, -weights.sum()]
    prior, by_prior = kernel.minus_log_prior(free)
    slope = jnp.concatenate([by_lengths, jnp.stack(tail)]) + by_prior
    return loss + prior, slope, _Solved(solved, weights)


def learn(data: Data, starts: Any) -> Fit:
    """The best end of descents from `starts` [r, d + 3], with the posterior there."""
    ends = jax.vmap(lambda start: _descend(start, data))(starts)
    finite = jnp.isfinite(ends.loss) & jnp.isfinite(ends.point).all(axis=-1)
    best = jnp.argmin(jnp.where(finite, ends.loss, jnp.inf))
    free, loss, solved = jax.tree.map(lambda part: part[best], (ends.point, ends.loss, ends.solved))
    posterior = Posterior(kernel.constrain(free), data, solved.weights, solved.inverse)
    return Fit(posterior, free, finite.any(), loss, ends.evaluations.max())


def _descend(start: Any, data: Data) -> _Descent:
    """L-BFGS with backtracking; the density is written down once, or compiling takes twice."""
    memory = optax.scale_by_lbfgs()
    # What a slope leaves to gain is its square over the curvature, which grows as the rows do.
    flat = FLAT * (len(data.y) / SMALLEST) ** 0.5

    def going(now: _Descent) -> Any:
        steep = jnp.abs(now.slope).max() > flat
        on = steep & (now.step > _SHORTEST) & (now.evaluations < EVALUATIONS)
        return on | (now.evaluations == 0)

    def advance(now: _Descent) -> _Descent:
        trial = now.point + now.step * now.direction
        loss, slope, solved = evaluate(trial, data)
        promised = now.step * (now.slope @ now.direction)
        taken = loss <= now.loss + _DECREASE * promised
        update, remembered = memory.update(slope, now.memory, trial)
        update = jnp.asarray(update)
        downhill = jnp.where(update @ slope > 0, -update, -slope)
        # Where the parabola through both losses and the slope is least, within bounds.
        vertex = -0.5 * promised / (loss - now.loss - promised) * now.step
        shorter = jnp.where(jnp.isfinite(vertex), vertex, 0.0)
        shorter = jnp.clip(shorter, 0.1 * now.step, 0.5 * now.step)
        went = _Descent(trial, loss, slope, solved, downhill, 1.0, remembered, 0)
        after = jax.tree.map(lambda a, b: jnp.where(taken, a, b), went, now._replace(step=shorter))
        return after._replace(evaluations=now.evaluations + 1)

    still, rows = jnp.zeros_like(start), len(data.y)
    nothing = _Solved(jnp.zeros((rows, rows), start.dtype), jnp.zeros(rows, start.dtype))
    first = _Descent(start, jnp.inf, still, nothing, still, 1.0, memory.init(start), 0)
    return jax.lax.while_loop(going, advance, first)
