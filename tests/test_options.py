"""Options of a wrong type: each is refused by name, and none is rounded."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import mixenv
from mixenv import options
from mixenv.make_task import make_task
from mixenv.scale import parse_scale

TASK_OPTIONS = [
    ({"max_share": "0.5"}, "max_share: expected a number, got '0.5'; pass an int or a float"),
    ({"max_share": None}, "max_share: expected a number, got None"),
    ({"budget": "8"}, "budget: expected a number, got '8'"),
    ({"budget": True}, "budget: expected a number, got True"),
    ({"budget": np.array([8.0])}, r"budget: expected a number, got array\(\[8"),
    ({"cost_weight": [1]}, r"cost_weight: expected a number, got \[1\]"),
    ({"noise": [1]}, r'noise: expected "seed", .*, got \[1\]'),
    ({"noise": True}, 'noise: expected "seed", .*, got True'),
    ({"target": ("1B",)}, r"target: expected a scale and steps, got \('1B',\); pass two such as"),
    ({"target": ("1B", 19_500.5)}, "target: expected a whole number, got 19500.5; pass an int"),
    ({"target": ("1B", "all")}, "target: expected a whole number, got 'all'"),
    ({"target": (None, 100)}, "target: expected a label .*, got None; or pass the number of param"),
    ({"scales": "1B"}, r"scales: expected a list, got '1B'; pass one such as \[\"20M\""),
    ({"scales": [None]}, "scales: expected a label .*, got None"),
    ({"scales": [True]}, "scales: expected a label .*, got True"),
    ({"steps": 100}, r"steps: expected a list, got 100; pass one such as \[1000, 19500\]"),
    ({"steps": [100.5, 19_500]}, "steps: expected a whole number, got 100.5; pass an int"),
    ({"steps": ["100"]}, "steps: expected a whole number, got '100'"),
    ({"steps": [float("nan")]}, "steps: expected a whole number, got nan"),
    ({"metric": ["c4"]}, r"metric: expected a name or weights, got \['c4'\]; pass one such as"),
    ({"metric": {"c4": "1"}}, r"metric\['c4'\]: expected a number, got '1'"),
    ({"resume": "no"}, "resume: expected True or False, got 'no'; pass a bool"),
    ({"strict": None}, "strict: expected True or False, got None"),
    ({"standardise": 1}, "standardise: expected True or False, got 1"),
    ({"source": 3}, "source: expected the path of a file, got 3; pass a str or Path"),
    ({"surface": 3}, "surface: expected a name, a RunTable or a surface, got 3; pass one such as"),
]


@pytest.mark.parametrize(("given", "message"), TASK_OPTIONS)
def test_a_task_option_of_a_wrong_type_is_named(given, message):
    given = dict(given)
    with pytest.raises(ValueError, match=message):
        make_task(given.pop("surface", "surrogate"), **given)


@pytest.mark.parametrize(("given", "message"), [
    *TASK_OPTIONS,
    ({"max_experiments": "4"}, "max_experiments: expected a whole number from 2, got '4'"),
    ({"max_experiments": 2.5}, "max_experiments: expected a whole number from 2, got 2.5; pass an"),
    ({"max_experiments": 1}, "max_experiments: expected a whole number from 2, got 1; raise it"),
    ({"reward": ["outcome"]}, r"reward: expected one of 'outcome', .*, got \['outcome'\]"),
    ({"observation": np.array(["last"])}, r"observation: expected one of 'history', 'last', got a"),
    ({"curve": 2.5}, "curve: expected a positive number"),
    ({"task": 3}, "task: expected a Task or the path of a task file, got 3; make one with"),
])  # fmt: skip
@pytest.mark.parametrize("make", [gym.make, gym.make_vec])
def test_the_environment_refuses_it_too(make, given, message):
    with pytest.raises(ValueError, match=message):
        make("DataMixture-v0", **given)


@pytest.mark.parametrize(("given", "message"), [
    ({"max_episode_steps": "3"}, "max_episode_steps: expected a whole number from 1, got '3'"),
    ({"max_episode_steps": 2.5}, "max_episode_steps: expected a whole number from 1, got 2.5"),
    ({"max_episode_steps": 0}, "max_episode_steps: expected a whole number from 1, got 0; raise"),
    ({"autoreset_mode": 3}, "autoreset_mode: expected one of 'NextStep', .*, got 3"),
])  # fmt: skip
def test_a_vectors_own_options(given, message):
    with pytest.raises(ValueError, match=message):
        gym.make_vec("DataMixture-v0", 2, **given)


@pytest.mark.parametrize(("given", "message"), [
    ({"domains": "5"}, "domains: expected a whole number, got '5'"),
    ({"domains": 5.5}, "domains: expected a whole number, got 5.5"),
    ({"instance": "0"}, "instance: expected a whole number from 0, got '0'"),
    ({"instance": -1}, "instance: expected a whole number from 0, got -1; raise it"),
    ({"transfer": "x"}, "transfer: expected a number, got 'x'"),
    ({"kind": 3}, "kind: expected one of easy, .*, got '3'"),
])  # fmt: skip
def test_a_synthetic_environments_own_options(given, message):
    with pytest.raises(ValueError, match=message):
        gym.make("DataMixtureSynthetic-v0", **given)


def test_an_array_beside_a_task_is_refused_like_a_list(toy):
    task = make_task(toy)
    with pytest.raises(ValueError, match="steps: expected its default beside task="):
        gym.make("DataMixture-v0", task=task, steps=np.array([100, 200]))


def test_numbers_of_every_kind_are_taken(toy):
    task = make_task(
        toy, budget=np.float32(2), max_share=1, steps=np.array([100.0, 200.0]), scales=(2e7,),
        target=np.array([2e7, 200]), resume=np.False_, cost_weight=np.int64(2),
    )  # fmt: skip
    assert (task.budget, task.max_share, task.cost_weight) == (2.0, 1.0, 2.0)
    assert task.steps == (100, 200)
    assert all(type(s) is int for s in task.steps)
    assert task.target == (2e7, 200)
    assert task.resume is False
    env = gym.make("DataMixture-v0", task=task, max_experiments=np.int64(5))
    assert env.reset(seed=0)[0]["mixture"].shape[0] == 5


def test_a_path_is_taken_as_text():
    assert options.path("source", Path("a/b.csv")) == str(Path("a/b.csv"))
    assert options.path("source", None) is None
    assert options.several("steps", range(1, 3), "[1]") == [1, 2]


def test_a_scale_that_is_no_scale():
    with pytest.raises(ValueError, match=r"scale: expected a label .*, got None; or pass the num"):
        parse_scale(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="scale: expected a label"):
        mixenv.make_task("surrogate").cost(True, 100)


def test_recorded_runs_take_options_checked_alike(recorded):
    task = make_task(recorded, max_share=1, noise=0)
    assert task.max_share == 1.0
    with pytest.raises(ValueError, match="budget: expected a number, got None"):
        make_task(recorded, budget=None)  # type: ignore[arg-type]
