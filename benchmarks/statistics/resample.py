"""Bootstrap resamples, always the same for one stream: equal records give equal intervals."""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000
_SEED = 0xB007


def draws(n: int, stream: int) -> np.ndarray:
    """Resampled indices [resamples, n]."""
    return np.random.default_rng([_SEED, stream]).integers(n, size=(RESAMPLES, n))


def weights(n: int, stream: int) -> np.ndarray:
    """How often each of n values was drawn, over n: [resamples, n], rows sum to 1."""
    rng = np.random.default_rng([_SEED, stream])
    return rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n


def ends(values: np.ndarray) -> tuple[float, float]:
    """The middle 95% of resampled values [resamples]."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
