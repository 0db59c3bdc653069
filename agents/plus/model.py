"""The model at one moment: a posterior and what turns its outputs into the objective."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from agents.plus import kernel, leftout, posterior
from agents.plus.fit import fit
from agents.plus.geometry import Geometry, Points
from agents.plus.outputs import Moments, Outputs
from agents.plus.posterior import Posterior
from agents.plus.priors import Doubt, Hyper, Loadings, unpack
from agents.plus.rows import Rows, Scaling, append, keep, standardise
from agents.plus.settings import Settings
from mixenv.problem import Experiment


class View(NamedTuple):
    """What the model holds of some points: the outputs' moments, and the objective's."""

    points: Points
    white: list[np.ndarray]
    mean: np.ndarray  # [M, a] standardised
    variance: np.ndarray  # [M, a]
    objective: Moments


class Given(NamedTuple):
    """What a posterior is conditioned on: values [v, M], standardised, of the first v rows."""

    points: Points  # [n]
    level: np.ndarray  # [n] sd of the noise relative to the target's
    runs: np.ndarray  # [n]
    values: np.ndarray
    scaling: Scaling
    jitter: float

    def posterior(self, hypers: tuple[Hyper, ...]) -> Posterior:
        """The posterior under some hyper-parameters of each output."""
        return posterior.condition(
            hypers, self.points, self.level, self.runs, self.values, self.jitter
        )


class Model:
    """A posterior over standardised outputs, asked about the objective."""

    def __init__(
        self, geometry: Geometry, outputs: Outputs, found: Posterior, given: Given
    ) -> None:
        self.geometry, self.outputs, self.posterior = geometry, outputs, found
        self._given, self._scaling = given, given.scaling

    @cached_property
    def contrasts(self) -> Posterior:
        """The posterior if the level of every scale and steps were known.

        Decisions look at it: the first run at a scale mostly shows the level, which all mixtures
        have in common, so its worth would seem small however much the next ones were to tell.
        """
        hypers = (h._replace(drift=0.0, trend=0.0) for h in self.posterior.hypers)
        return self._given.posterior(tuple(hypers))

    @cached_property
    def forecast(self) -> Posterior:
        """The posterior that doubts more: what a prediction is made from, see `Doubt`."""
        return self._doubting(noise=1.0)

    @cached_property
    def spread(self) -> Posterior:
        """That if runs were noisier: how wide a prediction is.

        What is recommended did best among several, so that its runs are rather lucky ones.
        """
        return self._doubting(self.geometry.settings.doubt_noise)

    def _doubting(self, noise: float) -> Posterior:
        hypers = (
            h._replace(doubt=doubt, run_noise=noise * h.run_noise, row_noise=noise * h.row_noise)
            for h, doubt in zip(self.posterior.hypers, self._doubts, strict=True)
        )
        return self._given.posterior(tuple(hypers))

    @property
    def _doubts(self) -> list[Doubt]:
        """Of each output. An accuracy may rise late: its level's doubt does not go by the rows."""
        s = self.geometry.settings
        effect = s.doubt_effect_losses if self.outputs.losses else s.doubt_effect
        late = s.doubt_accuracy * self.outputs.accuracies / self._scaling.spread
        return [Doubt(s.doubt_level + sd**2, effect, s.doubt_reach) for sd in late]

    @cached_property
    def error_scale(self) -> float:
        """What a forecast's variance is multiplied by, see `agents.plus.leftout`."""
        settings, given = self.geometry.settings, self._given
        known = len(given.values)
        ends = leftout.ends(self.geometry, given.points, given.runs[:known])
        if not len(ends):
            return 1.0
        mean, variance = leftout.forecasts(self.forecast, given.values, given.runs[:known], ends)
        expected = self.natural(mean, variance, settings.shared_error)
        found = self.natural(given.values[ends].T, np.zeros_like(mean)).mean
        return leftout.scale(expected, found, settings.prior_runs)

    @property
    def _gain(self) -> np.ndarray:
        return self._scaling.spread[:, None]

    def natural(self, mean: np.ndarray, variance: np.ndarray, correlation: float = 0.0) -> Moments:
        """The objective from standardised outputs [M, a]; weights per standardised output."""
        centre, gain = self._scaling.centre[:, None], self._gain
        found = self.outputs.moments(mean * gain + centre, variance * gain**2, correlation)
        return found._replace(weights=found.weights * gain)

    def predict(self, points: Points) -> Moments:
        """The objective at some points, levels of scales and steps as uncertain as they are.

        Errors of the objective's parts are mostly shared. With the variance that all runs share,
        and wider than `forecast`, see `spread`.
        """
        white = posterior.whiten(self.spread, points)
        variance = posterior.variance(self.spread, points, white)
        correlation = self.geometry.settings.shared_error
        found = self.natural(posterior.mean(self.forecast, points), variance, correlation)
        return found._replace(variance=found.variance * self.error_scale + self.outputs.shared)

    def compare(self, points: Points) -> View:
        """Everything about some points, uncertain of differences alone, see `contrasts`."""
        white = posterior.whiten(self.contrasts, points)
        mean = posterior.mean(self.posterior, points)
        variance = posterior.variance(self.contrasts, points, white)
        return View(points, white, mean, variance, self.natural(mean, variance))

    def place(self, experiments: Sequence[Experiment]) -> Points:
        """The points of some experiments."""
        mixtures = np.array([e.mixture for e in experiments])
        scales, steps = zip(*((e.scale, e.steps) for e in experiments), strict=True)
        return self.geometry.points(mixtures, np.array(scales), np.array(steps))

    def noise(self, experiments: Sequence[Experiment]) -> np.ndarray:
        """Noise variances [M, q] of new runs' ends, standardised."""
        level = self.geometry.level([e.scale for e in experiments], [e.steps for e in experiments])
        at_target = np.array([h.run_noise + h.row_noise for h in self.posterior.hypers])
        return at_target[:, None] * level**2

    def between(self, a: View, b: View) -> np.ndarray:
        """Posterior covariances [M, a, b] of standardised outputs, from two views of `compare`."""
        return posterior.between(self.contrasts, a.points, a.white, b.points, b.white)


