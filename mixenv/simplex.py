"""The capped simplex: shares that sum to one, each at most `max_share`. Pure array functions."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np

TOLERANCE = 1e-6  # slack allowed on a share, on the cap and on the sum
PARTS = 1_000_000  # shares are told apart to one millionth
UNITS = 2.0**28  # the fixed point in which they are compared
_REJECTION_FLOOR = 0.01  # acceptance below which rejection gives way to Gibbs sampling
_GIBBS_SWEEPS = 32


def check_cap(domains: int, max_share: float) -> None:
    """Raise ValueError unless the region {w: sum w = 1, 0 <= w <= max_share} has an interior."""
    if not 1 / domains < max_share <= 1:
        raise ValueError(
            f"max_share: expected more than 1/{domains} = {1 / domains:.4g} and at most 1, "
            f"got {max_share!r}; raise the cap so that {domains} shares can sum to one"
        )


def check_mixture(mixture: object, domains: int, max_share: float) -> np.ndarray:
    """Return `mixture` as float64 [domains], or raise ValueError saying what is wrong with it."""
    w = np.asarray(mixture, dtype=np.float64)
    if w.shape == (domains,):
        shares = w.tolist()  # Python floats: several times quicker than five array reductions
        inside = min(shares) >= -TOLERANCE and max(shares) <= max_share + TOLERANCE
        if inside and abs(sum(shares) - 1) <= TOLERANCE:  # False where a share is NaN
            return w
        if np.isfinite(w).all() and as_trained(w, max_share):
            return w
    raise ValueError(f"mixture: expected {_complaint(w, domains, max_share)}")


def as_trained(mixtures: np.ndarray, max_share: float) -> np.ndarray:
    """Which finite mixtures [..., d] are whole millionths that an info may tell of.

    They are to be taken again: a share within tolerance of the cap moves farther over it when
    shares are divided by their sum, by up to cap * 1e-6, and rounded, by less than 1e-6.
    """
    parts = mixtures * PARTS
    whole = np.rint(parts)
    exact = (np.abs(parts - whole) < TOLERANCE).all(axis=-1) & (whole.sum(axis=-1) == PARTS)
    farthest = max_share + (2 + max_share) * TOLERANCE + 1 / UNITS
    return exact & (whole >= 0).all(axis=-1) & (mixtures <= farthest).all(axis=-1)


def _complaint(w: np.ndarray, domains: int, max_share: float) -> str:
    if w.shape != (domains,):
        return f"{domains} shares, got an array of shape {w.shape}"
    if not np.isfinite(w).all():
        return f"finite shares, got {w.tolist()}; replace NaN and infinite values"
    if w.min() < -TOLERANCE:
        return f"shares of at least 0, got {w.min():.6g}; clip and renormalise"
    if w.max() <= max_share + TOLERANCE or abs(w.sum() - 1) > TOLERANCE:
        return f"shares that sum to 1, got {w.sum():.6g}; divide by the sum"
    return (
        f"shares of at most {max_share:g}, got {w.max():.6g}; "
        "project on the capped simplex (mixenv.simplex.project) or raise max_share"
    )


def quantise(mixture: np.ndarray) -> np.ndarray:
    """Shares as whole millionths [d] that sum to a million exactly, by largest remainders.

    The identity of a mixture: no share moves by more than a millionth. Of equal remainders the
    first share takes the part. See `millionths`.
    """
    return np.array(millionths(mixture.tolist()), dtype=np.uint32)


def millionths(shares: list[float]) -> list[int]:
    """`quantise` of Python floats, in whole numbers alone.

    Shares are first rounded to 2**-28, which single precision holds too: the same words come out
    of every array library, whatever order it sums in.
    """
    units = [round(share * UNITS) if share > 0 else 0 for share in shares]
    whole = sum(units)
    shift, _ = tie_bits(len(units))
    words, rests = [], []
    for unit in units:  # one loop is quicker than two comprehensions
        parts = unit * PARTS
        word = parts // whole
        words.append(word)
        rests.append((parts - word * whole) >> shift)
    missing = PARTS - sum(words)
    if missing:
        order = sorted(range(len(rests)), key=rests.__getitem__, reverse=True)  # stable
        for i in order[:missing]:
            words[i] += 1
    return words


@lru_cache(maxsize=64)
def tie_bits(domains: int) -> tuple[int, int]:
    """Bits that a remainder drops so that it and a position fit 32, and those of the position."""
    bits = (domains - 1).bit_length()
    return max(0, bits - 3), bits


def project(points: np.ndarray, max_share: float = 1.0, iterations: int = 60) -> np.ndarray:
    """Euclidean projection of `points` [..., d] on the capped simplex, by bisection on the shift.

    The projection is clip(x - t, 0, max_share) with t such that the shares sum to one.
    """
    x = np.asarray(points, dtype=np.float64)
    low = x.min(axis=-1, keepdims=True) - 1.0
    high = x.max(axis=-1, keepdims=True)
    for _ in range(iterations):
        middle = 0.5 * (low + high)
        over = np.clip(x - middle, 0, max_share).sum(axis=-1, keepdims=True) > 1
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    w = np.clip(x - 0.5 * (low + high), 0, max_share)
    return w / w.sum(axis=-1, keepdims=True)


def sample(rng: np.random.Generator, n: int, domains: int, max_share: float = 1.0) -> np.ndarray:
    """`n` mixtures [n, d] drawn uniformly from the capped simplex.

    Dirichlet(1) by rejection; where fewer than 1% would be accepted, pairwise Gibbs sampling.
    """
    if max_share >= 1:
        return rng.dirichlet(np.ones(domains), n)
    if _acceptance(domains, max_share) < _REJECTION_FLOOR:
        return _gibbs(rng, n, domains, max_share)
    kept: list[np.ndarray] = []
    missing = n
    while missing > 0:
        draws = rng.dirichlet(np.ones(domains), max(16, int(2 * missing)))
        kept.append(draws[draws.max(axis=1) <= max_share][:missing])
        missing -= len(kept[-1])
    return np.concatenate(kept) if kept else np.empty((0, domains))


def _acceptance(domains: int, max_share: float) -> float:
    """P(max share <= cap) under Dirichlet(1), by inclusion and exclusion."""
    total, sign, ways = 0.0, 1.0, 1.0
    for k in range(domains + 1):
        rest = 1 - k * max_share
        if rest <= 0:
            break
        total += sign * ways * rest ** (domains - 1)
        sign, ways = -sign, ways * (domains - k) / (k + 1)
    return total


def _gibbs(rng: np.random.Generator, n: int, domains: int, max_share: float) -> np.ndarray:
    """Resample the split of random pairs of shares, uniform given their sum; batched over n."""
    w = np.full((n, domains), 1 / domains)
    rows = np.arange(n)
    for _ in range(_GIBBS_SWEEPS * domains):
        i = rng.integers(domains, size=n)
        j = (i + rng.integers(1, domains, size=n)) % domains
        both = w[rows, i] + w[rows, j]
        low, high = np.maximum(0, both - max_share), np.minimum(both, max_share)
        w[rows, i] = low + (high - low) * rng.random(n)
        w[rows, j] = both - w[rows, i]
    return w


def extremes(domains: int, max_share: float = 1.0) -> np.ndarray:
    """The region's extreme points [m, d]: as many shares at the cap as fit, one takes the rest."""
    full = int(np.floor(1 / max_share + 1e-9))
    rest = 1 - full * max_share
    points = []
    for chosen in combinations(range(domains), full):
        base = np.zeros(domains)
        base[list(chosen)] = max_share
        others = [i for i in range(domains) if i not in chosen] if rest > 1e-9 else [None]
        points += [base + rest * (np.arange(domains) == other) for other in others]
    return np.array([p / p.sum() for p in points])


def lattice(domains: int, parts: int, max_share: float = 1.0) -> np.ndarray:
    """All mixtures [m, d] whose shares are multiples of 1/parts, none above the cap."""
    bars = np.array(list(combinations(range(parts + domains - 1), domains - 1)), dtype=np.int64)
    edges = np.concatenate(
        [np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), parts + domains - 1)], axis=1
    )
    points = (np.diff(edges, axis=1) - 1) / parts
    return points[points.max(axis=1) <= max_share + 1e-9]
