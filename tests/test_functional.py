"""The functions for JAX against the Gymnasium environment, over whole episodes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mixenv import functional
from mixenv.batch import words
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.simplex import millionths
from mixenv.surfaces.rows import RowsSurface

OWN = ("reward", "observation", "curve", "max_experiments")
SETS = {
    "default": {},
    "improvement": {"reward": "improvement", "curve": 5, "budget": 5.0, "observation": "last"},
    "regret": {"reward": "regret", "metric": "worst_loss", "curve": None, "observation": "last"},
    "fresh": {"resume": False, "curve": "all", "noise": "0.5sd", "steps": (300, 700, 19_500)},
    "sides": {"noise": "heteroscedastic", "metric": "piqa", "curve": None},
    "quiet": {"noise": 0, "curve": None, "max_experiments": 5},
    "tiny": {"budget": 0.002, "reward": "regret", "curve": None},
    "pool": {"surface": "rows"},
    "pool regret": {"surface": "rows", "reward": "regret", "observation": "last"},
}


@pytest.fixture(scope="module")
def make(toy, recorded):
    @cache
    def options(name):
        chosen = dict(SETS[name])
        own = {key: chosen.pop(key) for key in OWN if key in chosen}
        surface = toy
        if chosen.pop("surface", None):
            surface = RowsSurface(recorded)
            chosen.setdefault("metric", "web")
        else:
            chosen = {"max_share": 0.5} | chosen
        task = make_task(surface, **{"budget": 3.0} | chosen)
        return task, {"max_experiments": 12} | own

    return options


def actions(task, seed, n, dtype):
    """Random actions whose shares are the same in both precisions; mixtures come back."""
    rng = np.random.default_rng(seed)
    fixed = task.region.sample(rng, 3)
    for _ in range(n):
        new = task.region.sample(rng, 1)[0]
        mixture = fixed[rng.integers(3)] if rng.random() < 0.6 else new
        scale, steps = rng.integers(len(task.scales)), rng.integers(len(task.steps))
        steps = steps if rng.random() < 0.5 else steps // 5
        yield {"mixture": mixture.astype(dtype), "scale": int(scale), "steps": int(steps)}


def close(ours, theirs, tolerance, path=""):
    for key, value in ours.items():
        if key == "provenance":
            continue
        if isinstance(value, dict):
            close(value, theirs[key], tolerance, f"{path}/{key}")
            continue
        scale = np.maximum(np.abs(value), 1.0)
        apart = np.abs(np.asarray(theirs[key], dtype=np.float64) - value) / scale
        assert apart.max() <= tolerance, f"{path}/{key}"


def compare(task, options, dtype, tolerance, seeds, jit=jax.jit):
    """Whole episodes in both; how many steps they took."""
    env, game = DataMixtureEnv(task=task, **options), functional.make(task, **options)
    step = jit(game.step)
    return [episode(env, game, step, dtype, tolerance, seed) for seed in seeds]


def episode(env, game, step, dtype, tolerance, seed):
    state = game.init(functional.episode_key(seed))
    close(env.reset(seed=seed)[0], game.observe(state), tolerance)
    for i, action in enumerate(actions(env.task, seed, 200, dtype)):
        seen, reward, terminated, truncated, info = env.step(
            action | {"mixture": action["mixture"].astype(np.float64)}
        )
        state, result = step(state, action)
        assert (bool(result.terminated), bool(result.truncated)) == (terminated, truncated)
        close(seen, result.observation, tolerance)
        close(info, result.info, tolerance)
        assert float(result.reward) == pytest.approx(reward, abs=tolerance, rel=tolerance)
        if terminated or truncated:
            return i + 1
    raise AssertionError("the episode did not end")


@pytest.mark.parametrize("name", SETS)
def test_equals_the_environment_in_double_precision(make, name, float64, jit):
    task, options = make(name)
    full = name in ("default", "pool")
    lengths = compare(task, options, np.float64, 1e-6, (3, 4, 5), jax.jit if full else jit)
    assert sum(lengths) >= (3 if name == "tiny" else 15)


@pytest.mark.parametrize("name", ["default", "regret", "pool"])
def test_equals_the_environment_in_single_precision(make, name):
    task, options = make(name)
    compare(task, options, np.float32, 1e-4, (5, 6))


@pytest.mark.parametrize("name", ["default", "sides", "pool"])
def test_a_game_traced_in_single_precision_leaves_the_next_one_double(make, name, jit, request):
    task, options = make(name)
    game = functional.make(task, **options)
    single = jit(game.step)
    [action] = actions(task, 7, 1, np.float32)
    single(game.init(functional.episode_key(7)), action)
    request.getfixturevalue("float64")
    compare(task, options, np.float64, 1e-9, (7,), jit)


def random_actions(task, shape, seed=0):
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    return {
        "mixture": jnp.asarray(task.region.sample(rng, n).reshape(*shape, -1)),
        "scale": jnp.asarray(rng.integers(len(task.scales), size=shape)),
        "steps": jnp.asarray(rng.integers(len(task.steps), size=shape)),
    }


def test_scan_of_vmap_is_the_loop_over_steps(make, jit):
    task, options = make("quiet")
    game = functional.make(task, **options)
    keys = jnp.arange(8, dtype=jnp.uint32).reshape(4, 2)
    asked = random_actions(task, (9, 4))

    @jit
    def together(keys, asked):
        return jax.lax.scan(jax.vmap(game.step), jax.vmap(game.init)(keys), asked)

    _, results = together(keys, asked)
    step = jit(game.step)
    for i in range(4):
        state = game.init(keys[i])
        for t in range(9):
            state, one = step(state, jax.tree.map(lambda a, t=t, i=i: a[t, i], asked))
            picked = jax.tree.map(lambda a, t=t, i=i: a[t, i], results)
            for a, b in zip(jax.tree.leaves(picked), jax.tree.leaves(one), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_an_ended_episode_stays_as_it_is(make, jit):
    task, options = make("quiet")
    game = functional.make(task, **options)
    play = jit(lambda state, asked: jax.lax.scan(game.step, state, asked))
    state, results = play(game.init((1, 2)), random_actions(task, (30,)))
    over = np.asarray(results.terminated | results.truncated)
    first = int(over.argmax())
    assert over[first:].all()
    assert not np.asarray(results.reward[first + 1 :]).any()
    assert not np.asarray(results.info["metrics"][first + 1 :]).any()
    for value in results.observation.values():
        assert (value[first:] == value[first]).all()
    assert int(state.episode.count) == results.observation["count"][first, 0]


def test_autoreset_begins_the_next_episode_with_a_key_of_its_own(make, jit):
    task, options = make("improvement")
    game = functional.make(task, **options)
    asked = random_actions(task, (40,))
    actions = [jax.tree.map(lambda a, t=t: a[t], asked) for t in range(40)]
    step, state, states, results = jit(game.step_autoreset), game.init((1, 2)), [], []
    for action in actions:
        state, result = step(state, action)
        states.append(state)
        results.append(result)
    over = np.array([bool(r.terminated | r.truncated) for r in results])
    counts = np.array([float(r.observation["count"][0]) for r in results])
    assert 2 <= over.sum() < 40
    assert (counts[over] == 0).all()
    assert (counts[~over] > 0).all()
    begin, end = np.flatnonzero(over)[:2] + 1  # the second episode is the one of its key
    keys = [states[i].episode.seed.tolist() for i in (begin - 2, begin - 1, end - 1)]
    assert keys[0] == [1, 2]
    assert len({tuple(key) for key in keys}) == 3
    step, state = jit(game.step), game.init(np.array(keys[1], dtype=np.uint32))
    for t in range(begin, end):
        state, alone = step(state, actions[t])
        assert float(alone.reward) == pytest.approx(float(results[t].reward), rel=1e-5, abs=1e-6)


def test_the_module_takes_tasks_and_options(make, jit):
    task, options = make("quiet")
    game = functional.make(task, **options)
    action = {"mixture": np.full(5, 0.2), "scale": 3, "steps": 50}
    _, one = jit(game.step)(game.init((7, 9)), action)
    step = jit(lambda state, action: functional.step(task, state, action, **options))
    _, two = step(functional.init(task, (7, 9), **options), action)
    assert one.reward == two.reward
    assert functional.init(task, (7, 9)).episode.rows.mixture.shape == (128, 5)


def test_a_mixture_may_be_whole_millionths(make, jit):
    task, options = make("quiet")
    game = functional.make(task, **options)
    step = jit(game.step)
    for w in task.region.sample(np.random.default_rng(0), 20):
        parts = np.array(millionths(w.tolist()), dtype=np.int32)
        _, result = step(game.init((1, 1)), {"mixture": parts, "scale": 1, "steps": 4})
        np.testing.assert_allclose(result.info["experiment"]["mixture"], parts / 1e6, rtol=1e-6)


def test_keys_are_two_words_or_those_of_jax(make):
    task, options = make("quiet")
    game = functional.make(task, **options)
    key = jax.random.key(5)
    data = jax.random.key_data(key)
    for given in (key, data, np.asarray(data), tuple(np.asarray(data).tolist())):
        assert game.init(given).episode.seed.tolist() == data.tolist()
    with pytest.raises(ValueError, match=r"key: expected a JAX key or two 32-bit words, got .*\(3"):
        game.init(np.arange(3))


def test_the_key_of_a_seed_is_the_environments(make):
    env = DataMixtureEnv(task=make("quiet")[0])
    env.reset(seed=11)
    assert functional.episode_key(11).tolist() == list(env._state.seed)


def test_strict_tasks_are_refused(make):
    with pytest.raises(ValueError, match="strict: expected False, a compiled step cannot refuse"):
        functional.make(replace(make("pool")[0], strict=True))


@pytest.mark.parametrize("domains", [2, 5, 9, 30, 70])
def test_millionths_are_the_same_in_every_namespace_and_precision(domains, float64):
    rng = np.random.default_rng(domains)
    w = np.concatenate([
        rng.dirichlet(np.ones(domains), 200), rng.dirichlet(np.full(domains, 0.1), 100),
        np.round(rng.dirichlet(np.ones(domains), 50), 3), np.eye(domains),
        np.full((1, domains), 1 / domains),
    ])  # fmt: skip
    for dtype in (np.float64, np.float32):
        shares = w.astype(dtype)
        expected = [millionths(one) for one in shares.astype(np.float64).tolist()]
        assert words.millionths(shares.T.astype(np.float64)).T.tolist() == expected
        assert words.millionths(jnp.asarray(shares).T, jnp).T.tolist() == expected


def test_products_are_as_precise_as_floats_are(make):
    """A GPU left to itself multiplies float32 in fewer digits than the values are promised to."""
    task, options = make("default")
    game = functional.make(task, **options)
    action = {name: value[0] for name, value in random_actions(task, (1,)).items()}
    told = str(jax.make_jaxpr(game.step)(game.init(functional.episode_key(0)), action))
    products = told.count("dot_general[")
    assert products > 0
    assert told.count("precision=(Precision.HIGHEST, Precision.HIGHEST)") == products
    init = str(jax.make_jaxpr(game.init)(functional.episode_key(0)))
    assert "dot_general" not in init
