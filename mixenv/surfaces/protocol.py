"""A surface: the mean outcome of training a mixture at a scale for some steps, noise-free."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from mixenv.metrics import Metric


class Surface(Protocol):
    """What a task asks of a surface. `n` queries, `d` domains, `k` metrics, `m` checkpoints.

    Scales are in parameters (1B = 1e9), steps are optimiser steps, losses nats per token,
    accuracies fractions. The array namespace `xp` is NumPy or jax.numpy.
    """

    @property
    def name(self) -> str:
        """A short name: "published", "surrogate", "rows:regmix"."""
        ...

    @property
    def provenance(self) -> str:
        """Where its numbers come from: measured, surrogate, published, fitted or synthetic."""
        ...

    @property
    def support(self) -> str:
        """One sentence: where the surface rests on runs, and where it is an opinion."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash of everything that decides its numbers."""
        ...

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the d domains, in the order of the shares."""
        ...

    @property
    def metric_set(self) -> tuple[Metric, ...]:
        """The k metrics."""
        ...

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the k metrics."""
        ...

    @property
    def scales(self) -> tuple[float, ...]:
        """Scales in parameters, ascending."""
        ...

    @property
    def steps(self) -> tuple[int, ...]:
        """The checkpoints that its runs log, ascending."""
        ...

    @property
    def cost_unit(self) -> str:
        """The unit of `step_cost`: "FLOPs", or what the runs were paid in, such as "minutes"."""
        ...

    def step_cost(self, scale: float) -> float:
        """Cost of one optimiser step at `scale` parameters, in `cost_unit`."""
        ...

    def metrics(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, k] at mixture [n, d], scale [n] and steps [n]."""
        ...

    def curve(self, mixture: Any, scale: Any, steps: Any, xp: Any = np) -> Any:
        """Metrics [n, m, k] at mixture [n, d], scale [n] and checkpoints steps [n, m]."""
        ...


@runtime_checkable
class RecordedSurface(Surface, Protocol):
    """A surface of recorded runs only: a query is answered by the nearest recorded row."""

    def locate(self, mixture: np.ndarray, scale: float) -> tuple[int, float]:
        """Index of the nearest recorded run of that scale, and its total-variation distance."""
        ...

    def locate_many(self, mixture: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Indices [n] of the runs nearest to mixtures [n, d], and total variations [n]."""
        ...

    def runs(self, scale: float, steps: int = 0) -> np.ndarray:
        """Indices [n] of the recorded runs of a scale that reach `steps`."""
        ...

    def pool(self, scale: float, steps: int = 0) -> np.ndarray:
        """The recorded mixtures [n, d] of a scale, one a run, of runs that reach `steps`."""
        ...

    def mixture(self, row: int) -> np.ndarray:
        """The shares [d] of a recorded run."""
        ...

    def length(self, row: int) -> int:
        """Steps at which the recorded run `row` ends."""
        ...

    def checkpoints(self, row: int) -> np.ndarray:
        """The steps [m], ascending, that a recorded run logged."""
        ...

    def recorded(self, row: int, steps: np.ndarray) -> np.ndarray:
        """Metrics [m, k] of a recorded run at checkpoints [m]."""
        ...

    def trained(self, scale: float, steps: np.ndarray) -> np.ndarray:
        """The steps [m] that a run of a scale trains when asked for `steps` [m]."""
        ...

    def longest(self, scale: float) -> int:
        """Steps at which the longest recorded run of a scale ends."""
        ...
