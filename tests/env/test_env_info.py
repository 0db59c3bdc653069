"""What a step's info says, and that it never tells the truth without noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.simplex import sample
from mixenv.surfaces.rows import RowsSurface


def test_what_info_holds(make):
    env = make(curve=16)
    _, first = env.reset(seed=1)
    assert first["curve_count"] == first["cost"] == 0
    asked = {"mixture": np.array([0.1, 0.2, 0.3, 0.15, 0.25]), "scale": 3, "steps": 60}
    *_, info = env.step(asked)
    assert set(info) == {
        "metrics", "cost", "cut_short", "resumed", "experiment", "provenance", "curve",
        "curve_steps", "curve_count",
    }  # fmt: skip
    count = info["curve_count"]
    assert info["curve"].shape == (16, 11)
    assert info["curve"].dtype == info["metrics"].dtype == np.float64
    assert info["curve_steps"][count - 1] == info["experiment"]["steps"] == 6_100
    assert info["curve"][count - 1].tolist() == info["metrics"].tolist()
    assert not info["curve"][count:].any()
    assert not info["curve_steps"][count:].any()
    assert info["experiment"]["mixture"].tolist() == asked["mixture"].tolist()
    assert info["experiment"]["scale"] == 3e8
    expected = 121_979_326 * 61 / (825_687_276 * 195)
    assert info["cost"] == pytest.approx(expected, rel=1e-12)
    assert (info["resumed"], info["cut_short"]) == (False, False)
    *_, info = env.step(asked | {"steps": 70})
    assert info["resumed"]
    assert info["curve_steps"][0] > 6_100
    assert info["cost"] == pytest.approx(expected / 6.1, rel=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_the_mixture_that_info_echoes_is_taken_again_and_goes_on_with_its_run(make, seed):
    """Also where it lies on the cap, as far over it and off the sum as an action may be."""
    env, rng = make(budget=1e3, observation="last"), np.random.default_rng(seed)
    asked = np.array([0.5, 0.5, 0.0, 0.0, 0.0]) if seed % 2 else sample(rng, 1, 5, 0.5)[0]
    asked = np.minimum(rng.permutation(asked) + rng.uniform(-1e-6, 1e-6) / 5, 0.5 + 1e-6)
    env.reset(seed=seed)
    first = env.step({"mixture": asked, "scale": 1, "steps": 2})[-1]
    echoed = first["experiment"]["mixture"]
    assert env.action_space["mixture"].contains(echoed)
    second = env.step({"mixture": echoed, "scale": 1, "steps": 9})[-1]
    np.testing.assert_array_equal(second["experiment"]["mixture"], echoed)
    assert second["resumed"]
    assert not first["resumed"]
    task = env.task
    whole = task.cost(task.scales[1], task.steps[9])
    assert first["cost"] + second["cost"] == pytest.approx(whole, rel=1e-12)
    env.reset(seed=seed)
    alone = env.step({"mixture": asked, "scale": 1, "steps": 9})[-1]
    np.testing.assert_array_equal(second["metrics"], alone["metrics"])


def test_without_a_curve_info_has_none(lab, make):
    env = make(curve=None)
    env.reset(seed=1)
    *_, info = env.step(lab.UNIFORM)
    assert not [key for key in info if key.startswith("curve")]


def test_one_point_is_the_last(lab, make):
    env = make(curve=1)
    env.reset(seed=1)
    *_, info = env.step(lab.UNIFORM | {"steps": 100})
    assert (info["curve_count"], info["curve_steps"].tolist()) == (1, [10_100])


def test_a_pools_info_says_which_row_and_how_far(recorded):
    env = DataMixtureEnv(task=make_task(RowsSurface(recorded), metric="web", budget=1.2))
    assert env.reset(seed=1)[1]["row"] == -1
    *_, info = env.step({"mixture": [0.45, 0.35, 0.2], "scale": 1, "steps": 3})
    assert (info["row"], info["row_distance"]) == (2, pytest.approx(0.05))
    *_, terminated, _, info = env.step({"mixture": [0.1, 0.8, 0.1], "scale": 1, "steps": 3})
    assert (terminated, info["row"], info["row_distance"]) == (True, -1, 0.0)


def numbers(x):
    if isinstance(x, dict):
        return np.concatenate([numbers(v) for v in x.values()])
    return np.empty(0) if isinstance(x, str) else np.asarray(x, dtype=np.float64).ravel()


def test_nothing_shown_is_the_noise_free_truth(lab, make, toy):
    env = make(budget=50.0)
    mixture = np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    steps = lab.play(env, 9, [{"mixture": mixture, "scale": 6, "steps": t} for t in (50, 194)])
    truth = env.task.value(mixture)
    shown = np.concatenate([numbers(part) for out in steps for part in (out[0], out[-1])])
    shown = np.append(shown, [out[1] for out in steps[1:]])
    for hidden in (truth, env.task.regret(mixture), env.task.optimum.value, env.task.sd):
        assert np.abs(shown - hidden).min() > 1e-9
    for *_, info in steps[1:]:
        n = info["curve_count"]
        at = (np.tile(mixture, (n, 1)), np.full(n, 1e9), info["curve_steps"][:n])
        assert np.abs(info["curve"][:n] - toy.metrics(*at)).min() > 1e-9
