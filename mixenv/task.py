"""A task: a surface, an objective and the rules under which experiments on it are bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mixenv import noise as noise_models
from mixenv import quadratic, truth
from mixenv.noise import Noise, NoiseSpec
from mixenv.objective import MetricSpec, Objective, make_objective, needs_constants
from mixenv.problem import Problem
from mixenv.proportions import natural_shares
from mixenv.region import CappedSimplex, RecordedMixtures, Region
from mixenv.scale import parse_scale, scale_label
from mixenv.simplex import check_cap, check_mixture
from mixenv.surfaces.protocol import RecordedSurface, Surface


@dataclass(frozen=True, eq=False)
class Task:
    """One data-mixture problem, frozen; its constants are computed when first asked for.

    `scales` in parameters and `steps`, both ascending, are the grid of experiments; `target` the
    (scale, steps) at which the recommended mixture will be trained. `budget` and every cost are
    in target runs: 1.0 = one full run at the target. `noise` as in `mixenv.noise.check_noise`.
    `resume` lets a longer run continue a shorter one; `strict` refuses mixtures that a pool of
    recorded runs does not hold. Raises ValueError naming the field that does not fit.
    """

    surface: Surface
    metric: MetricSpec
    scales: tuple[float, ...]
    steps: tuple[int, ...]
    target: tuple[float, int]
    max_share: float
    budget: float
    noise: NoiseSpec
    cost_weight: float = 1.0
    standardise: bool = False
    resume: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        check_cap(len(self.surface.domains), self.max_share)
        noise_models.check_noise(self.noise)
        _check_rules(self)
        make_objective(self.metric, self.surface.metric_set, *self._placeholder())
        if isinstance(self.metric, Mapping):  # a frozen task keeps its own copy
            object.__setattr__(self, "metric", dict(self.metric))

    def _placeholder(self) -> tuple[np.ndarray, np.ndarray]:
        k = len(self.surface.metric_set)
        return np.zeros(k), np.ones(k)

    @cached_property
    def pool(self) -> RecordedSurface | None:
        """The surface, where only recorded runs answer; else None."""
        return self.surface if isinstance(self.surface, RecordedSurface) else None

    @cached_property
    def region(self) -> Region:
        """The allowed mixtures: the capped simplex, or the pool's rows at the target scale."""
        if self.pool is not None:
            return RecordedMixtures(self.pool.pool(*self.target))
        return CappedSimplex(len(self.surface.domains), self.max_share)

    @property
    def _key(self) -> str:
        return truth.constants_key(self.surface, self.max_share, self.target)

    @cached_property
    def _known(self) -> quadratic.Known | None:
        """The truth where the surface has it in closed form."""
        return quadratic.known(self.surface, self.region, self.target)

    @cached_property
    def moments(self) -> truth.Moments:
        """Mean and sd of each metric over the region at the target."""
        stored = truth.shipped_moments(self._key)
        if stored is None and self._known:
            return self._known.moments
        return stored or truth.compute_moments(self.surface, self.region, self.target)

    @cached_property
    def objective(self) -> Objective:
        """The objective on metrics [..., k]; lower is better."""
        constants = (None, None)
        if needs_constants(self.metric, self.standardise):
            constants = (self.moments.mean, self.moments.sd)
        return make_objective(
            self.metric, self.surface.metric_set, *constants, standardise=self.standardise
        )

    @cached_property
    def optimum(self) -> truth.Optimum:
        """The best mixture at the target, its objective, and the objective's sd."""
        exact = self._known.optimum(self.objective) if self._known else None
        return (
            self._shipped_optimum
            or exact
            or truth.compute_optimum(self.surface, self.region, self.target, self.objective)
        )

    @cached_property
    def sd(self) -> float:
        """Standard deviation of the objective over uniform mixtures of the region at target."""
        if self._shipped_optimum:
            return self._shipped_optimum.sd
        exact = self._known.sd(self.objective) if self._known else None
        return exact or truth.compute_sd(self.surface, self.region, self.target, self.objective)

    @property
    def _shipped_optimum(self) -> truth.Optimum | None:
        if not isinstance(self.metric, str) or self.standardise:
            return None
        return truth.shipped_optimum(self._key, self.metric)

    @cached_property
    def noise_model(self) -> Noise:
        """The noise that `noise` names, with its level worked out for this task."""
        metrics = self.surface.metric_set
        if noise_models.absolute(self.noise):
            level = 1.0 if isinstance(self.noise, str) else float(self.noise)
            scale, steps = self.surface.scales[-1], self.surface.steps[-1]
            return noise_models.seed_noise(metrics, scale, steps, level)
        sd = self.moments.sd * _rescaling(self, noise_models.relative_level(str(self.noise)))
        d = len(self.surface.domains)
        return noise_models.relative_noise(str(self.noise), metrics, sd, *self.target, d)

    @cached_property
    def rates(self) -> np.ndarray:
        """Cost [S] of one step at each of the task's scales, in target runs."""
        scale, steps = self.target
        paid = np.array([self.surface.step_cost(s) for s in self.scales])
        return paid / (self.surface.step_cost(scale) * steps)

    def cost_flops(self, scale: str | float, steps: int) -> float:
        """FLOPs of a fresh run at `scale` (parameters or a label) up to `steps`.

        Raises ValueError where the surface counts its cost in another unit.
        """
        if self.surface.cost_unit != "FLOPs":
            raise ValueError(
                f"cost_flops: expected a surface whose cost is in FLOPs, got one in "
                f"{self.surface.cost_unit} ({self.surface.name}); use task.cost, in target runs"
            )
        return self.surface.step_cost(parse_scale(scale)) * steps

    def cost(self, scale: str | float, steps: int) -> float:
        """Cost of a fresh run in target runs."""
        at, length = self.target
        price = self.surface.step_cost(parse_scale(scale)) * steps
        return price / (self.surface.step_cost(at) * length)

    def save(self, path: str | Path, source: str | None = None) -> None:
        """Write the task to a file, which `mixenv.load_task` reads; see `mixenv.taskfile`."""
        from mixenv.taskfile import save_task  # which makes tasks

        save_task(self, path, source)

    def value(self, mixture: np.ndarray) -> float:
        """The noise-free objective of `mixture` [d] at the target. For evaluators, not agents."""
        w = check_mixture(mixture, len(self.surface.domains), self.max_share)
        return float(self.objective(truth.AtTarget(self.surface, self.target)(w[None]))[0])

    def regret(self, mixture: np.ndarray) -> float:
        """How much worse `mixture` [d] is at the target than the best, in the objective's unit.

        Divide by `sd` for sd units. Never negative: it is against the best mixture known.
        """
        return max(0.0, self.value(mixture) - self.optimum.value)

    @cached_property
    def problem(self) -> Problem:
        """What an agent is told about this task: everything but the truth and the noise."""
        surface = self.surface
        pools: dict[float, np.ndarray] = {}
        cost = self.rates[:, None] * np.array(self.steps, dtype=np.float64)
        if self.pool is not None:
            pools = {s: self.pool.pool(s) for s in self.scales}
            asked = np.array(self.steps)
            trained = np.array([self.pool.trained(s, asked) for s in self.scales])
            cost = self.rates[:, None] * trained
        return Problem(
            surface.domains, self.scales, self.steps, cost, surface.metric_set, self.objective,
            self.target, self.max_share, self.budget, self.region, pools, natural_shares(surface),
        )  # fmt: skip


