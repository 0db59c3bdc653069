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
from agents.gp.engine.posterior import Posterior, condition

EVALUATIONS = 60  # at most, a start
FLAT = 0.1  # nats by a free parameter: what is left to gain is thousandths of a nat
_DECREASE = 1e-4  # of what the slope promises, for a step to be taken
_SHORTEST = 1e-8


class Status(NamedTuple):
    """How a fit went."""

    finite: Any  # [] whether any start led to finite density; else the origin is used
    loss: Any  # [] minus the log posterior density, in nats
    evaluations: Any  # [] of the start that took the most
    jitter: Any  # [] added to the noise to factor the covariance


class _Descent(NamedTuple):
    point: Any
    loss: Any
    slope: Any
    direction: Any
    step: Any
    memory: Any
    evaluations: Any


def minus_log_likelihood(free: Any, data: Data) -> Any:
    """In nats, of free parameters [d + 3] given padded data; exact under padding."""
    hyper = kernel.constrain(free)
    noisy = gaussian.masked(kernel.covariance(hyper, data.x, data.x), hyper.noise, data.mask)
    density = gaussian.negative_log_density(noisy, (data.y - hyper.offset) * data.mask)
    return density + 0.5 * np.log(2 * np.pi) * data.mask.sum()


def loss(free: Any, data: Data) -> Any:
    """Minus the log posterior density of free parameters [d + 3], in nats, but for a constant."""
    return minus_log_likelihood(free, data) + kernel.minus_log_prior(free)


def learn(data: Data, starts: Any) -> tuple[Posterior, Any, Status]:
    """The posterior at the best end of descents from `starts` [r, d + 3], that end, the status."""
    ends = jax.vmap(lambda start: _descend(start, data))(starts)
    finite = jnp.isfinite(ends.loss) & jnp.isfinite(ends.point).all(axis=-1)
    best = jnp.argmin(jnp.where(finite, ends.loss, jnp.inf))
    origin = jnp.asarray(kernel.origin(data.x.shape[-1]))
    free = jnp.where(finite.any(), ends.point[best], origin)
    posterior, jitter = condition(kernel.constrain(free), data)
    return posterior, free, Status(finite.any(), ends.loss[best], ends.evaluations.max(), jitter)


def _descend(start: Any, data: Data) -> _Descent:
    """L-BFGS with backtracking, the loss and its slope written once: that halves the compile."""
    memory = optax.scale_by_lbfgs()
    value_and_slope = jax.value_and_grad(loss)

    def going(now: _Descent) -> Any:
        steep = jnp.abs(now.slope).max() > FLAT
        on = steep & (now.step > _SHORTEST) & (now.evaluations < EVALUATIONS)
        return on | (now.evaluations == 0)

    def advance(now: _Descent) -> _Descent:
        trial = now.point + now.step * now.direction
        value, slope = value_and_slope(trial, data)
        promised = now.step * (now.slope @ now.direction)
        taken = value <= now.loss + _DECREASE * promised
        update, remembered = memory.update(slope, now.memory, trial)
        downhill = jnp.where(update @ slope > 0, -update, -slope)
        # Where the parabola through both values and the slope is least, within bounds.
        vertex = -0.5 * promised / (value - now.loss - promised) * now.step
        shorter = jnp.where(jnp.isfinite(vertex), vertex, 0.0)
        shorter = jnp.clip(shorter, 0.1 * now.step, 0.5 * now.step)
        went = _Descent(trial, value, slope, downhill, 1.0, remembered, 0)
        stayed = now._replace(step=shorter)
        after = jax.tree.map(lambda a, b: jnp.where(taken, a, b), went, stayed)
        return after._replace(evaluations=now.evaluations + 1)

    still = jnp.zeros_like(start)
    first = _Descent(start, jnp.inf, still, still, 1.0, memory.init(start), 0)
    return jax.lax.while_loop(going, advance, first)
