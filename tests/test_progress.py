"""Rewards, recomputed from what an episode's infos show."""

from __future__ import annotations

import numpy as np
import pytest

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.progress import REWARDS, begin
from mixenv.surfaces.rows import RowsSurface

OPTIONS = {"budget": 6.0, "max_share": 0.5, "metric": "github", "cost_weight": 0.3}
SHORT, FULL = 60, 194


def experiments(task, seed=3, n=12):
    """Random experiments, every third of them a full run at the target."""
    rng = np.random.default_rng(seed)
    for i in range(n):
        scale, steps = (6, FULL) if i % 3 == 1 else (int(rng.integers(7)), int(rng.integers(90)))
        yield {"mixture": task.region.sample(rng, 1)[0], "scale": scale, "steps": steps}


def episode(task, reward, actions, seed=11):
    env = DataMixtureEnv(task=task, reward=reward)
    env.reset(seed=seed)
    steps = []
    for action in actions:
        _, earned, terminated, truncated, info = env.step(action)
        assert type(earned) is float
        steps.append((earned, info))
        if terminated or truncated:
            return steps
    return steps


def uniform_value(surface, task):
    w = np.full((1, 5), 0.2)
    return surface.metrics(w, np.array([1e9]), np.array([19_500]))[0, 5]


@pytest.fixture(scope="module")
def task(toy):
    return make_task(toy, **OPTIONS)


def test_the_outcome_is_minus_the_noisy_objective_minus_cost(task):
    for earned, info in episode(task, "outcome", experiments(task)):
        expected = 0.0
        if info["experiment"]["steps"]:
            expected = -info["metrics"][5] - 0.3 * info["cost"]
        assert earned == pytest.approx(expected, abs=1e-12)


def test_the_improvement_is_the_decrease_of_the_best_at_the_target(task, toy):
    best = uniform_value(toy, task)
    first, improvements = True, 0
    for earned, info in episode(task, "improvement", experiments(task)):
        done, gain = info["experiment"], 0.0
        if done["scale"] == 1e9 and done["steps"] == 19_500:
            now = info["metrics"][5]
            gain = best - now if first else max(0.0, best - now)
            best = now if first else min(best, now)
            first = False
            improvements += gain != 0
        assert earned == pytest.approx(gain - 0.3 * info["cost"], abs=1e-12)
    assert improvements >= 2


def test_the_first_target_outcome_may_score_below_zero(toy):
    """A mixture worse than uniform at the target loses the difference; later ones never do."""
    task = make_task(toy, **OPTIONS | {"noise": 0, "cost_weight": 0.0})
    draws = task.region.sample(np.random.default_rng(1), 50)
    worst, better = (draws[i] for i in np.argsort([-task.value(w) for w in draws])[[0, 25]])
    asked = [{"mixture": w, "scale": 6, "steps": FULL} for w in (worst, better, worst)]
    earned = [e for e, _ in episode(task, "improvement", asked)]
    drop = task.value(np.full(5, 0.2)) - task.value(worst)
    assert drop < -0.01
    gained = task.value(worst) - task.value(better)
    np.testing.assert_allclose(earned, [drop, gained, 0.0], atol=1e-5)  # shares are rounded


def test_shorter_and_smaller_runs_do_not_improve(task):
    asked = [{"mixture": np.full(5, 0.2), "scale": s, "steps": t} for s, t in ((6, 193), (5, FULL))]
    for earned, info in episode(task, "improvement", asked):
        assert earned == pytest.approx(-0.3 * info["cost"], abs=1e-12)


def test_runs_beyond_a_short_target_do_not_improve_either(toy):
    task = make_task(toy, **OPTIONS | {"target": ("1B", 6_100), "budget": 30.0})
    asked = [{"mixture": np.full(5, 0.2), "scale": 6, "steps": t} for t in (SHORT, SHORT + 40)]
    (first, _), (beyond, info) = episode(task, "improvement", asked)
    assert first != pytest.approx(-0.3, abs=1e-9)
    assert beyond == pytest.approx(-0.3 * info["cost"], abs=1e-12)