def select(rows: Rows, geometry: Geometry, outputs: Outputs, settings: Settings) -> Rows:
    """The rows that a model is made from: those nearest to the target, and the best of others.

    Of several outputs fewer, so that all their factors together take no more work than one's.
    """
    most = int(settings.rows / outputs.count ** (1 / 3))
    if len(rows) <= most:
        return rows
    terms = kernel.trend(geometry.ratio(rows.scales, rows.steps), np)
    value = outputs.value(rows.values)
    rest = value - terms @ np.linalg.lstsq(terms, value, rcond=None)[0]
    compute = -geometry.ratio(rows.scales, rows.steps).sum(-1)
    return rows.take(keep(rows, compute, rest, most))


def learn(
    start: np.ndarray | None,
    rows: Rows,
    geometry: Geometry,
    settings: Settings,
    doubt: Doubt | None = None,
    bent: bool = False,
    loadings: Loadings | None = None,
) -> np.ndarray:
    """Free hyper-parameters [M, p] fitted to rows, from `start` if there is one."""
    points = geometry.points(rows.mixtures, rows.scales, rows.steps)
    values, _ = standardise(rows, points.where[points.at])
    level = geometry.level(rows.scales, rows.steps)
    return fit(start, points, level, rows.runs, values, settings, doubt, bent, loadings)


def build(
    free: np.ndarray,
    rows: Rows,
    pending: Rows,
    geometry: Geometry,
    outputs: Outputs,
    settings: Settings,
) -> Model:
    """The model given rows and, without values, rows that are pending."""
    both = append(rows, pending)
    points = geometry.points(both.mixtures, both.scales, both.steps)
    values, scaling = standardise(rows, points.where[points.at[: len(rows)]])
    level = geometry.level(both.scales, both.steps)
    given = Given(points, level, both.runs, values, scaling, settings.jitter)
    found = given.posterior(tuple(unpack(row, np, outputs.doubt) for row in free))
    return Model(geometry, outputs, found, given)
