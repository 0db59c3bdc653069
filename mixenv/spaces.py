"""`Simplex`: the Gymnasium space of data mixtures, shares that sum to one under a cap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Space
from gymnasium.spaces.utils import (
    flatdim,
    flatten,
    flatten_space,
    is_space_dtype_shape_equiv,
    unflatten,
)
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

from mixenv import simplex


class Simplex(Space[np.ndarray]):
    """Mixtures of `domains` sources: float64 shares >= 0 that sum to 1, each <= `max_share`.

    `sample` is uniform over the region; `contains` tolerates 1e-6. `batch` > 0 is the space of
    arrays [batch, domains] that a vector environment takes. Raises ValueError for a cap that
    leaves no interior.
    """

    def __init__(
        self,
        domains: int,
        max_share: float = 1.0,
        batch: int = 0,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        simplex.check_cap(domains, max_share)
        self.domains, self.max_share, self.batch = int(domains), float(max_share), int(batch)
        super().__init__((batch, domains) if batch else (domains,), np.float64, seed)

    @property
    def is_np_flattenable(self) -> bool:
        """True: a mixture is an array already."""
        return True

    def sample(self, mask: Any = None, probability: Any = None) -> np.ndarray:
        """One mixture (or a batch), uniform over the region. Masks are refused (ValueError)."""
        if mask is not None or probability is not None:
            raise ValueError(
                "Simplex.sample: expected no mask and no probability, got one; "
                "sample and project on the region you want instead"
            )
        draws = simplex.sample(self.np_random, self.batch or 1, self.domains, self.max_share)
        return draws if self.batch else draws[0]

    def contains(self, x: Any) -> bool:
        """Whether `x` has the space's shape, is finite, sums to one and keeps the cap.

        What an info says was trained is contained, also where rounding took it over the tolerance.
        """
        if not isinstance(x, np.ndarray) or x.shape != self.shape or x.dtype.kind != "f":
            return False
        slack = simplex.TOLERANCE
        if not np.isfinite(x).all():
            return False
        inside = ((x >= -slack) & (x <= self.max_share + slack)).all(axis=-1)
        inside &= np.abs(x.sum(axis=-1) - 1) <= slack
        return bool((inside | simplex.as_trained(x, self.max_share)).all())

    def to_jsonable(self, sample_n: Iterable[np.ndarray]) -> list[list[float]]:
        """Samples as nested lists."""
        return [np.asarray(s).tolist() for s in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[np.ndarray]:
        """The inverse of `to_jsonable`."""
        return [np.asarray(s, dtype=np.float64) for s in sample_n]

    def box(self) -> Box:
        """The smallest Box around the region (its points need not sum to one)."""
        return Box(0.0, self.max_share, self.shape, np.float64)

    def __repr__(self) -> str:
        return f"Simplex({self.domains}, max_share={self.max_share}, batch={self.batch})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Simplex) and (
            (self.domains, self.max_share, self.batch)
            == (other.domains, other.max_share, other.batch)
        )

    __hash__ = None  # type: ignore[assignment]  # a space is mutable: it holds a generator


@batch_space.register(Simplex)
def _batch(space: Simplex, n: int = 1) -> Space[Any]:
    if space.batch:  # a batch of batches has no meaning as one simplex
        return Box(0.0, space.max_share, (n, *(space.shape or ())), np.float64)
    return Simplex(space.domains, space.max_share, n, deepcopy(space.np_random))


@iterate.register(Simplex)
def _iterate(space: Simplex, items: np.ndarray) -> Iterator[np.ndarray]:
    return iter(items)


@concatenate.register(Simplex)
def _concatenate(space: Simplex, items: Iterable[Any], out: np.ndarray) -> np.ndarray:
    return np.stack(list(items), axis=0, out=out)


@create_empty_array.register(Simplex)
def _create_empty(space: Simplex, n: int = 1, fn: Any = np.zeros) -> np.ndarray:
    return fn((n, *(space.shape or ())), dtype=space.dtype)


@flatdim.register(Simplex)
def _flatdim(space: Simplex) -> int:
    return int(np.prod(space.shape or ()))


@flatten.register(Simplex)
def _flatten(space: Simplex, x: np.ndarray) -> np.ndarray:
    return np.asarray(x, space.dtype).flatten()


@unflatten.register(Simplex)
def _unflatten(space: Simplex, x: np.ndarray) -> np.ndarray:
    return np.asarray(x, space.dtype).reshape(space.shape or ())


@flatten_space.register(Simplex)
def _flatten_space(space: Simplex) -> Box:
    return Box(0.0, space.max_share, (_flatdim(space),), np.float64)


@is_space_dtype_shape_equiv.register(Simplex)
def _equivalent(space_1: Simplex, space_2: Space[Any]) -> bool:
    return isinstance(space_2, Simplex) and space_1.shape == space_2.shape
