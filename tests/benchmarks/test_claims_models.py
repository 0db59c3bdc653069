"""What claims are measured with: priors, recipes, likelihoods, players; on tiny networks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from agents.oracles import arms as exact
from agents.oracles import regions as exact_regions
from agents.oracles.process import Process
from agents.sequence import masks, model, train
from agents.sequence.config import Config
from benchmarks.claims import (
    arms,
    likelihood,
    mixtures,
    priors,
    recipe,
    regions,
    structure,
)
from benchmarks.claims.effort import QUICK
from benchmarks.claims.players import Agents, Network, _pooled
from benchmarks.claims.shop import Shop, polished

TINY = Config(1, layers=1, width=8, heads=2, hidden=8)
FEW = replace(QUICK, steps=6, means_steps=6, layers=2, width=8, learners=2)


@pytest.fixture(scope="module")
def initial(jit):
    """Weights as they begin: (config, key)."""
    return jit(model.initial, static_argnums=0)


@pytest.fixture(scope="module")
def network(initial):
    """Random weights, and some points and outcomes: no claim here hangs on training."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (3, 7, 1))
    params = initial(TINY, jax.random.key(0))
    return (params, TINY), x.astype(np.float32), Process().sample(x, rng).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def untrained(initial, unoptimised):
    """Weights as they begin, at no cost; training has tests of its own."""
    trained = []

    def begin(prior, config, mask, plan, seed, *, path, every, progress):
        trained.append((mask, seed))
        progress(plan.steps, 1.0)
        path.write_bytes(b"half")
        params = initial(config, jax.random.key(seed))
        return train.Trained(params, np.ones(plan.steps, np.float32))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "train", begin)
        patch.setattr(recipe.probe, "training", lambda: ("1",))
        yield trained


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Shop(tmp_path_factory.mktemp("weights"), FEW, 0, lambda words: None)


# Priors and recipes


def test_the_process_is_the_oracles(jit):
    x, z = jit(partial(priors.process, points=6), static_argnums=1)(jax.random.key(0), 4000)
    assert x.shape == (4000, 6, 1)
    assert float(abs(x).max()) <= 2
    white = Process().joint(np.asarray(x, float), np.asarray(z, float), 0)
    wanted = np.linalg.slogdet(Process().covariance(np.asarray(x, float)))[1] / 2
    wanted = (wanted + 3 * np.log(2 * np.pi) + 3).mean() / 6
    assert white.mean() == pytest.approx(wanted, abs=0.02)


def test_spaces_say_which_length_they_have(jit):
    drawn = jit(partial(priors.spaces, points=3, d=4), static_argnums=1)
    x, z = drawn(jax.random.key(0), 2000)
    assert x.shape == (2000, 3, 5)
    flag = np.asarray(x[..., -1])
    assert (flag == flag[:, :1]).all()
    near = np.asarray(x[..., :4], float)
    for value, length in ((0.0, 1.0), (1.0, 2.0)):
        chosen = flag[:, 0] == value
        known = Process(length=length)
        loss = known.joint(near[chosen], np.asarray(z, float)[chosen], 0).mean()
        other = Process(length=3 - length)
        assert loss < other.joint(near[chosen], np.asarray(z, float)[chosen], 0).mean()


def test_arms_and_regions_have_their_own_spread_and_noise(jit):
    drawn = jit(partial(priors.means, points=4, families=recipe.FAMILIES), static_argnums=1)
    x, z = drawn(jax.random.key(0), 6000)
    which = np.asarray(x).argmax(-1)[:, 0]
    for i, (spread, noise) in enumerate(recipe.FAMILIES):
        mine = np.asarray(z)[which == i]
        assert mine.std(axis=1, ddof=1).mean() == pytest.approx(0.921 * noise, rel=0.08)
        assert mine.std() == pytest.approx((spread**2 + noise**2) ** 0.5, rel=0.08)


def test_weights_are_trained_once_and_hang_on_everything(tmp_path, untrained, monkeypatch):
    one, said = recipe.process(FEW), []
    assert len({one.key(0), one.key(1), replace(one, steps=7).key(0)}) == 3
    assert one.key(0) != recipe.process(FEW, masks.CUSTOM).key(0)
    untrained.clear()
    shop = Shop(tmp_path / "weights", FEW, 5, said.append)
    first, config = shop.model(one)
    (kept,) = shop.folder.iterdir()  # the unfinished state is gone
    assert kept.name == f"{one.key(5)}.npz"
    again, _ = shop.model(one)
    assert untrained == [(masks.CAUSAL, 5)]
    assert said == ["training process {'points': 30}, causal, seed 5: 6 of 6 steps, loss 1.000"]
    np.testing.assert_array_equal(first["embed"]["w"], again["embed"]["w"])
    assert config == Config(1, 2, 8, 4, 16)
    monkeypatch.setattr(recipe.probe, "training", lambda: ("2",))  # another way of training
    assert one.key(5) != kept.stem


@pytest.mark.slow
def test_the_last_steps_change_weights_the_same_way_each_time():
    one = replace(recipe.process(FEW), polish=2)
    begin = model.initial(one.config, jax.random.key(0))
    ends = [polished(one, jax.tree.map(jnp.copy, begin), seed) for seed in (0, 0, 1)]
    first, again, other = (np.asarray(end["embed"]["w"]) for end in ends)
    np.testing.assert_array_equal(first, again)
    assert (first != np.asarray(begin["embed"]["w"])).any()
    assert (first != other).any()
    assert one.finish == train.Plan(2, 64, 2.5e-4, warmup=0)


# Likelihoods


