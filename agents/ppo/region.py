"""Mixtures of the capped simplex without loops over them: least of a quadratic, and drawn.

Functions of one episode in NumPy or (under vmap) JAX; what is random comes in as numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.ppo import belief
from agents.ppo.belief import Forecast

CORNERS, INSIDE, NEAR = 10, 6, 12  # candidates of each kind
_ROUNDS = 40  # bisections
_FLATTEST = 2.0  # least bend, in largest slopes: a plane is taken as a wide bowl


def filled(linear: Any, bend: Any, cap: Any, xp: Any = np) -> Any:
    """The mixture [..., d] at which linear . w + bend . w^2 / 2 is least; `bend` [..., d] above 0.

    Every share is where its slope equals one level, or at 0 or the cap: the level is bisected.
    """
    low = linear.min(axis=-1, keepdims=True)
    high = (linear + bend * cap).max(axis=-1, keepdims=True)

    def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        low, high = ends
        middle = 0.5 * (low + high)
        over = xp.clip((middle - linear) / bend, 0.0, cap).sum(axis=-1, keepdims=True) > 1
        return xp.where(over, low, middle), xp.where(over, middle, high)

    _, high = _repeated(halve, (low, high), xp)
    w = xp.clip((high - linear) / bend, 0.0, cap)
    return w / w.sum(axis=-1, keepdims=True)


def _repeated(halve: Any, ends: tuple[Any, Any], xp: Any) -> tuple[Any, Any]:
    """The ends after all bisections; JAX compiles one of them, not all."""
    if xp is not np:
        from jax.lax import fori_loop

        return fori_loop(0, _ROUNDS, halve, ends)
    for i in range(_ROUNDS):
        ends = halve(i, ends)
    return ends


def bowl(forecast: Forecast, cap: Any, xp: Any = np) -> Any:
    """The mixture [d] of the least expected objective at the target, waves left aside."""
    expected = forecast.weight @ forecast.coefficients
    d = (len(expected) - 1 - belief.WAVES) // 2
    slope, bend = expected[:d], expected[d] + expected[d + 1 : 2 * d + 1]
    scale = (d * (d + 1) / (d - 1)) ** 0.5
    steep = scale * (slope - slope.mean())
    bend = 2 * scale**2 * bend
    floor = _FLATTEST * xp.abs(steep).max() + 1e-12 + 1e-6 * xp.abs(bend).max()
    bend = xp.maximum(bend, floor)
    return filled(steep - bend / d, bend, cap, xp)


def drawn(uniforms: Any, best: Any, cap: Any, xp: Any = np) -> Any:
    """Candidates [CORNERS + INSIDE + NEAR, d] from uniforms [CORNERS + INSIDE, d] in (0, 1).

    Extreme points in a random order, mixtures inside, and some between the `best` [d] and those.
    """
    order = (uniforms[:CORNERS, :, None] > uniforms[:CORNERS, None, :]).sum(axis=-1)
    corners = xp.clip(1 - cap * order, 0.0, cap)
    rest = xp.maximum(-xp.log(uniforms[CORNERS:]), 1e-9)
    rest = rest / rest.sum(axis=-1, keepdims=True)
    inside = filled(-rest, xp.ones_like(rest), cap, xp)
    far = xp.concatenate([corners, inside])
    pull = xp.asarray(np.geomspace(0.03, 0.5, NEAR), rest.dtype)[:, None]
    near = best + pull * (far[-NEAR:] - best)
    return xp.concatenate([far, near])
