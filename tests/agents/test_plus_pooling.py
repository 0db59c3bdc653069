"""How far several losses of MFMS-GP+ are held to rank mixtures at cheap runs as at the target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus import model as models
from agents.plus.priors import PRIORS, held, pooled, unpack
from agents.plus.settings import Settings
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective

SETTINGS = Settings()
STEPS = tuple(range(100, 19_501, 100))
DOMAINS = 4


def hypers(agent):
    return [unpack(row, np) for row in agent._learner.learned.free]


def free_values(scales, steps):
    """Free values [M, p] of outputs with these loadings."""
    free = np.zeros((len(scales), DOMAINS + len(PRIORS)))
    names = list(PRIORS)
    free[:, DOMAINS + names.index("scale_mean")] = scales
    free[:, DOMAINS + names.index("steps_mean")] = steps
    return free


@pytest.fixture
def problem(lab):
    """The mean of two losses; four domains, shares up to one half, three scales."""
    mean = Objective("mean", (0, 1), (0.5, 0.5), (0.0, 0.0))
    one = lab.make_problem(steps=STEPS)
    return replace(one, metrics=(*one.metrics, loss("b")), objective=mean, budget=60.0)


@pytest.fixture
def fits(monkeypatch):
    """What each fit began with and the loadings' priors it had, in order."""
    learn, seen = models.learn, []

    def watched(start, rows, geometry, settings, doubt, bent, loadings):
        seen.append((start, loadings))
        return learn(start, rows, geometry, settings, doubt, bent, loadings)

    monkeypatch.setattr(models, "learn", watched)
    return seen


def tell(lab, agent, asked, cheap=1.0, value=None):
    """The outcome of a run whose effect, below the target's scale, is `cheap` times that there."""
    factor = 1.0 if asked.scale == agent.problem.target[0] else cheap
    value = 2 + factor * (lab.quadratic(asked) - 2) if value is None else value
    agent.tell(asked, replace(lab.outcome(value), metrics=np.array([value, value + 0.1])))


class TestPooled:
    def test_half_is_the_race_s_and_half_the_outputs(self):
        found = pooled(free_values([0.3, -0.5], [0.0, 0.2]), SETTINGS)
        assert found.scale == pytest.approx(np.sqrt((0.2**2 + 0.17) / 2))
        assert found.steps == pytest.approx(np.sqrt((0.1**2 + 0.02) / 2))

    def test_what_all_outputs_show_is_believed_and_what_none_does_is_not(self):
        near, far = (pooled(free_values([x] * 5, [0.0] * 5), SETTINGS) for x in (0.0, 1.5))
        assert near.scale < held(SETTINGS).scale
        assert far.scale > 1


class TestLearner:
    def test_shared_once_the_design_is_told_and_from_then_on(self, lab, problem, fits):
        agent = MFMSPlus(problem, 0)
        while len(agent._told) < agent._designed - 1:
            tell(lab, agent, agent.ask())
        alone = len(fits)
        assert alone >= 1
        assert all(loadings is None for _, loadings in fits)
        tell(lab, agent, agent.ask())  # at once, though the rows have grown by less than a fifth
        (start, free), (anew, shared) = fits[alone:]
        assert (free, anew) == (None, None)
        assert start is not None
        assert 0 < shared.scale < 1
        last = agent._learner.learned.free
        while len(fits) == alone + 2:
            tell(lab, agent, agent.ask())
        (start, free), (same, shared) = fits[alone + 2 :]
        assert free is None
        assert start is last
        assert same is last
        assert 0 < shared.scale < 1

    def test_not_yet_where_the_design_s_runs_failed(self, lab, problem, fits):
        agent = MFMSPlus(problem, 0)
        for i in range(agent._designed):
            tell(lab, agent, agent.ask(), value=np.nan if i == 0 else None)
        assert len(fits) > 0
        assert all(loadings is None for _, loadings in fits)

    @pytest.mark.parametrize(
        ("metrics", "change"),
        [
            ((loss("a"), loss("b")), {"pool_loadings": False}),
            ((loss("a"), accuracy("b", items=1000)), {}),
            ((loss("a"), loss("b")), {"loadings": False}),
        ],
        ids=["switched off", "an accuracy", "no loadings"],
    )
    def test_each_its_own_elsewhere(self, lab, problem, fits, metrics, change):
        agent = MFMSPlus(replace(problem, metrics=metrics), 0, Settings(**change))
        while len(agent._told) < agent._designed + 3:
            tell(lab, agent, agent.ask())
        assert len(fits) > 1
        assert all(loadings is None for _, loadings in fits)

    @pytest.mark.parametrize(("cheap", "least", "most"), [(0.9, -0.3, 0.3), (-1, 0.8, 9)])
    def test_held_near_one_unless_cheap_runs_mislead(self, lab, problem, cheap, least, most):
        agent = MFMSPlus(problem, 0)
        while len(agent._told) < agent._designed + 12:
            tell(lab, agent, agent.ask(), cheap)
        assert all(least < h.scale_mean < most for h in hypers(agent))

    def test_goes_on_identically_once_saved(self, lab, problem, tmp_path):
        agent = MFMSPlus(problem, 0)
        while len(agent._told) < agent._designed:
            tell(lab, agent, agent.ask())
        agent.save(tmp_path / "agent.npz")
        other = MFMSPlus.load(tmp_path / "agent.npz")
        for _ in range(6):
            asked, also = agent.ask(), other.ask()
            np.testing.assert_array_equal(also.mixture, asked.mixture)
            tell(lab, agent, asked)
            tell(lab, other, also)
        np.testing.assert_array_equal(other._learner.learned.free, agent._learner.learned.free)
