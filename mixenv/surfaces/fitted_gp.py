"""One Gaussian process over mixtures at several scales: runs of one metric in, weights out.

y_s(w) = offset_s + slope_s f(w) + g_s(w) + noise_s, with f shared by all scales and g_s a scale's
own departure, both of one Matern-5/2 kernel with a lengthscale a domain on sqrt(shares). The slopes
are what a mixture's effect shrinks or grows by from scale to scale, metric by metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri  # pyright: ignore[reportAttributeAccessIssue]
from scipy.optimize import minimize

OFFSET_VARIANCE = 1.0  # of a scale's level around its runs' mean, in variances of the runs
_ROUNDING = 1e-5  # added to the noise's variance, so that repeats can be told apart
_BOUND = 4.0  # prior sds that a parameter may be from its prior mean

# Normal priors (mean, sd) in standardised units: log of lengthscale over its typical size, log of
# amplitude, slope over the reference scale's, log of departure and of noise sd.
_LENGTH, _AMPLITUDE, _SLOPE = (0.0, 1.0), (0.0, 0.7), (1.0, 0.5)
_DEPARTURE, _NOISE = (np.log(0.3), 1.0), (np.log(0.1), 1.0)


class Runs(NamedTuple):
    """Inputs x [n, d] (sqrt of shares), scale index s [n] of `scales`, one output y [n]."""

    x: np.ndarray
    s: np.ndarray
    y: np.ndarray
    scales: int


@dataclass(frozen=True, eq=False)
class Process:
    """A fitted process in standardised units: lengthscales [d], slopes [S], variances [S]."""

    length: np.ndarray
    slope: np.ndarray
    departure: np.ndarray
    noise: np.ndarray
    theta: np.ndarray
    converged: bool

    @property
    def between(self) -> np.ndarray:
        """Covariance [S, S] of the scales, which multiplies the kernel."""
        return np.outer(self.slope, self.slope) + np.diag(self.departure)


def matern52(squared: Any, xp: Any = np) -> Any:
    """The Matern-5/2 kernel of squared distances."""
    u = xp.sqrt(5.0 * squared + 1e-20)  # the rest keeps the gradient at 0 finite
    return (1.0 + u + u * u / 3.0) * xp.exp(-u)


def squared_distance(a: Any, b: Any, xp: Any = np) -> Any:
    """Squared distances [n, m] of rows a [n, d] and b [m, d]."""
    cross = -2.0 * a @ b.T + (a * a).sum(axis=-1)[:, None] + (b * b).sum(axis=-1)[None]
    return xp.maximum(cross, 0.0)


def fit_process(runs: Runs, start: np.ndarray | None = None, iterations: int = 60) -> Process:
    """The most probable process given runs in standardised units, by L-BFGS from one start."""
    prior = _prior(runs)
    first = prior[0] if start is None else start
    found = minimize(
        _loss, first, args=(runs, *prior), jac=True, method="L-BFGS-B",
        bounds=list(zip(prior[0] - _BOUND * prior[1], prior[0] + _BOUND * prior[1], strict=True)),
        options={"maxiter": iterations, "ftol": 1e-5},
    )  # fmt: skip
    return _unpack(found.x, runs, bool(found.success))


def weights(process: Process, runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """What predicts: a weight a run and queried scale [n, S], and an offset a scale [S].

    The mean at mixture w and scale s is offset[s] + sum over runs of k(w, run) * weight[run, s].
    """
    solved = cho_solve(cho_factor(_covariance(process, runs)[0], lower=True), runs.y)
    offset = OFFSET_VARIANCE * np.bincount(runs.s, solved, runs.scales)
    return solved[:, None] * process.between[runs.s], offset


def _prior(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sd of the parameters' prior; the mean is where the search starts."""
    d, others = runs.x.shape[1], runs.scales - 1
    kinds = [_LENGTH] * d + [_AMPLITUDE] + [_SLOPE] * others + [_DEPARTURE] * others
    pairs = np.array(kinds + [_NOISE] * runs.scales)
    return pairs[:, 0], pairs[:, 1]


def _reference(runs: Runs) -> int:
    """The scale with the most runs: the one whose slope is the amplitude itself."""
    return int(np.bincount(runs.s, minlength=runs.scales).argmax())


def _unpack(theta: np.ndarray, runs: Runs, converged: bool = False) -> Process:
    d, others = runs.x.shape[1], runs.scales - 1
    log_length, amplitude, ratio, departure, noise = np.split(
        theta, np.cumsum([d, 1, others, others])
    )
    typical = 2.0 * np.sqrt(d) * runs.x.std() + 1e-12
    at = _reference(runs)
    slope = np.exp(amplitude[0]) * np.insert(ratio, at, 1.0)
    own = np.insert(np.exp(2 * (departure + amplitude[0])), at, 0.0)
    return Process(typical * np.exp(log_length), slope, own, np.exp(2 * noise), theta, converged)


def _covariance(process: Process, runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariance [n, n] of the runs, the kernel [n, n] in it, and squared distances [n, n]."""
    scaled = runs.x / process.length
    squared = squared_distance(scaled, scaled)
    kernel = matern52(squared)
    same = runs.s[:, None] == runs.s
    full = process.between[np.ix_(runs.s, runs.s)] * kernel + OFFSET_VARIANCE * same
    full[np.diag_indices_from(full)] += process.noise[runs.s] + _ROUNDING
    return full, kernel, squared


def _loss(
    theta: np.ndarray, runs: Runs, mean: np.ndarray, sd: np.ndarray
) -> tuple[float, np.ndarray]:
    """Minus the log posterior, and its gradient."""
    process = _unpack(theta, runs)
    full, kernel, squared = _covariance(process, runs)
    factor = cho_factor(full, lower=True)
    half = dpotri(factor[0], lower=True)[0]
    inverse = np.tril(half) + np.tril(half, -1).T
    solved = inverse @ runs.y
    away = (theta - mean) / sd
    loss = 0.5 * runs.y @ solved + np.log(np.diag(factor[0])).sum() + 0.5 * away @ away
    slack = 0.5 * (inverse - np.outer(solved, solved))
    return float(loss), _gradient(process, runs, slack, kernel, squared) + away / sd


def _gradient(
    process: Process, runs: Runs, slack: np.ndarray, kernel: np.ndarray, squared: np.ndarray
) -> np.ndarray:
    """Gradient of the misfit in theta; `slack` [n, n] is that in the covariance."""
    one_hot = np.eye(runs.scales)[runs.s]
    between = one_hot.T @ (slack * kernel) @ one_hot
    on_slope = 2.0 * between @ process.slope
    on_own = 2.0 * np.diag(between) * process.departure
    on_noise = 2.0 * np.bincount(runs.s, np.diag(slack), runs.scales) * process.noise
    at = _reference(runs)
    amplitude = on_slope @ process.slope + on_own.sum()
    return np.concatenate(
        [
            _on_length(process, runs, slack, squared),
            [amplitude],
            np.delete(on_slope, at) * process.slope[at],
            np.delete(on_own, at),
            on_noise,
        ]
    )


def _on_length(process: Process, runs: Runs, slack: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """Gradient [d] in the logs of the lengthscales."""
    u = np.sqrt(5.0 * squared)
    slope = slack * process.between[np.ix_(runs.s, runs.s)] * (1.0 + u) * np.exp(-u)
    x = runs.x / process.length
    apart = 2.0 * (slope.sum(axis=1) @ (x * x) - (x * (slope @ x)).sum(axis=0))
    return 5.0 / 3.0 * apart
