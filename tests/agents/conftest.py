"""A small problem with a known best mixture, what plays it, and an agent past its design."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.settings import Settings
from mixenv.metrics import loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome, Problem
from mixenv.region import CappedSimplex, RecordedMixtures

SCALES = (1e7, 1e8, 1e9)
STEPS = tuple(range(100, 2001, 100))
BEST = np.array([0.45, 0.35, 0.15, 0.05])


def make_problem(
    max_share: float = 0.5,
    steps: tuple[int, ...] = STEPS,
    pools: dict[float, np.ndarray] | None = None,
    domains: int = 4,
    scales: tuple[float, ...] = SCALES,
) -> Problem:
    target = (scales[-1], steps[-1])
    cost = np.outer(scales, steps) / (target[0] * target[1])
    region = RecordedMixtures(pools[target[0]]) if pools else CappedSimplex(domains, max_share)
    return Problem(
        tuple("abcdefghijklmnopqrstuvwxyz"[:domains]), scales, steps, cost, (loss("a"),),
        Objective("a", (0,), (1.0,), (0.0,)), target, max_share, 8.0, region, pools or {},
    )  # fmt: skip


def quadratic(experiment: Experiment) -> float:
    """Lower with scale and steps; at any of them least at BEST."""
    far = float(((experiment.mixture - BEST) ** 2).sum())
    return 2 + 2 * far - 0.1 * np.log(experiment.scale / 1e9) - 0.2 * np.log(experiment.steps / 2e3)


class FakeEnv:
    """Answers `value(experiment)`; a longer run of the same mixture pays the difference."""

    def __init__(
        self,
        problem: Problem,
        value: Callable[[Experiment], float] = quadratic,
        limit: int = 40,
        budget: float = np.inf,
    ) -> None:
        self.unwrapped = SimpleNamespace(task=SimpleNamespace(problem=problem))
        self.problem, self.value, self.limit, self.budget = problem, value, limit, budget

    def reset(self, *, seed: int) -> None:
        self.seed, self.spent, self.count = seed, 0.0, 0
        self.runs: dict[tuple[float, ...], int] = {}

    def step(self, action: dict) -> tuple[None, float, bool, bool, dict]:
        scale = self.problem.scales[action["scale"]]
        asked = Experiment(action["mixture"], scale, self.problem.steps[action["steps"]])
        price = self.problem.price(scale, asked.steps)
        affordable = self.spent + price <= self.budget
        self.spent += price * affordable
        self.count += 1
        steps = asked.steps * affordable
        info = {
            "experiment": {"mixture": asked.mixture, "scale": scale, "steps": steps},
            "metrics": np.array([self.value(asked)]),
            "cost": price * affordable,
            "cut_short": not affordable,
            "resumed": False,
        }
        return None, 0.0, not affordable, self.count >= self.limit, info


def outcome(value: float) -> Outcome:
    return Outcome(np.array([value]), 0.1)


def check(problem: Problem, experiment: Experiment) -> None:
    """The experiment is on the grid and its mixture in the region."""
    problem.indices(experiment.scale, experiment.steps)
    w = experiment.mixture
    assert w.shape == (len(problem.domains),)
    assert np.isfinite(w).all()
    assert w.min() >= -1e-9
    assert w.max() <= problem.max_share + 1e-6
    assert abs(w.sum() - 1) < 1e-6


@pytest.fixture
def lab() -> SimpleNamespace:
    """The helpers above."""
    return SimpleNamespace(
        make_problem=make_problem, quadratic=quadratic, FakeEnv=FakeEnv, outcome=outcome,
        check=check, BEST=BEST, SCALES=SCALES, STEPS=STEPS,
    )  # fmt: skip


@pytest.fixture
def past_design(lab: SimpleNamespace) -> MFMSPlus:
    """MFMS-GP+ told the quadratic 24 times: its design is done."""
    agent = MFMSPlus(lab.make_problem(), 0, Settings(race=False))
    for _ in range(24):
        asked = agent.ask()
        agent.tell(asked, lab.outcome(lab.quadratic(asked)))
    assert not agent._design
    return agent