def incumbent(infos, task):
    """The least noisy objective of the longest runs at the largest scale seen."""
    seen = [(i["experiment"], i["metrics"][5]) for i in infos if i["experiment"]["steps"]]
    if not seen:
        return np.full(5, 0.2)
    scale = max(done["scale"] for done, _ in seen)
    steps = max(done["steps"] for done, _ in seen if done["scale"] == scale)
    at = [(v, done) for done, v in seen if (done["scale"], done["steps"]) == (scale, steps)]
    return min(at, key=lambda pair: pair[0])[1]["mixture"]


@pytest.mark.parametrize("seed", range(6))
def test_the_regret_comes_at_the_end_and_is_the_incumbents(task, seed):
    actions = list(experiments(task, seed, 60))
    steps = episode(task, "regret", actions)
    assert len(steps) < 60
    assert [earned for earned, _ in steps[:-1]] == [0.0] * (len(steps) - 1)
    best = incumbent([info for _, info in steps], task)
    expected = -(task.value(best) - task.optimum.value) / task.sd
    assert steps[-1][0] == pytest.approx(expected, abs=1e-9)
    assert expected < -0.05


def test_the_incumbent_is_of_the_largest_scale_before_the_most_steps(task):
    """A short run at 1B outranks a full one at 20M, and of two at 1B the longer."""
    env = DataMixtureEnv(task=task, reward="regret", max_experiments=4)
    env.reset(seed=1)
    v = np.array([[0.5, 0.5, 0, 0, 0], [0, 0.5, 0, 0.5, 0], [0, 0, 0.5, 0, 0.5]])
    for mixture, scale, steps in ((v[0], 6, 3), (v[1], 6, 5), (v[2], 0, FULL), (v[0], 5, 90)):
        _, earned, *_ = env.step({"mixture": mixture, "scale": scale, "steps": steps})
    regrets = [(task.value(w) - task.optimum.value) / task.sd for w in v]
    assert min(abs(regrets[1] - regrets[i]) for i in (0, 2)) > 0.01
    assert earned == pytest.approx(-regrets[1], abs=1e-9)


@pytest.mark.parametrize("reward", REWARDS)
def test_what_nothing_pays_earns_nothing_but_a_regret_that_is_due(toy, reward):
    """The budget pays the smallest scale alone: asking for 1B ends the episode."""
    task = make_task(toy, **OPTIONS | {"budget": 0.002})
    action = {"mixture": [0.5, 0.5, 0, 0, 0], "scale": 6, "steps": 0}
    [(earned, info)] = episode(task, reward, [action])
    assert info["experiment"]["steps"] == 0
    uniform = np.full(5, 0.2)
    due = -(task.value(uniform) - task.optimum.value) / task.sd
    assert due < 0
    assert earned == pytest.approx(due if reward == "regret" else 0.0, abs=1e-12)


def test_a_regret_is_due_when_the_experiments_run_out(toy):
    env = DataMixtureEnv(task=make_task(toy, **OPTIONS), reward="regret", max_experiments=2)
    env.reset(seed=1)
    action = {"mixture": [0.5, 0.5, 0, 0, 0], "scale": 0, "steps": 5}
    assert env.step(action)[1] == 0.0
    _, earned, terminated, truncated, _ = env.step(action)
    assert (terminated, truncated) == (False, True)
    task = env.task
    expected = -(task.value(np.array([0.5, 0.5, 0, 0, 0])) - task.optimum.value) / task.sd
    assert earned == pytest.approx(expected, abs=1e-9)


def test_in_a_pool_the_incumbent_is_the_row_that_answered(recorded):
    task = make_task(RowsSurface(recorded), metric="web", budget=9.0)
    env = DataMixtureEnv(task=task, reward="regret", max_experiments=2)
    env.reset(seed=1)
    env.step({"mixture": [0.0, 1.0, 0.0], "scale": 0, "steps": 3})
    _, earned, *_ = env.step({"mixture": [0.45, 0.35, 0.2], "scale": 1, "steps": 3})
    values = np.array([3.0 - 0.07 * run - 0.4 for run in (2, 3, 3)])
    assert earned == pytest.approx(-0.07 / values.std(), rel=1e-9)


def test_nothing_observed_means_the_uniform_mixture(task):
    progress = begin(task)
    assert progress.best is None
    assert progress.incumbent.tolist() == [0.2] * 5