def load_task(path: str | Path) -> Task:
    """The task of a file; see `mixenv.taskfile`."""
    from mixenv import taskfile  # which makes tasks

    return taskfile.load_task(path)


def _check_rules(task: Task) -> None:
    """Raise ValueError for a grid, target, budget or cost weight that makes no task."""
    surface = task.surface
    label = ", ".join(scale_label(s) for s in surface.scales)
    for scale in (*task.scales, task.target[0]):
        if scale not in surface.scales:
            raise ValueError(f"scale: expected one of {label}, got {scale_label(scale)}")
    if not task.scales or list(task.scales) != sorted(set(task.scales)):
        raise ValueError(f"scales: expected distinct scales, ascending, got {task.scales}")
    if not task.steps or list(task.steps) != sorted(set(task.steps)) or task.steps[0] < 1:
        raise ValueError(f"steps: expected positive checkpoints, ascending, got {task.steps}")
    if task.target[1] < 1:
        raise ValueError(f"target: expected a positive number of steps, got {task.target[1]!r}")
    if not (np.isfinite(task.budget) and task.budget > 0):
        raise ValueError(f"budget: expected target runs, more than 0, got {task.budget!r}")
    if not np.isfinite(task.cost_weight):
        raise ValueError(f"cost_weight: expected a finite number, got {task.cost_weight!r}")
    if task.pool and task.noise != 0:
        raise ValueError(f"noise: expected 0, recorded runs are noisy already, got {task.noise!r}")
    if task.pool and task.max_share != 1.0:
        raise ValueError(f"max_share: expected 1.0 for recorded runs, got {task.max_share!r}")


def _rescaling(task: Task, level: float) -> float:
    """What noise of `level` sds a metric is multiplied by, so that the objective's is as many sds.

    Exact for sums; for a maximum, found at that level over the region at the target.
    """
    objective, sd = task.objective, task.moments.sd
    index, gain = list(objective.index), np.array(objective.gain)
    if not objective.worst or level == 0:
        return task.sd / float(np.sqrt(np.sum((gain * sd[index]) ** 2)))
    rng = np.random.default_rng(3)
    mean = truth.AtTarget(task.surface, task.target)(task.region.sample(rng, 4096))
    noise = level * sd * rng.normal(size=mean.shape)
    factor = 1.0
    for _ in range(8):  # the maximum is nearly linear: the error shrinks several times a round
        moved = objective(mean + factor * noise) - objective(mean)
        factor *= level * task.sd / float(np.std(moved))
    return factor
