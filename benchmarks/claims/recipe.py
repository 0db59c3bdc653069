"""Models to train for the claims: each a recipe, whose weights are kept by all that made them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from agents.oracles import arms, regions
from agents.sequence import masks, train
from agents.sequence.config import Config
from benchmarks.claims import priors, probe
from benchmarks.claims.code import digest
from benchmarks.claims.effort import Effort

LONG, SHORT, ARM, REGION = 30, 15, 64, 12  # points of training sequences
FAMILIES = tuple(dict.fromkeys(  # (sd of theta, sd of noise) of arms and regions
    (*zip(arms.SPREAD, arms.NOISE, strict=True), *regions.TIE.families, *regions.APART.families)
))  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A model to train: `prior` names a function of `priors`, `options` are its arguments.

    After `steps`, `polish` steps more of four times the batch at an eighth of the rate: without
    them imagined outcomes drift.

    The paper never trains its custom mask on contexts of 0 and 1 points; `smallest` 2 does as it
    did, 0 trains them all.
    """

    prior: str
    options: tuple[tuple[str, Any], ...]
    config: Config
    steps: int
    mask: str = masks.CAUSAL
    batch: int = 16
    rate: float = 2e-3
    smallest: int = 0
    polish: int = 0

    @property
    def plan(self) -> train.Plan:
        """How training goes."""
        return train.Plan(self.steps, self.batch, self.rate, smallest=self.smallest)

    @property
    def finish(self) -> train.Plan:
        """How the polish goes."""
        return train.Plan(
            self.polish, 4 * self.batch, self.rate / 8, warmup=0, smallest=self.smallest
        )

    def key(self, seed: int) -> str:
        """Names the weights by all that they hang on: what training computes included."""
        made_by = (digest(("benchmarks.claims.priors",)), probe.training())
        content = json.dumps([asdict(self), seed, made_by], sort_keys=True)
        return sha256(content.encode()).hexdigest()[:16]

    def sampler(self) -> train.Prior:
        """The prior as training calls it."""
        draw, options = getattr(priors, self.prior), dict(self.options)
        return lambda key, batch: draw(key, batch, **options)


def process(effort: Effort, mask: str = masks.CAUSAL, smallest: int = 0) -> Recipe:
    """The one-dimensional process."""
    config = Config(1, effort.layers, effort.width, 4, 2 * effort.width)
    prior = (("points", LONG),)
    polish = effort.steps // 10
    return Recipe("process", prior, config, effort.steps, mask, smallest=smallest, polish=polish)


def arm(effort: Effort) -> Recipe:
    """One arm, of any family of the exact bandit or of active learning, pulled often."""
    return _means(effort, ARM, 16)


def region(effort: Effort) -> Recipe:
    """The same with few labels: how a sequence begins is what decides between regions."""
    return _means(effort, REGION, 64)


def _means(effort: Effort, points: int, batch: int) -> Recipe:
    config = Config(len(FAMILIES), 2, 32, 4, 64, floor=0.02)
    prior = (("points", points), ("families", FAMILIES))
    steps = effort.means_steps
    return Recipe("means", prior, config, steps, batch=batch, rate=4e-3, polish=steps // 10)


def space(effort: Effort, d: int, mask: str, longer: int = 1) -> Recipe:
    """Processes on [-2, 2]^d; `longer` times the steps."""
    config = Config(d + 1, 2, 32, 4, 64)
    prior = (("points", SHORT), ("d", d))
    return Recipe("spaces", prior, config, longer * effort.space_steps, mask, rate=4e-3)
