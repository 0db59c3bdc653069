"""What an episode has shown, as a linear model of the objective: experiments in, a forecast out.

The objective of a mixture w [d] at a scale N and steps t, in units of the task's own signal, is

    level + f x + g y + l_rung + v.(b + e z + h sqrt z + s [z > 0])
    + |v|^2 (c + k z) + sum_i c_i v_i^2 + sum_j r_j cos(u_j.v + a_j) + noise,
    v = (w - 1/d) sqrt(d (d+1) / (d-1)),  z = min(x + y, 1),
    x ~ (N_target/N)^(1/4) - 1,  y ~ (T/t)^(1/2) - 1,

with x = 1 for a fiftieth of the target's scale and y = 1 for its 195th checkpoint, and fixed random
waves u_j (Rahimi and Recht, NIPS 2007). What cheap runs add has a part s that is the same for all
but the target: no number of them says all about it. Coefficients are normal, the unit is not known
(normal-inverse-gamma), and the noise grows as the fourth root of scale and steps falls. Six
hypotheses are followed side by side: little noise or much, cheap runs faithful or not, the surface
smooth or wavy; evidence weighs them. One experiment is one rank-one update. Functions are of one
episode, in NumPy or (under vmap) JAX: `xp` is the namespace.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

SIZE, DATA = 50**0.25 - 1, 195**0.5 - 1  # where x and y are 1
SIGNAL = np.array([20.0, 20.0, 20.0, 20.0, 3.0, 3.0])  # coefficients, in sds of noise at target
UNFAITHFUL = np.array([0.3, 2.0, 0.3, 2.0, 0.3, 2.0])  # sd of what cheap runs add
WAVY = np.array([0.05, 0.05, 1.0, 1.0, 0.3, 0.3])  # sd of the sum of waves
WAVES = 16
LEVELS = (5.0, 10.0, 30.0)  # sd of level, f and g
BELOW = 0.4  # of that, the sd of what is the same for all but the target
OWN = 0.3  # sd of each c_i
RUNGS, RUNG = 16, 1.0  # places that experiments are bought at, and the sd of the level of each
HYPOTHESES = len(SIGNAL)
_FEWEST, _LEAST = 0.5, 1e-10  # prior of the unit: so weak that any unit will do


class Belief(NamedTuple):
    """`mean` [H, p] and `cover` [H, p, p] of the coefficients (cover in squares of the unit).

    `misfit` [H]: half the sum of squared standardised surprises; `width` [H]: the sum of their
    logs; `count` []; `first` [] is the first value told, from which others are measured;
    `surprise` [] is the last one, standardised, under the likeliest hypothesis.
    """

    mean: Any
    cover: Any
    misfit: Any
    width: Any
    count: Any
    first: Any
    surprise: Any


class Forecast(NamedTuple):
    """The objective at the target, up to its level: coefficients [H, m], m = 2 d + 1 + WAVES.

    In the order of `at_target`: of v, of |v|^2, of each v_i^2, of the waves. `doubt` [H, m, m] is
    their covariance in squared objective units; `weight` [H] are the hypotheses'.
    """

    coefficients: Any
    doubt: Any
    weight: Any


def nothing(domains: int, xp: Any = np, dtype: Any = np.float64) -> Belief:
    """The belief before any experiment."""
    zeros = xp.zeros(HYPOTHESES, dtype)
    prior = xp.asarray(_prior(domains), dtype)
    scalar = xp.zeros((), dtype)
    return Belief(
        xp.zeros((HYPOTHESES, prior.shape[-1]), dtype), prior[..., None] * xp.eye(prior.shape[-1]),
        zeros, zeros, scalar, scalar, scalar,
    )  # fmt: skip


def _prior(d: int) -> np.ndarray:
    """Variances [H, p] of the coefficients, in the order of `features`."""
    share = np.concatenate([np.ones(2 * d), np.full(d, BELOW), np.ones(1)])
    away = UNFAITHFUL[:, None] * share
    ones = np.ones((HYPOTHESES, 1))
    own = np.full((HYPOTHESES, d), OWN)
    waves = WAVY[:, None] * np.full((1, WAVES), (2 / WAVES) ** 0.5)
    levels = np.array(LEVELS) * ones
    rungs = np.full((HYPOTHESES, RUNGS), RUNG)
    parts = [levels, np.ones((HYPOTHESES, d)), ones, own, waves, away, rungs]
    return np.concatenate(parts, axis=1) ** 2


def centred(mixture: Any) -> Any:
    """v of mixtures [..., d]."""
    d = mixture.shape[-1]
    return (mixture - 1 / d) * (d * (d + 1) / (d - 1)) ** 0.5


def cheapness(size: Any, length: Any, xp: Any = np) -> tuple[Any, Any]:
    """x and y of a run of `size` times the target's scale and `length` times its steps."""
    x = (size**-0.25 - 1) / SIZE
    return xp.maximum(x, 0.0), xp.maximum((length**-0.5 - 1) / DATA, 0.0)


