"""The table of environments: ids, entry points, and what must hold of every one that it lists."""

from __future__ import annotations

import pickle
import re
from copy import deepcopy
from dataclasses import FrozenInstanceError, replace
from importlib import import_module

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import check_env, data_equivalence

import mixenv
from mixenv import FAMILIES
from mixenv.env import DataMixtureEnv
from mixenv.metrics import SLIMPAJAMA
from mixenv.scale import parse_scale
from mixenv.surfaces import rows as rows_module

IDS = [family.id for family in FAMILIES]
TABLES = [family for family in FAMILIES if not family.ships]
PAPER = {
    "DataMixtureCommonCrawl-v0": "common_crawl",
    "DataMixtureC4-v0": "c4",
    "DataMixtureWikipedia-v0": "wikipedia",
    "DataMixtureStackExchange-v0": "stack_exchange",
    "DataMixtureGitHub-v0": "github",
    "DataMixtureArXiv-v0": "arxiv",
    "DataMixtureBook-v0": "book",
    "DataMixtureHellaSwag-v0": "hellaswag",
    "DataMixturePIQA-v0": "piqa",
    "DataMixtureARCEasy-v0": "arc_easy",
}
# Where the recorded runs lie, how many domains and runs they are, and the target's scale.
RECORDED = {
    "DataMixturePile-v0": ("regmix", 17, 1_088, "1B"),
    "DataMixtureSlimPajama7-v0": ("dmsl", 7, 224, "937M"),
    "DataMixtureInstruct-v0": ("admire", 19, 460, "7B"),
}


@pytest.fixture
def tables(monkeypatch, recorded):
    """Tables that must be fetched read as the made-up one; their ids work on any machine."""

    def stand_in(name, source=None):
        """The made-up runs, with the metric and at the scale that the family's options name."""
        [options] = (f.options for f in FAMILIES if f.options.get("surface") == f"rows:{name}")
        metric, scale = options.get("metric", "quiz"), options.get("target", ("1B",))[0]
        return replace(
            recorded,
            metrics=(*recorded.metrics[:2], replace(recorded.metrics[2], name=metric)),
            scale=np.where(recorded.scale == 1e9, parse_scale(scale), recorded.scale),
        )

    rows_module.rows_surface.cache_clear()
    monkeypatch.setattr(rows_module, "read_table", stand_in)
    yield
    rows_module.rows_surface.cache_clear()


# The table


def test_ids_follow_one_grammar_and_none_comes_twice():
    assert all(re.fullmatch(r"DataMixture[A-Za-z0-9]*-v\d+", name) for name in IDS)
    assert len(set(IDS)) == len(IDS)
    assert all(family.about and family.about[0] != " " for family in FAMILIES)


def test_a_row_of_the_table_is_frozen():
    with pytest.raises(FrozenInstanceError):
        FAMILIES[0].id = "Other-v0"


@pytest.mark.parametrize("family", FAMILIES, ids=IDS)
def test_entry_points_are_strings_that_lead_somewhere(family):
    spec = gym.spec(family.id)
    assert (spec.entry_point, spec.kwargs) == (family.entry_point, family.options)
    assert spec.vector_entry_point == family.vector_entry_point
    for point in (family.entry_point, family.vector_entry_point):
        if point is not None:
            module, name = point.split(":")
            assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(("name", "metric"), PAPER.items())
def test_the_papers_problems_are_single_metrics_over_the_whole_simplex(name, metric):
    task = gym.make(name).unwrapped.task
    assert (task.objective.name, task.max_share) == (metric, 1.0)
    assert (task.target, len(task.scales), len(task.steps)) == ((1e9, 19_500), 7, 195)


def test_each_evaluation_metric_is_a_problem():
    assert list(PAPER.values()) == [m.name for m in SLIMPAJAMA if m.evaluated]
    assert set(PAPER) <= set(IDS)


def test_the_single_scale_has_steps_alone():
    env = gym.make("DataMixtureSingleScale-v0").unwrapped
    assert env.task.scales == (1e9,)
    assert env.action_space["scale"] == Discrete(1)
    assert env.action_space["steps"] == Discrete(195)
    assert (env.task.objective.name, env.task.max_share) == ("mean_loss", 0.5)


def test_registering_again_changes_nothing():
    before = dict(gym.registry)
    mixenv.register()
    assert dict(gym.registry) == before
    assert isinstance(gym.make("mixenv:DataMixture-v0").unwrapped, DataMixtureEnv)


# Every family


@pytest.mark.parametrize("name", IDS)
def test_gymnasiums_checker_finds_nothing(tables, name):
    check_env(gym.make(name).unwrapped)


