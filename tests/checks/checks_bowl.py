"""A sound surface, and what makes unsound ones of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixenv.metrics import accuracy, loss


@dataclass(frozen=True, eq=False)
class Bowl:
    """A sound surface: two quadratic metrics on three domains, at two scales."""

    name: str = "bowl"
    provenance: str = "synthetic"
    support: str = "closed form"
    fingerprint: str = "bowl-1"
    domains: tuple[str, ...] = ("web", "code", "books")
    metric_set: tuple = (loss("web"), accuracy("quiz", 100))
    metric_names: tuple[str, ...] = ("web", "quiz")
    scales: tuple[float, ...] = (1e8, 1e9)
    steps: tuple[int, ...] = (100, 200, 300)
    cost_unit: str = "FLOPs"

    def step_cost(self, scale):
        return 6 * scale

    def metrics(self, mixture, scale, steps, xp=np):
        far = xp.sum((mixture - np.array([0.6, 0.3, 0.1])) ** 2, axis=-1)
        web = 2.0 + far + 1e3 / scale**0.5 + 10.0 / steps
        return xp.stack([web, 0.5 - 0.1 * far + 0 * web], axis=-1)

    def curve(self, mixture, scale, steps, xp=np):
        return self.metrics(mixture[:, None, :], scale[:, None] + 0 * steps, steps, xp)


def changed(base, **members):
    """A subclass of `base` with these members."""
    return type("Changed", (base,), members)


def raising(*_):
    raise RuntimeError("no such query")
