"""Ridge regression on functions of the shares, chosen by leaving one out. Pure functions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

PENALTIES = np.logspace(-8, 2, 21)  # relative to the largest squared singular value
DESIGNS = ("shares", "products", "roots")


class Ridge(NamedTuple):
    """A fitted line: `offset` + features @ `slopes`; its error on observations left out."""

    design: str
    offset: float
    slopes: np.ndarray
    error: float  # root mean square, each observation left out in turn

    def __call__(self, mixture: np.ndarray) -> np.ndarray:
        """Predictions [m] at mixtures [m, d]."""
        return self.offset + features(mixture, self.design) @ self.slopes


def features(mixture: np.ndarray, design: str) -> np.ndarray:
    """Features [m, p] of mixtures [m, d].

    "shares"; "products": those and the products of pairs of shares; "roots": the square roots of
    the shares, the products of pairs of them, and the shares, for what falls fast from nothing.
    """
    if design == "shares":
        return mixture
    i, j = np.triu_indices(mixture.shape[1], k=1)
    if design == "products":
        return np.concatenate([mixture, mixture[:, i] * mixture[:, j]], axis=1)
    root = np.sqrt(np.maximum(mixture, 0))
    return np.concatenate([mixture, root, root[:, i] * root[:, j]], axis=1)


def ridge(mixture: np.ndarray, values: np.ndarray) -> list[Ridge]:
    """For each column of values [n, j] the design and penalty of least error on those left out."""
    fits = [_fit(design, mixture, values) for design in DESIGNS]
    return [min(column, key=lambda fit: fit.error) for column in zip(*fits, strict=True)]


def _fit(design: str, mixture: np.ndarray, values: np.ndarray) -> list[Ridge]:
    """One ridge [j] a column of values [n, j]; the offset is not penalised."""
    x = features(mixture, design)
    n, centre, level = len(x), x.mean(axis=0), values.mean(axis=0)
    left, size, right = np.linalg.svd(x - centre, full_matrices=False)
    keep = size > 1e-10 * max(1.0, size.max(initial=0.0))
    left, size, right = left[:, keep], size[keep], right[keep]
    onto = left.T @ (values - level)
    ratios = size**2 / (size**2 + PENALTIES[:, None] * (size**2).max(initial=1e-300))  # [P, r]
    fitted = np.einsum("nr,pr,rj->pnj", left, ratios, onto)
    leverage = 1 / n + np.einsum("nr,pr->pn", left**2, ratios)
    apart = (values - level - fitted) / np.maximum(1 - leverage, 1e-3)[:, :, None]
    errors = np.sqrt((apart**2).mean(axis=1))
    best = errors.argmin(axis=0)
    found = []
    for column, chosen in enumerate(best):
        slopes = right.T @ (ratios[chosen] / size * onto[:, column])
        offset = float(level[column] - centre @ slopes)
        found.append(Ridge(design, offset, slopes, float(errors[chosen, column])))
    return found
