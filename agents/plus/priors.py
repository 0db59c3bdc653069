"""The free hyper-parameters of one output: their priors in one table, and what they stand for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.plus.settings import Settings

LENGTH = (np.log(0.7), 0.8)  # of each domain: log length-scale, normal (mean, sd)
# Name -> (mean, sd) of a normal prior on the free value; an sd of 0 fixes it. Those in LOGARITHMS
# are logarithms of what they stand for.
PRIORS: dict[str, tuple[float, float]] = {
    "matern": (np.log(0.5), 1.0),
    "linear": (np.log(3.0), 1.0),
    "run_noise": (np.log(0.01), 1.0),
    "row_noise": (np.log(0.003), 1.0),
    "drift": (np.log(0.1), 1.0),
    "local": (np.log(0.03), 1.0),
    "reach": (np.log(0.4), 0.5),
    "scale_mean": (0.0, 1.0),  # wide: small scales may rank mixtures the other way round
    "steps_mean": (0.0, 0.4),
    "scale_own": (np.log(0.25), 0.7),
    "both": (0.0, 0.2),
    "steps_own": (np.log(0.25), 0.7),
    "trend": (np.log(25.0), 0.0),
    "scale_bend": (0.0, 0.0),
    "steps_bend": (0.0, 0.0),
}
LOGARITHMS = set(PRIORS) - {"scale_mean", "steps_mean", "both", "scale_bend", "steps_bend"}
NOISE_FLOOR = 1e-6
_OFF = -14.0  # a logarithm: as good as nothing


class Doubt(NamedTuple):
    """What is added to the model: that a scale or steps not seen yet may stand apart.

    A forecast always has one. Where the objective is one metric that is not a noisy accuracy,
    decisions have a smaller one, of the effect alone: else many cheap runs near the target would
    count as runs there.

    Variances times exp(-distance / reach) in bent scale and steps, so that near ones differ too:
    of the level, for standardised values, and of the effect that a mixture has, times its own.
    """

    level: float
    effect: float
    reach: float


class Loadings(NamedTuple):
    """Prior sds of how much of a mixture's effect changes with scale and with steps."""

    scale: float
    steps: float


class Hyper(NamedTuple):
    """Hyper-parameters of one output, for standardised values. Variances unless said otherwise."""

    lengths: Any  # [d] length-scales over the mixture's coordinates
    matern: Any  # of the mixture's local effect
    linear: Any  # of its linear effect, per unit of share squared
    run_noise: Any  # at the target, common to a run's checkpoints
    row_noise: Any  # at the target, of each row
    drift: Any  # of what scale and steps do beyond the trend, whatever the mixture
    local: Any  # of the effect that a mixture has at a scale and steps only, times `matern`
    reach: Any  # a length-scale: how far in scale and steps the two last are alike
    scale_mean: Any  # loading: how much of the mixture's effect changes with log scale,
    steps_mean: Any  # and with log steps; -1 or less turns it round
    scale_own: Any  # size of an effect of its own that grows with the distance in log scale,
    both: Any  # how much of that comes with log steps,
    steps_own: Any  # and of one that grows with log steps
    trend: Any  # of each coefficient of the quadratic trend
    scale_bend: Any  # of log scale towards scale, see `agents.plus.kernel.bent`,
    steps_bend: Any  # and of log steps
    doubt: Doubt | None = None


def priors(
    settings: Settings, domains: int, bent: bool, loadings: Loadings | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Means [p] and sds [p] of the free values: lengths first, then PRIORS in its order.

    `bent`: whether scale and steps are, as the settings say. `loadings`: in the place of the
    table's.
    """
    table = dict(PRIORS)
    if loadings is not None:
        table |= {"scale_mean": (0.0, loadings.scale), "steps_mean": (0.0, loadings.steps)}
    if bent:
        table["scale_bend"] = (settings.scale_bend, 0.0)
        table["steps_bend"] = (settings.steps_bend, 0.0)
    if not settings.loadings:
        table |= dict.fromkeys(("scale_mean", "steps_mean", "both"), (0.0, 0.0))
        table |= dict.fromkeys(("scale_own", "steps_own"), (_OFF, 0.0))
    if not settings.run_noise:
        table["run_noise"] = (_OFF, 0.0)
    return tuple(np.array([*[LENGTH] * domains, *table.values()], dtype=np.float64).T)


def held(settings: Settings) -> Loadings:
    """Where cheap runs are taken to rank mixtures as the target does, by and large."""
    return Loadings(settings.race_scale_loading, settings.race_steps_loading)


def pooled(free: np.ndarray, settings: Settings) -> Loadings:
    """What all outputs of a run share, from their last fit [M, p].

    Half of each variance is that of `held`, half the outputs' mean square (empirical Bayes, Efron &
    Morris 1973): cheap runs that mislead do so about every output.
    """
    hypers = [unpack(row, np) for row in free]
    found = np.array([(hyper.scale_mean, hyper.steps_mean) for hyper in hypers])
    return Loadings(*np.sqrt((np.square(held(settings)) + (found**2).mean(0)) / 2).tolist())


def unpack(free: Any, xp: Any, doubt: Doubt | None = None) -> Hyper:
    """Free values [p] as hyper-parameters, in NumPy or JAX, with a doubt if there is one."""
    domains = len(free) - len(PRIORS)
    rest = [free[domains + i] for i in range(len(PRIORS))]
    named = zip(PRIORS, rest, strict=True)
    values = {name: xp.exp(v) if name in LOGARITHMS else v for name, v in named}
    values["row_noise"] = values["row_noise"] + NOISE_FLOOR
    return Hyper(xp.exp(free[:domains]), doubt=doubt, **values)