@pytest.mark.parametrize("mask", masks.MASKS)
def test_joint_terms_are_one_prediction_at_a_time(network, mask, jit):
    (params, config), x, z = network
    found = likelihood.joint((params, config), mask, x, z, 3, at=(4, 6))
    assert found.shape == (3, 2)
    given = 3 if mask == masks.TNP_A else 6
    mean, sd = jit(partial(model.predict, params, config, mask=mask, context=given))(x[1], z[1])
    assert found[1, 1] == pytest.approx(-norm.logpdf(z[1][6], mean[6], sd[6]), abs=1e-5)


def test_alone_the_first_target_is_the_joints_and_later_ones_are_not(network):
    trained, x, z = network
    alone = likelihood.alone(trained, masks.CAUSAL, x, z, 3)
    joint = likelihood.joint(trained, masks.CAUSAL, x, z, 3)
    np.testing.assert_allclose(alone[:, 0], joint[:, 0], atol=1e-5)
    assert abs(alone[:, 1:] - joint[:, 1:]).max() > 1e-3


# U1 to U3, whatever the weights


@pytest.mark.slow
@pytest.mark.parametrize("measure", [structure.causal, structure.custom, structure.cached])
def test_masks_and_cache_keep_their_promises(shop, measure, monkeypatch):
    monkeypatch.setattr(structure, "_ANCHORS", 6)
    assert [row.met(quick=True) for row in measure(shop).rows] in ([True], [True, True])


@pytest.mark.slow
def test_a_mask_that_sees_ahead_is_found(shop, monkeypatch):
    monkeypatch.setattr(structure.masks, "CAUSAL", masks.CUSTOM)
    assert structure.causal(shop).rows[0].met(quick=True) is False


# Arms and regions


def test_an_arms_cache_is_its_sequence(initial, jit):
    config = Config(len(recipe.FAMILIES), layers=1, width=8, heads=2, hidden=8)
    params = initial(config, jax.random.key(3))
    player = arms.Player(params, config, "greedy", 2)
    pulls, rng = exact.Pulls(np.zeros((2, 2, arms.ROUNDS))), np.random.default_rng(0)
    player(pulls, rng)
    for arm, reward in (((0, 1), (0.5, -1.0)), ((0, 0), (0.25, 2.0)), ((1, 0), (0.75, 1.0))):
        pulls.add(np.array(arm), np.array(reward))
        scores = player(pulls, rng)
    x = arms.features(exact.SPREAD, exact.NOISE)
    anew = jit(partial(model.predict, params, config))
    for run, arm, seen in ((0, 0, (0.5, 0.25)), (1, 1, (-1.0,)), (1, 0, (2.0, 1.0))):
        z = np.array([*seen, 0.0, 0.0], np.float32)[:3]
        mean, _ = anew(np.tile(x[arm], (3, 1)), z)
        assert scores[run, arm] == pytest.approx(float(mean[len(seen)]), abs=1e-5)


def test_a_line_goes_on_as_it_went():
    assert arms.straight(np.arange(100.0)) == pytest.approx(1.0)
    assert arms.straight(np.minimum(np.arange(100.0), 49)) == 0.0


@pytest.mark.slow
def test_the_network_scores_and_predicts_regions(shop):
    world, rng = exact_regions.Regions(exact_regions.APART.families, 24), np.random.default_rng(0)
    x = arms.features(tuple(world.spread), tuple(world.noise))
    single = regions._learn(shop.model(recipe.region(FEW)), x, "single", world, 2, rng)
    assert single.shape == (2, regions.LABELS + 1)
    assert np.isfinite(single).all()
    assert (single[:, 1:] != single[:, :-1]).all()  # each label moves a prediction


# Mixtures


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(mixtures, "ARMS", 6)
    monkeypatch.setattr(mixtures, "ROUNDS", 5)
    return mixtures.World("mean_loss", "1sd", (3, 4))


def test_regret_is_the_sum_of_what_was_played(world):
    class Always(Network):
        def choose(self, t):
            return np.array([2, t])

        def best(self):
            return np.array([1, 0])

    regrets = mixtures.play(world, Always(world.envs(), "greedy", 0))
    truth = [env.arm_regrets / env.task.sd for env in world.envs()]
    assert regrets.cumulative == pytest.approx([5 * truth[0][2], truth[1][:5].sum()])
    assert regrets.simple == pytest.approx([truth[0][1], truth[1][0]])
    assert regrets.and_(regrets).simple.shape == (4,)


@pytest.mark.slow
def test_rules_differ_only_in_how_they_decide(world):
    players = {rule: Network(world.envs(), rule, 0) for rule in ("multi", "greedy")}
    picks = {rule: mixtures.play(world, player) for rule, player in players.items()}
    assert not np.array_equal(picks["multi"].cumulative, picks["greedy"].cumulative)
    again = mixtures.play(world, Network(world.envs(), "multi", 0))
    np.testing.assert_array_equal(again.cumulative, picks["multi"].cumulative)
    greedy = players["greedy"]
    assert greedy.choose(5).tolist() == greedy.best().tolist()


def test_an_agent_plays_the_arms_as_a_pool(world):
    (env, _) = world.envs()
    problem = _pooled(env)
    assert problem.pools == {env.task.target[0]: env.arms}
    regrets = mixtures.play(world, Agents(world.envs(), "random", world.seeds))
    assert (regrets.cumulative > 0).all()


def test_no_such_rule(world):
    with pytest.raises(ValueError, match=r"rule: expected one of multi, single, greedy, random, "):
        Network(world.envs(), "bold", 0)