def at_target(mixture: Any, xp: Any = np) -> Any:
    """What a forecast's coefficients are multiplied by [..., m], for mixtures [..., d]."""
    v = centred(mixture)
    squares, (turn, start) = v * v, waves(v.shape[-1])
    wave = xp.cos(v @ xp.asarray(turn, v.dtype) + xp.asarray(start, v.dtype))
    return xp.concatenate([v, squares.sum(axis=-1, keepdims=True), squares, wave], axis=-1)


@lru_cache(maxsize=32)
def waves(domains: int) -> tuple[np.ndarray, np.ndarray]:
    """The fixed waves of d domains: u [d, WAVES] and a [WAVES]."""
    rng = np.random.default_rng([5, domains])
    return rng.normal(size=(domains, WAVES)), rng.uniform(0, 2 * np.pi, WAVES)


def features(mixture: Any, size: Any, length: Any, rung: Any, xp: Any = np) -> Any:
    """What the coefficients [p] are multiplied by, for one mixture [d]."""
    x, y = cheapness(size, length, xp)
    z = xp.minimum(x + y, 1.0)
    here = at_target(mixture, xp)
    v, square = here[: len(mixture)], here[len(mixture)]
    levels = xp.stack([xp.ones_like(x), x, y])
    own = 1.0 * (xp.arange(RUNGS) == rung)
    below = 1.0 * (z > 1e-6)
    away = [v * z, v * xp.sqrt(z), v * below, (square * z)[None]]
    return xp.concatenate([levels, here, *away, own])


def learn(
    belief: Belief, mixture: Any, size: Any, length: Any, rung: Any, value: Any, xp: Any = np
) -> Belief:
    """The belief after one finite objective `value` of a run.

    Its `size` and `length` are relative to the target's; `rung` is the nearest of the RUNGS, each
    of which has a level of its own.
    """
    shown = features(mixture, size, length, rung, xp)
    first = xp.where(belief.count > 0, belief.first, value)
    noise = xp.sqrt(1 / (size * length)) / xp.asarray(SIGNAL**2, belief.mean.dtype)
    reach = belief.cover @ shown
    variance = xp.maximum(reach @ shown, 0.0) + noise
    error = value - first - belief.mean @ shown
    gain = reach / variance[:, None]
    misfit = belief.misfit + 0.5 * error**2 / variance
    width, count = belief.width + 0.5 * xp.log(variance), belief.count + 1
    unit = _unit(belief.misfit, belief.count)
    scaled = xp.clip(xp.abs(error) / xp.sqrt(variance * unit), 0.0, 5.0)
    return Belief(
        belief.mean + gain * error[:, None], belief.cover - gain[..., None] * reach[:, None],
        misfit, width, count, first, (weights(belief, xp) * scaled).sum(),
    )  # fmt: skip


def weights(belief: Belief, xp: Any = np) -> Any:
    """Posterior probabilities [H] of the hypotheses."""
    spread = xp.log(_LEAST + belief.misfit)
    evidence = -(_FEWEST + 0.5 * belief.count) * spread - belief.width
    likely = xp.exp(evidence - evidence.max())
    return likely / likely.sum()


def forecast(belief: Belief, xp: Any = np) -> Forecast:
    """The objective at the target, up to its level."""
    d = (belief.mean.shape[-1] - 5 - WAVES - RUNGS) // 5
    here = slice(3, 4 + 2 * d + WAVES)
    unit = _unit(belief.misfit, belief.count)
    doubt = belief.cover[:, here, here] * unit[:, None, None]
    return Forecast(belief.mean[:, here], doubt, weights(belief, xp))


def mean(forecast: Forecast, shown: Any) -> Any:
    """Expected objective [n], up to its level, of mixtures seen as `at_target` [n, m]."""
    return shown @ (forecast.weight @ forecast.coefficients)


def deviation(forecast: Forecast, shown: Any, xp: Any = np) -> Any:
    """The sd [n] of that, within and between hypotheses."""
    within = ((shown @ forecast.doubt) * shown).sum(axis=-1)
    each = shown @ forecast.coefficients.T
    between = (each - (each @ forecast.weight)[:, None]) ** 2
    return xp.sqrt(xp.maximum((xp.maximum(within, 0.0).T + between) @ forecast.weight, 0.0))


def _unit(misfit: Any, count: Any) -> Any:
    """The square of the unit, estimated [H]."""
    return (_LEAST + misfit) / (_FEWEST + 0.5 * count)
