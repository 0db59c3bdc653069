"""What the network says, given tokens: arrays in, arrays out, padded so that few sizes compile."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from agents.sequence import generate, masks, model
from agents.sequence.config import Config
from agents.sequence.generate import Context
from agents.sequence.model import Params
from agents.sequence.settings import BUCKETS
from agents.sequence.weights import Weights

POINTS = (64, 512)  # of points asked for at once
VERSIONS = 16  # of outcomes, judged at once


class Belief:
    """The network conditioned on points x [n, p] and outcomes z [n]. Changes nothing."""

    def __init__(
        self, weights: Weights, x: np.ndarray, z: np.ndarray, mask: str = masks.CAUSAL
    ) -> None:
        self._weights, self._mask = weights, mask
        self._context = _context(x, z)

    def now(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictive mean [c] and sd [c] at points [c, p]: a single step, noise included."""
        found = []
        for part in np.split(points, range(POINTS[-1], len(points), POINTS[-1])):
            padded = _padded(part, _bucket(len(part), POINTS))
            known = generate.now(
                self._weights.params, self._weights.config, self._context, padded, self._mask
            )
            found.append([np.asarray(a, np.float64)[: len(part)] for a in known])
        return np.concatenate([m for m, _ in found]), np.concatenate([s for _, s in found])

    def imagine(self, anchors: np.ndarray, seed: int) -> Imagined:
        """D multi-step draws at anchors [D, M, p], each in its order."""
        keys = jax.random.split(jax.random.key(seed), len(anchors))
        memories = generate.imagine(
            self._weights.params, self._weights.config, self._context,
            jnp.asarray(anchors, jnp.float32), keys, self._mask,
        )  # fmt: skip
        return Imagined(self._weights, memories, self._mask)


class Imagined:
    """Sequences imagined on, to be asked about any points."""

    def __init__(self, weights: Weights, memories: generate.Memory, mask: str) -> None:
        self._weights, self._memories, self._mask = weights, memories, mask

    def at(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictive means [D, c] and sds [D, c] at points [c, p], of each draw."""
        found = []
        for part in np.split(points, range(POINTS[0], len(points), POINTS[0])):
            known = generate.read_each(
                self._weights.params, self._weights.config, self._memories,
                _padded(part, POINTS[0]), self._mask,
            )  # fmt: skip
            found.append([np.asarray(a, np.float64)[:, : len(part)] for a in known])
        mean, sd = (np.concatenate(both, axis=1) for both in zip(*found, strict=True))
        return mean, sd


def evidence(weights: Weights, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Log density [g] that the network gives to each of g <= 16 versions z [g, n] of outcomes."""
    (g, n), size = z.shape, _bucket(len(x), BUCKETS)
    wide = np.zeros((VERSIONS, size), np.float32)
    wide[:g, :n] = z
    each = _densities(weights.params, weights.config, _padded(x, size), jnp.asarray(wide))
    return np.asarray(each, np.float64)[:g, :n].sum(1)


@jax.jit(static_argnames=("config",))
def _densities(params: Params, config: Config, x: jax.Array, z: jax.Array) -> jax.Array:
    def one(z: jax.Array) -> jax.Array:
        return model.log_density(z, *model.predict(params, config, x, z))

    return jax.vmap(one)(z)


def _context(x: np.ndarray, z: np.ndarray) -> Context:
    n, size = len(z), _bucket(len(z), BUCKETS)
    wide = np.zeros(size, np.float32)
    wide[:n] = z
    return Context(_padded(x, size), jnp.asarray(wide), jnp.arange(size) < n)


def _padded(points: np.ndarray, size: int) -> jax.Array:
    wide = np.zeros((size, points.shape[1]), np.float32)
    wide[: len(points)] = points
    return jnp.asarray(wide)


def _bucket(n: int, sizes: tuple[int, ...]) -> int:
    """The least of the sizes that holds n."""
    return next(size for size in sizes if size >= n)
