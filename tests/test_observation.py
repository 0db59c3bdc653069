"""Observations: bounds, padding and masks, against what the infos show."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface

ROWS = 7


@pytest.fixture(scope="module")
def task(toy):
    return make_task(toy, budget=3.0, max_share=0.5, scales=["20M", "300M", "1B"])


def actions(task, seed, n=ROWS):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        scale, steps = int(rng.integers(len(task.scales))), int(rng.integers(len(task.steps)))
        yield {"mixture": task.region.sample(rng, 1)[0], "scale": scale, "steps": steps}


def episode(env, seed):
    """Observations after the reset and after each step, and the steps' infos."""
    seen, infos = [env.reset(seed=seed)[0]], []
    for action in actions(env.task, seed):
        observation, _, terminated, truncated, info = env.step(action)
        seen.append(observation)
        infos.append(info)
        if terminated or truncated:
            break
    return seen, infos


def test_the_space_of_a_history(task):
    space = DataMixtureEnv(task=task, max_experiments=ROWS).observation_space
    shapes = {
        "mixture": (7, 5), "scale": (7, 3), "log_steps": (7, 1), "metrics": (7, 11),
        "cost": (7, 1), "mask": (7, 1), "count": (1,), "remaining": (1,),
    }  # fmt: skip
    assert {name: box.shape for name, box in space.items()} == shapes
    highs = {name: float(box.high.max()) for name, box in space.items()}
    assert highs["metrics"] == 20
    assert highs["count"] == ROWS
    assert highs["remaining"] == highs["cost"] == pytest.approx(3.0)
    assert highs["log_steps"] == pytest.approx(np.log(19_500), abs=0.01)
    for box in space.values():
        assert isinstance(box, spaces.Box)
        assert box.dtype == np.float32
        assert box.is_bounded()


def test_the_space_of_the_last_experiment_has_no_rows(task):
    space = DataMixtureEnv(task=task, observation="last").observation_space
    shapes = {name: box.shape for name, box in space.items()}
    assert shapes["mixture"] == (5,)
    assert shapes["metrics"] == (11,)
    assert shapes["mask"] == shapes["count"] == (1,)


@given(st.integers(0, 10_000), st.sampled_from(["history", "last"]))
@settings(max_examples=30)
def test_every_observation_is_in_the_space(task, seed, kind):
    env = DataMixtureEnv(task=task, observation=kind, max_experiments=ROWS)
    for observation in episode(env, seed)[0]:
        assert observation in env.observation_space
        assert all(np.isfinite(x).all() for x in observation.values())


def expected_row(task, info):
    done = info["experiment"]
    mean, sd = task.moments.mean, task.moments.sd
    return {
        "mixture": done["mixture"],
        "scale": [float(s == done["scale"]) for s in task.scales],
        "log_steps": [np.log(done["steps"])],
        "metrics": np.clip((info["metrics"] - mean) / sd, -20, 20),
        "cost": [info["cost"]],
        "mask": [1.0],
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_history_holds_what_the_infos_showed(task, seed):
    env = DataMixtureEnv(task=task, max_experiments=ROWS)
    seen, infos = episode(env, seed)
    assert len(infos) > 1
    for after, observation in enumerate(seen):
        done = [i for i in infos[:after] if i["experiment"]["steps"]]
        assert observation["count"].tolist() == [len(done)]
        left = 3.0 - sum(i["cost"] for i in done)
        assert observation["remaining"][0] == pytest.approx(left, abs=1e-5)
        for row, info in enumerate(done):
            for name, value in expected_row(task, info).items():
                np.testing.assert_allclose(observation[name][row], value, rtol=1e-6, atol=1e-6)
        for name in ("mixture", "scale", "log_steps", "metrics", "cost", "mask"):
            assert not observation[name][len(done) :].any()


def test_the_last_is_the_last_row_of_the_history(task):
    kinds = [
        DataMixtureEnv(task=task, observation=kind, max_experiments=ROWS)
        for kind in ("history", "last")
    ]
    for history, last in zip(*(episode(env, 2)[0] for env in kinds), strict=True):
        row = max(int(history["count"][0]) - 1, 0)
        for name in ("mixture", "scale", "log_steps", "metrics", "cost", "mask"):
            assert last[name].tolist() == history[name][row].tolist()
        assert last["count"] == history["count"]
        assert last["remaining"] == history["remaining"]


def test_metrics_are_clipped_in_the_observation_and_not_in_the_info(toy):
    env = DataMixtureEnv(task=make_task(toy, budget=3.0, noise="500sd", metric="c4"))
    env.reset(seed=5)
    action = {"mixture": np.full(5, 0.2), "scale": 6, "steps": 20}
    observation, *_, info = env.step(action)
    assert observation in env.observation_space
    seen = observation["metrics"][0]
    assert np.abs(seen[:8]).max() == 20
    task = env.task
    assert np.abs((info["metrics"] - task.moments.mean) / task.moments.sd).max() > 40


@pytest.mark.parametrize("kind", ["history", "last"])
def test_no_two_observations_share_memory(task, kind):
    env = DataMixtureEnv(task=task, observation=kind, max_experiments=ROWS)
    seen, _ = episode(env, 1)
    before = [{name: x.copy() for name, x in o.items()} for o in seen]
    for name in seen[0]:
        for i, one in enumerate(seen):
            assert not any(np.shares_memory(one[name], other[name]) for other in seen[i + 1 :])
    for observation in seen:
        for x in observation.values():
            x[:] = -7.0
    again, _ = episode(env, 1)
    for old, new in zip(before, again, strict=True):
        assert all(old[name].tolist() == new[name].tolist() for name in old)


def test_a_budget_overrun_by_the_slack_is_still_in_the_space(toy):
    """The cheapest checkpoint costs 6.6e-5: the slack is large beside single precision there."""
    price = make_task(toy).cost("20M", 100)
    env = DataMixtureEnv(task=make_task(toy, budget=price - 8e-10))
    env.reset(seed=1)
    observation, _, terminated, _, info = env.step(
        {"mixture": np.full(5, 0.2), "scale": 0, "steps": 9}
    )
    assert info["experiment"]["steps"] == 100
    assert info["cost"] > env.task.budget
    assert terminated
    assert observation["remaining"] == 0
    assert observation in env.observation_space


def test_a_pool_shows_the_shares_of_the_row_that_answered(recorded):
    env = DataMixtureEnv(task=make_task(RowsSurface(recorded), metric="web"))
    env.reset(seed=1)
    observation, *_ = env.step({"mixture": [0.45, 0.35, 0.2], "scale": 1, "steps": 1})
    np.testing.assert_allclose(observation["mixture"][0], [0.5, 0.3, 0.2], rtol=1e-6)
    assert observation in env.observation_space
