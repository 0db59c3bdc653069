"""DataMixtureSynthetic-v0: every kind, new instances, JAX, the vector form."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env, data_equivalence

import mixenv

ID = "DataMixtureSynthetic-v0"

# The environment


@pytest.mark.parametrize(("kind", "curve"), [("deceptive", 16), ("heteroscedastic", None)])
def test_the_functions_for_jax_play_the_same_episode(kind, curve, float64, jit):
    from mixenv import functional

    env = gym.make(ID, kind=kind, domains=6, curve=curve, observation="last").unwrapped
    game = functional.make(env.task, curve=curve, observation="last")
    env.reset(seed=3)
    state, step = game.init(functional.episode_key(3)), jit(game.step)
    env.action_space.seed(5)
    for _ in range(20):
        action = env.action_space.sample()
        seen, reward, *over, info = env.step(action)
        state, result = step(state, action)
        assert float(result.reward) == pytest.approx(reward, abs=1e-9)
        np.testing.assert_allclose(result.info["metrics"], info["metrics"], atol=1e-9)
        np.testing.assert_allclose(result.observation["metrics"], seen["metrics"], atol=1e-5)
        assert [bool(result.terminated), bool(result.truncated)] == over
        if any(over):
            break


def play(env, seed, n=12):
    env.action_space.seed(4)
    out = [env.reset(seed=seed)]
    while len(out) < n and not (len(out) > 1 and (out[-1][2] or out[-1][3])):
        out.append(env.step(env.action_space.sample()))
    return out


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "deceptive", "domains": 8, "instance": 3},
        {"kind": "heteroscedastic", "domains": 3, "budget": 2.0},
        {"instance": None, "domains": 6, "noise": 2.0},
        {"transfer": -0.5, "metric": "loss_2", "observation": "last", "curve": None},
    ],
)
def test_environments_of_every_kind(options):
    env = gym.make(ID, **options)
    check_env(env.unwrapped)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    first = play(env, 7)
    assert data_equivalence(first, play(again, 7), exact=True)
    assert first[-1][-1]["provenance"] == "synthetic"
    copies = [deepcopy(env), pickle.loads(pickle.dumps(env))]
    for copy in copies:
        assert data_equivalence(play(copy, 8), play(again, 8), exact=True)


def test_options_decide_the_task():
    task = gym.make(ID, kind="deceptive", domains=8, instance=3).unwrapped.task
    assert task.surface.name == "synthetic:deceptive:8:3"
    assert (task.max_share, task.noise) == (0.5, "seed")
    assert gym.make(ID, kind="heteroscedastic").unwrapped.task.noise == "heteroscedastic"
    assert gym.make(ID, kind="heteroscedastic", noise=0.0).unwrapped.task.noise == 0
    assert gym.make(ID, transfer=1).unwrapped.task.surface.transfer == 1.0
    plain = gym.make("DataMixture-v0", surface="synthetic:deceptive:8:3").unwrapped.task
    assert plain.surface.fingerprint == task.surface.fingerprint
    assert json.loads(gym.make(ID, instance=None).spec.to_json())["kwargs"] == {"instance": None}


def test_a_new_instance_is_drawn_at_each_reset():
    env = gym.make(ID, instance=None, domains=4).unwrapped
    spaces = env.observation_space, env.action_space
    names = []
    for seed in (5, None, None, 5):
        seen, _ = env.reset(seed=seed)
        assert seen in env.observation_space
        seen, *_, info = env.step(env.action_space.sample())
        mean, sd = env.task.moments.mean, env.task.moments.sd
        expected = np.clip((info["metrics"] - mean) / sd, -20, 20)
        np.testing.assert_allclose(seen["metrics"][0], expected, rtol=1e-5)
        names.append(env.task.surface.name)
    assert len(set(names)) == 3
    assert names[0] == names[3]
    assert (env.observation_space, env.action_space) == spaces


def test_the_vector_form_is_native_for_one_instance():
    vector = gym.make_vec(ID, num_envs=3, kind="deceptive", domains=6, noise="0.5sd")
    assert isinstance(vector, mixenv.vector.DataMixtureVectorEnv)
    sync = gym.make_vec(
        ID, num_envs=3, kind="deceptive", domains=6, noise="0.5sd", vectorization_mode="sync"
    )
    seen = [env.reset(seed=5) for env in (vector, sync)]
    assert data_equivalence(seen[0][0], seen[1][0], exact=True)
    vector.action_space.seed(2)
    for _ in range(20):
        action = vector.action_space.sample()
        mine, theirs = vector.step(action), sync.step(action)
        assert data_equivalence(mine[0], theirs[0], exact=True)
        assert all(np.array_equal(*pair) for pair in zip(mine[1:4], theirs[1:4], strict=True))
    sync.close()


def test_instances_an_episode_are_vectorised_by_gymnasium():
    with pytest.raises(ValueError, match=r"instance: expected a number .* got None; pass vector"):
        gym.make_vec(ID, num_envs=2, instance=None)
    vector = gym.make_vec(ID, num_envs=2, instance=None, vectorization_mode="sync")
    vector.reset(seed=1)
    vector.step(vector.action_space.sample())
    assert len({env.unwrapped.task.surface.name for env in vector.envs}) == 2
    vector.close()


@pytest.mark.parametrize("option", ["surface", "source", "task"])
def test_another_surface_is_refused(option):
    with pytest.raises(ValueError, match=f"{option}: expected none for .* 'other'; make"):
        gym.make(ID, **{option: "other"})
