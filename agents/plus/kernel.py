"""The covariance of MFMS-GP+ between (mixture, scale, steps), in NumPy or JAX.

Its parts depend on two mixtures or on two fidelities (scale and steps), never on all four. So the
posterior, where few mixtures and few fidelities make many rows, computes each part once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from agents.plus.priors import Hyper

_NO_BEND = 1e-9  # in the place of 0, where the transform has a limit


class ByMixture(NamedTuple):
    """Covariances [a, b] between the effects of mixtures: local, and linear in the shares."""

    matern: Any
    linear: Any


class ByFidelity(NamedTuple):
    """Between fidelities [f, g]: the effects' covariance, nearness, the trend's covariance, and
    nearness as a doubt sees it, if there is one.
    """

    loadings: Any
    near: Any
    trend: Any
    rough: Any = 0.0


def by_mixture(hyper: Hyper, a: Any, b: Any, shares_a: Any, shares_b: Any, xp: Any) -> ByMixture:
    """Of coordinates [a, d] and [b, d] and shares of the same shapes.

    Matern-5/2 with a length-scale a coordinate; and linear in the shares around equal ones.
    """
    a, b = a / hyper.lengths, b / hyper.lengths
    apart = (a**2).sum(-1)[:, None] + (b**2).sum(-1)[None] - 2 * (a @ b.T)
    r = xp.sqrt(5 * xp.maximum(apart, 0.0) + 1e-12)  # the hair keeps the slope finite at 0
    centre = 1 / shares_a.shape[-1]
    linear = (shares_a - centre) @ (shares_b - centre).T
    return ByMixture(hyper.matern * (1 + r + r * r / 3) * xp.exp(-r), hyper.linear * linear)


def by_fidelity(hyper: Hyper, a: Any, b: Any, xp: Any) -> ByFidelity:
    """Of fidelities [f, 2] and [g, 2]: log scale and log steps over the target's, about -1 to 0.

    The trend is of these; everything else of both bent.
    """
    trends = hyper.trend * (trend(a, xp) @ trend(b, xp).T)
    a, b = bent(hyper, a, xp), bent(hyper, b, xp)
    apart = ((a[:, None] - b[None]) ** 2).sum(-1)
    return ByFidelity(
        loadings(hyper, a, xp) @ loadings(hyper, b, xp).T,
        xp.exp(-0.5 * apart / hyper.reach**2),
        trends,
        rough(hyper, a, b, xp),
    )


def bent(hyper: Hyper, x: Any, xp: Any) -> Any:
    """Fidelities [n, 2], each coordinate bent: expm1(c t) / (1 - e^-c) for t from -1 to 0.

    -1 and 0 stay. A c of 0 leaves logarithms as they are; the more it is, the nearer to scale and
    steps themselves, which differ most towards the target (Box & Cox 1964).
    """
    c = xp.stack([hyper.scale_bend, hyper.steps_bend]) + _NO_BEND
    return xp.expm1(c * x) / -xp.expm1(-c)


def combine(hyper: Hyper, mixtures: ByMixture, fidelities: ByFidelity) -> Any:
    """The covariance, from parts of one shape or that broadcast.

    Effects times loadings, and their local part; what fidelities do whatever the mixture.
    """
    matern, linear = mixtures
    of_matern, of_linear, level = factors(hyper, fidelities)
    return matern * of_matern + linear * of_linear + level


def factors(hyper: Hyper, fidelities: ByFidelity) -> tuple[Any, Any, Any]:
    """What the local and the linear effects are multiplied by, and what is added to them."""
    loaded, near, trends, rough = fidelities
    found = loaded + hyper.local * near, loaded, hyper.drift * near + trends
    if hyper.doubt is None:
        return found
    more = hyper.doubt.effect * rough
    return found[0] + more, found[1] + more, found[2] + hyper.doubt.level * rough


def rough(hyper: Hyper, a: Any, b: Any, xp: Any) -> Any:
    """Nearness [f, g] of fidelities [f, 2] and [g, 2] as a doubt sees it; 0 without one."""
    if hyper.doubt is None:
        return 0.0
    return xp.exp(-xp.abs(a[:, None] - b[None]).sum(-1) / hyper.doubt.reach)


def loadings(hyper: Hyper, x: Any, xp: Any) -> Any:
    """[n, 3]: how much three independent effects of the mixture count at fidelities [n, 2], bent.

    The first is the effect at the target, so 1 there; the others vanish there.
    """
    s, t = x[:, 0], x[:, 1]
    first = 1 + hyper.scale_mean * s + hyper.steps_mean * t
    return xp.stack([first, hyper.scale_own * s + hyper.both * t, hyper.steps_own * t], -1)


def trend(x: Any, xp: Any) -> Any:
    """The terms [n, 6] of a quadratic in log scale and log steps [n, 2]."""
    s, t = x[:, 0], x[:, 1]
    return xp.stack([xp.ones_like(s), s, t, s * s, s * t, t * t], -1)


def noise(hyper: Hyper, level: Any, run: Any, xp: Any) -> Any:
    """Covariance [n, n] of the rows' noise: a value that the rows of a run share, and one's own.

    `level` [n] is the sd relative to the target's; `run` [n] numbers the runs.
    """
    shared = hyper.run_noise * (run[:, None] == run[None])
    own = hyper.row_noise * xp.eye(len(level))
    return (shared + own) * level[:, None] * level[None]
