"""Many tasks at once: the same episodes as one task at a time, and what is drawn."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

import mixenv
from mixenv import functional, randomised
from mixenv.env import DataMixtureEnv
from mixenv.synthetic_tasks import HELD_OUT, WEIGHTS, SyntheticTasks, drawn_instance

ID = "DataMixtureSynthetic-v0"
PLAIN = {"curve": None, "observation": "last", "max_experiments": 24}


def three():
    """Tasks of different surfaces, objectives, noise, budgets and cost weights."""
    make = mixenv.make_task
    return [
        make("synthetic:deceptive:5:3", max_share=0.5, budget=1.0),
        make(
            "synthetic:0.3:5:9", metric={"loss_1": 0.3, "loss_2": 0.7}, budget=1.5, max_share=0.5,
            noise="heteroscedastic", cost_weight=0.3,
        ),
        make("synthetic:easy:5:9", metric="mean_score", budget=0.7, noise=0.0, max_share=0.5),
    ]  # fmt: skip


@pytest.mark.parametrize("reward", ["improvement", "regret"])
def test_each_task_is_played_as_its_environment_plays_it(reward, float64, jit):
    import jax

    tasks, rng = three(), np.random.default_rng(0)
    game, table = randomised.make(tasks[0], reward=reward, **PLAIN), randomised.stack(tasks)
    keys = np.stack([functional.episode_key(seed) for seed in range(3)])
    actions = {
        "mixture": tasks[0].region.sample(rng, 60).reshape(20, 3, 5),
        "scale": rng.integers(7, size=(20, 3)),
        "steps": rng.integers(195, size=(20, 3)),
    }

    def play(state, action):
        return jax.vmap(game.step)(table, state, action)

    begun = jax.vmap(game.init)(table, keys)
    shown = jit(lambda a: jax.lax.scan(play, begun, a)[1])(actions)
    for i, task in enumerate(tasks):
        env, over = DataMixtureEnv(task=task, reward=reward, **PLAIN), False
        env.reset(seed=i)
        for t in range(20):
            mine = jax.tree.map(lambda a, t=t, i=i: a[t, i], shown)
            if over:
                assert float(mine.reward) == 0
                continue
            action = {name: values[t, i] for name, values in actions.items()}
            seen, earned, *ends, info = env.step(action)
            over = any(ends)
            assert float(mine.reward) == pytest.approx(earned, abs=1e-9)
            assert [bool(mine.terminated), bool(mine.truncated)] == ends
            np.testing.assert_allclose(mine.info["metrics"], info["metrics"], atol=1e-9)
            for name, value in seen.items():
                np.testing.assert_allclose(mine.observation[name], value, atol=1e-5)
        assert over


def test_regret_and_objective_are_the_tasks(float64):
    import jax

    tasks, w = three(), np.array([0.1, 0.2, 0.3, 0.2, 0.2])
    game, table = randomised.make(tasks[0], **PLAIN), randomised.stack(tasks)
    np.testing.assert_allclose(
        jax.vmap(game.regret, (0, None))(table, w), [t.regret(w) / t.sd for t in tasks], rtol=1e-9
    )
    losses = np.array([2.0, 2.5, 3.0])
    np.testing.assert_allclose(
        jax.vmap(game.objective, (0, None))(table, losses), [t.objective(losses) for t in tasks]
    )
    state = jax.vmap(game.init)(table, np.zeros((3, 2), np.uint32))
    seen = jax.vmap(game.observe)(table, state)
    np.testing.assert_allclose(seen["remaining"][:, 0], [t.budget for t in tasks])


def test_what_makes_no_table():
    tasks = three()
    with pytest.raises(ValueError, match="tasks: expected at least one, got none"):
        randomised.stack([])
    with pytest.raises(ValueError, match=r"surface: expected a synthetic one, .* got surrogate"):
        randomised.make(mixenv.make_task("surrogate"))
    with pytest.raises(ValueError, match=r"metric: expected a weighted sum .* got 'worst_loss'"):
        randomised.arrays(replace(tasks[0], metric="worst_loss"))
    with pytest.raises(ValueError, match=r"max_share: expected the same .* got 0.5 and 0.4; make"):
        randomised.stack([tasks[0], replace(tasks[1], max_share=0.4)])
    more = mixenv.make_task("synthetic:easy:6:0", max_share=0.5)
    with pytest.raises(ValueError, match=r"domains: expected the same number .* got 5 and 6"):
        randomised.stack([tasks[0], more])


# What is drawn


def test_training_never_meets_what_is_held_out():
    rng = np.random.default_rng(1)
    assert min(drawn_instance(rng) for _ in range(1000)) >= HELD_OUT
    assert max(drawn_instance(rng, "heldout") for _ in range(1000)) < HELD_OUT
    with pytest.raises(ValueError, match="split: expected one of 'train', 'heldout', got 'test'"):
        drawn_instance(rng, "test")


def test_tasks_vary_in_all_that_is_drawn():
    family, rng = SyntheticTasks(budget=(2.0, 8.0)), np.random.default_rng(2)
    tasks = [family.draw(rng) for _ in range(60)]
    assert len({t.surface.name for t in tasks}) == 60
    assert {type(t.metric) for t in tasks} == {str, dict}
    assert len({str(t.noise) for t in tasks}) > 3
    assert all(2 <= t.budget <= 8 for t in tasks)
    assert (
        min(t.surface.transfer for t in tasks) < -0.5 < 0.5 < max(t.surface.transfer for t in tasks)
    )
    again = SyntheticTasks(budget=(2.0, 8.0)).draw(np.random.default_rng(2))
    assert again.surface.fingerprint == tasks[0].surface.fingerprint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "test"}, "split: expected one of 'train', 'heldout', got 'test'"),
        ({"budget": (0.0, 2.0)}, "budget: expected target runs, more than 0, got"),
        ({"budget": (4.0, 2.0)}, r"budget: expected a low and a high, got \(4.0, 2.0\); pass the"),
        ({"budget": (1.0,)}, r"budget: expected a low and a high, got \(1.0,\); pass \(low, high"),
        ({"transfer": (-2.0, 0.0)}, "a transfer from -1 to 1, got '-2.0'"),
        ({"metrics": ()}, "metric: expected at least one to draw from, got none"),
        ({"noises": ()}, "noise: expected at least one to draw from, got none"),
        ({"noises": ("loud",)}, "noise: expected .* got 'loud'"),
        ({"domains": 2}, "domains: expected a number from 3 to 30, got '2'"),
    ],
)
def test_a_distribution_that_is_none_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SyntheticTasks(**options)


def test_an_environment_draws_transfer_budget_objective_and_noise():
    options = {
        "transfer": [-0.5, 0.5], "budget": [2.0, 9.0], "metric": ["mean_loss", WEIGHTS],
        "noise": ["seed", 2.0], "domains": 4, "observation": "last", "curve": None,
    }  # fmt: skip
    env = gym.make(ID, instance=None, **options)
    tasks = []
    for seed in range(24):
        seen, _ = env.reset(seed=seed)
        assert seen in env.observation_space
        task = env.unwrapped.task
        assert seen["remaining"][0] == pytest.approx(task.budget)
        tasks.append(task)
    assert all(2 <= t.budget <= 9 and -0.5 <= t.surface.transfer <= 0.5 for t in tasks)
    assert {type(t.metric) for t in tasks} == {str, dict}
    assert {t.noise for t in tasks} == {"seed", 2.0}
    again = gym.make(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    again.reset(seed=23)
    assert again.unwrapped.task.budget == tasks[-1].budget
    assert again.unwrapped.task.surface.name == tasks[-1].surface.name


def test_an_environment_draws_from_one_split():
    numbers = {}
    for split in ("train", "heldout"):
        env = gym.make(ID, instance=None, split=split)
        names = [env.reset(seed=s) and env.unwrapped.task.surface.name for s in range(5)]
        numbers[split] = [int(name.split(":")[-1]) for name in names]
    assert max(numbers["heldout"]) < HELD_OUT <= min(numbers["train"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": [2.0, 8.0]}, r"budget: expected one value beside instance=0, got \[2.0, 8.0\]"),
        ({"split": "heldout"}, "split: expected one value beside instance=0, got 'heldout'; pass"),
        ({"instance": None, "split": "all"}, "split: expected one of 'train', 'heldout', got"),
        ({"instance": None, "metric": []}, "metric: expected at least one to draw from, got none"),
    ],
)
def test_what_an_environment_cannot_draw_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gym.make(ID, **options)