@pytest.mark.parametrize("name", IDS)
def test_two_rollouts_of_one_seed_are_equal(lab, tables, name):
    first, second = (lab.play(gym.make(name), 7) for _ in range(2))
    assert len(first) > 3
    assert data_equivalence(first, second, exact=True)


@pytest.mark.parametrize("name", IDS)
def test_the_spec_passes_through_json(lab, tables, name):
    length = {"horizon": 7} if name == "DataMixtureBandit-v0" else {"budget": 0.7}
    metric = gym.make(name).unwrapped.task.surface.metric_names[2]
    env = gym.make(name, metric=metric, **length)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.task.budget in length.values()
    assert again.unwrapped.task.objective.name == metric
    assert data_equivalence(lab.play(env, 3), lab.play(again, 3), exact=True)


@pytest.mark.parametrize("name", IDS)
def test_copies_made_in_mid_episode_go_on_alike(lab, tables, name):
    env = gym.make(name).unwrapped
    asked = list(lab.actions(env, 5))
    env.reset(seed=5)
    for action in asked[:4]:
        env.step(action)
    copies = [deepcopy(env), pickle.loads(pickle.dumps(env))]
    for action in asked[4:]:
        mine = env.step(action)
        for copy in copies:
            assert data_equivalence(mine, copy.step(action), exact=True)
        if mine[2] or mine[3]:
            break
    for copy in copies:
        assert data_equivalence(copy.reset(), env.reset(), exact=True)


@pytest.mark.parametrize("mode", [None, "sync"])
@pytest.mark.parametrize("name", IDS)
def test_vectors_step_as_single_environments_do(tables, name, mode):
    vector = gym.make_vec(name, num_envs=3, vectorization_mode=mode)
    seen, _ = vector.reset(seed=[3, 50, 700])
    assert seen in vector.observation_space
    singles = [gym.make(name).unwrapped for _ in range(3)]
    for env, seed in zip(singles, (3, 50, 700), strict=True):
        env.reset(seed=seed)
    vector.action_space.seed(4)
    for _ in range(3):
        action = vector.action_space.sample()
        assert action in vector.action_space
        seen, earned, ended, _, info = vector.step(action)
        assert seen in vector.observation_space
        for i, env in enumerate(singles):
            several = isinstance(action, dict)
            mine = env.step({key: v[i] for key, v in action.items()} if several else action[i])
            assert all(seen[key][i].tolist() == mine[0][key].tolist() for key in seen)
            assert earned[i] == mine[1]
            assert info["metrics"][i].tolist() == mine[4]["metrics"].tolist()
        if ended.any():
            break
    vector.close()


def test_a_default_vector_environment_is_made():
    vector = gym.make_vec("DataMixture-v0", num_envs=2)
    seen, _ = vector.reset(seed=[1, 1000])
    assert seen in vector.observation_space
    vector.close()


@pytest.mark.parametrize("family", FAMILIES, ids=IDS)
def test_infos_say_where_the_numbers_come_from(monkeypatch, tables, family):
    env = gym.make(family.id)
    expected = family.provenance if family.ships else "synthetic"  # the made-up table's
    assert env.reset(seed=1)[1]["provenance"] == expected
    assert env.step(env.action_space.sample())[-1]["provenance"] == expected


@pytest.mark.parametrize("family", TABLES, ids=[f.id for f in TABLES])
def test_a_table_that_was_not_fetched_names_the_command(monkeypatch, tmp_path, family):
    rows_module.rows_surface.cache_clear()
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path))
    table = family.options["surface"].removeprefix("rows:")
    with pytest.raises(FileNotFoundError, match=f"run `mixenv data fetch {table}`"):
        gym.make(family.id)


@pytest.mark.reference
@pytest.mark.parametrize("name", RECORDED)
def test_environments_stand_on_the_recorded_runs(lab, reference, name):
    folder, domains, runs, scale = RECORDED[name]
    env = gym.make(name, source=str(reference / "runs" / folder))
    check_env(env.unwrapped)
    assert data_equivalence(lab.play(env, 7), lab.play(env, 7), exact=True)
    task = env.unwrapped.task
    assert task.target[0] == parse_scale(scale)
    assert len(task.surface.domains) == domains
    assert sum(len(pool) for pool in task.problem.pools.values()) == runs
    at, longest = task.scales.index(task.target[0]), len(task.steps) - 1
    mixture = task.region.reference()[5]
    env.reset(seed=1)
    *_, info = env.step({"mixture": mixture, "scale": at, "steps": longest})
    assert info["provenance"] == "measured"
    assert info["row_distance"] == pytest.approx(0, abs=1e-12)
    assert info["cost"] == pytest.approx(1.0)
    assert task.regret(task.optimum.mixture) == 0.0
    assert task.regret(mixture) == pytest.approx(task.value(mixture) - task.optimum.value)
