"""Instances of synthetic surfaces: a name such as "synthetic:deceptive:5:0" in, a surface out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mixenv.facts import slimpajama
from mixenv.metrics import loss
from mixenv.simplex import project
from mixenv.surfaces.synthetic import SyntheticSurface

# How well the smallest scale's ranking of mixtures transfers to the target, by kind. The third
# differs in the noise that DataMixtureSynthetic-v0 puts on it.
KINDS = {"easy": 0.95, "deceptive": -0.9, "heteroscedastic": 0.95}
LEAST_DOMAINS, MOST_DOMAINS = 3, 30
MAX_SHARE = 0.5  # optima lie in the region with this cap
_LOSSES = 3
_EXPECTED = 'expected synthetic:KIND:DOMAINS:INSTANCE such as "synthetic:deceptive:5:0"'


def synthetic_name(
    kind: str = "easy", domains: int = 5, instance: int = 0, transfer: float | None = None
) -> str:
    """The name of a surface; a `transfer` in [-1, 1] takes the place of the kind's own."""
    return f"synthetic:{kind if transfer is None else repr(float(transfer))}:{domains}:{instance}"


@lru_cache(maxsize=64)
def make_synthetic(name: str) -> SyntheticSurface:
    """The surface that `name` means; see `parse`. The same name gives the same numbers.

    Instances of one number share everything but the transfer: the target's surface is the same.
    """
    transfer, d, instance = parse(name)
    rng, facts = np.random.default_rng((instance, d)), slimpajama()
    every = facts.log_every_steps
    centre = _centres(rng, d)
    spread = rng.uniform(0.06, 0.14, _LOSSES)  # sd of Q over the whole simplex, nats
    bend = spread / np.sqrt(_square_variance(d) / 4 + _spread(centre) / (d * (d + 1)))
    return SyntheticSurface(
        name=f"synthetic:{name.split(':')[1] if ':' in name else 'easy'}:{d}:{instance}",
        transfer=transfer,
        domains=tuple(f"domain_{i + 1}" for i in range(d)),
        metric_set=tuple(loss(f"loss_{i + 1}") for i in range(_LOSSES)),
        step_flops={s.parameters: s.flops_per_step for s in facts.scales},
        steps=tuple(range(every, facts.full_length_steps + 1, every)),
        floor=rng.uniform(1.2, 1.8, _LOSSES),
        size_loss=rng.uniform(0.4, 0.8, _LOSSES),
        data_loss=rng.uniform(0.15, 0.3, _LOSSES),
        bend=bend,
        centre=centre,
        rival=spread * np.sqrt(d * (d + 1)),
        direction=_across(rng, bend @ centre / bend.sum()),
    )  # fmt: skip


def parse(name: str) -> tuple[float, int, int]:
    """Transfer, domains and instance of "synthetic[:KIND[:DOMAINS[:INSTANCE]]]".

    KIND is one of KINDS, or a transfer from -1 to 1; left out: easy, 5 domains, instance 0. Raises
    ValueError naming the part that does not fit.
    """
    parts = name.split(":")
    kind, domains, instance = [*parts[1:], *("easy", "5", "0")[len(parts) - 1 :]][:3]
    if len(parts) > 4 or parts[0] != "synthetic":
        raise ValueError(f"surface: {_EXPECTED}, got {name!r}")
    if not domains.isdecimal() or not LEAST_DOMAINS <= int(domains) <= MOST_DOMAINS:
        raise ValueError(
            f"domains: expected a number from {LEAST_DOMAINS} to {MOST_DOMAINS}, got {domains!r}; "
            f"{_EXPECTED}"
        )
    if not instance.isdecimal():
        raise ValueError(f"instance: expected a number from 0, got {instance!r}; {_EXPECTED}")
    return _transfer(kind), int(domains), int(instance)


def _transfer(kind: str) -> float:
    try:
        transfer = KINDS[kind] if kind in KINDS else float(kind)
    except ValueError:
        transfer = np.nan
    if not -1 <= transfer <= 1:
        raise ValueError(
            f"kind: expected one of {', '.join(KINDS)}, or a transfer from -1 to 1, got {kind!r}"
        )
    return transfer


def _centres(rng: np.random.Generator, d: int) -> np.ndarray:
    """Optima [k, d] of the losses, kindred; many lie on the border of the region."""
    moves = rng.normal(size=d) + 0.6 * rng.normal(size=(_LOSSES, d))
    return project((1 + moves) / d, MAX_SHARE)


def _spread(mixtures: np.ndarray) -> np.ndarray:
    """Squared distances [...] of mixtures [..., d] from the uniform one."""
    return np.sum((mixtures - 1 / mixtures.shape[-1]) ** 2, axis=-1)


def _square_variance(d: int) -> float:
    """The variance of |w|^2 over uniform mixtures w [d] of the whole simplex."""
    return (24 + 4 * (d - 1)) / ((d + 1) * (d + 2) * (d + 3)) - 4 / (d + 1) ** 2


def _across(rng: np.random.Generator, best: np.ndarray) -> np.ndarray:
    """A unit vector [d] whose product with w has no correlation with |w - best|^2.

    Over any region that treats the domains alike, it is enough that it sums to 0 and is
    perpendicular to `best`.
    """
    ours, other = best - best.mean(), rng.normal(size=len(best))
    other -= other.mean()
    other -= ours * (ours @ other) / (ours @ ours)
    return other / np.linalg.norm(other)
