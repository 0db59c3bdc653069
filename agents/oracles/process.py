"""The exact Gaussian process with a known kernel: predictions alone and joint, in NumPy, float64.

What a sequence model trained on draws of this process should say, and no more than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LOG_2_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Process:
    """f ~ GP(0, sd^2 RBF(length)), y = f + noise; `noise` is the noise's variance.

    Raises ValueError for a length or sd that is not positive, and for a negative noise.
    """

    length: float = 1.0
    sd: float = 1.0
    noise: float = 0.1

    def __post_init__(self) -> None:
        if not (self.length > 0 and self.sd > 0 and self.noise >= 0):
            raise ValueError(
                "process: expected length > 0, sd > 0 and noise >= 0, got "
                f"{self.length!r}, {self.sd!r}, {self.noise!r}; give positive numbers"
            )

    def kernel(self, x: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Covariance [..., n, m] of f at x [..., n, p] and other [..., m, p]."""
        squared = ((x[..., :, None, :] - other[..., None, :, :]) ** 2).sum(axis=-1)
        return self.sd**2 * np.exp(-0.5 * squared / self.length**2)

    def covariance(self, x: np.ndarray) -> np.ndarray:
        """Covariance [..., n, n] of outcomes y at x [..., n, p]."""
        return self.kernel(x, x) + self.noise * np.eye(x.shape[-2])

    def sample(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Outcomes y [..., n] at x [..., n, p], jointly."""
        root = np.linalg.cholesky(self.covariance(x) + 1e-10 * np.eye(x.shape[-2]))
        return (root @ rng.normal(size=(*x.shape[:-1], 1)))[..., 0]

    def predict(
        self, x: np.ndarray, y: np.ndarray, at: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [..., m] and covariance [..., m, m] of f at `at` [..., m, p] after y [..., n]."""
        cross = self.kernel(at, x)
        gain = np.swapaxes(np.linalg.solve(self.covariance(x), np.swapaxes(cross, -1, -2)), -1, -2)
        mean = (gain @ y[..., None])[..., 0]
        return mean, self.kernel(at, at) - gain @ np.swapaxes(cross, -1, -2)

    def joint(self, x: np.ndarray, y: np.ndarray, context: int) -> np.ndarray:
        """-log p(y_i | all before i) [..., n - context] after the first `context` of x, y.

        The sum is the joint negative log-likelihood: what the best multi-step prediction says.
        """
        return self._surprise(x, y)[..., context:]

    def alone(self, x: np.ndarray, y: np.ndarray, context: int) -> np.ndarray:
        """-log p(y_i | context) [..., n - context], each target alone: the best single-step."""
        given, at = x[..., :context, :], x[..., context:, :]
        mean, covariance = self.predict(given, y[..., :context], at)
        variance = np.diagonal(covariance, axis1=-2, axis2=-1) + self.noise
        return gaussian(y[..., context:], mean, variance)

    def readout(self, x: np.ndarray, anchors: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Covariance [..., m, m] of the mean that outcomes at anchors would leave at `at`.

        x [..., n, p] is what is known already. The spread that multi-step draws should have.
        """
        every = np.concatenate([x, anchors], axis=-2)
        return self._left(x, at) - self._left(every, at)

    def _left(self, x: np.ndarray, at: np.ndarray) -> np.ndarray:
        return self.predict(x, np.zeros(x.shape[:-1]), at)[1]

    def _surprise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """-log p(y_i | all before i) [..., n], by the Cholesky factor of the covariance."""
        root = np.linalg.cholesky(self.covariance(x))
        white = np.linalg.solve(root, y[..., None])[..., 0]
        return 0.5 * (_LOG_2_PI + white**2) + np.log(np.diagonal(root, axis1=-2, axis2=-1))


def gaussian(y: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """-log N(y; mean, variance), elementwise."""
    return 0.5 * (_LOG_2_PI + np.log(variance) + (y - mean) ** 2 / variance)
