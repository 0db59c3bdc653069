"""Synthetic surfaces: their formula, the optimum known exactly, names, and what cheap runs say."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from scipy.stats import spearmanr

from mixenv import load_surface, make_task, truth
from mixenv.quadratic import minimise
from mixenv.region import CappedSimplex
from mixenv.simplex import sample
from mixenv.surfaces import blend
from mixenv.surfaces.synthetic_maker import KINDS, make_synthetic, synthetic_name

ID = "DataMixtureSynthetic-v0"
TARGET = (1e9, 19_500)


def queries(surface, n=50, seed=0):
    rng = np.random.default_rng(seed)
    w = rng.dirichlet(np.ones(len(surface.domains)), n)
    return w, rng.choice(surface.scales, n), rng.choice(surface.steps, n)


# The formula


def test_losses_are_what_the_formula_says():
    s = load_surface("synthetic:-0.6:4:7")
    w, scale, steps = np.array([0.1, 0.2, 0.3, 0.4]), 2e7, 1_300
    x, y = 50**0.25, 15**0.5
    cheap = (x - 1) / (50**0.25 - 1) + (y - 1) / (195**0.5 - 1)
    r = 1 - 1.6 * min(cheap, 1)
    for scale, r in ((2e7, -0.6), (1e9, 1 - 1.6 * (y - 1) / (195**0.5 - 1))):
        [got] = s.metrics(w[None], np.array([scale]), np.array([steps]))
        for m in range(3):
            q = s.bend[m] * sum((w - s.centre[m]) ** 2) / 2
            rival = s.rival[m] * s.direction @ w
            level = s.floor[m] + s.size_loss[m] * (1e9 / scale) ** 0.25 + s.data_loss[m] * y
            assert got[m] == pytest.approx(level + r * q + (1 - r * r) ** 0.5 * rival, abs=1e-12)


@pytest.mark.parametrize("d", [3, 5, 9, 30])
def test_a_query_is_answered_alike_alone_and_in_a_batch(d):
    s = load_surface(f"synthetic:deceptive:{d}:1")
    w, scale, steps = queries(s, 300)
    together = s.metrics(w, scale, steps)
    assert together.shape == (300, 3)
    for i in range(300):
        assert s.metrics(w[i : i + 1], scale[i : i + 1], steps[i : i + 1])[0].tolist() == (
            together[i].tolist()
        )
    curves = s.curve(w, scale, np.stack([steps, steps[::-1]], axis=1))
    assert curves.shape == (300, 2, 3)
    assert curves[:, 0].tolist() == together.tolist()


@pytest.mark.parametrize("d", [3, 9, 30])
@pytest.mark.parametrize("m", [1, 17])
def test_one_run_and_a_grid_are_answered_as_a_batch_is(d, m):
    s = load_surface(f"synthetic:deceptive:{d}:1")
    ask, rng = s.on_grid(np.array(s.scales), np.array([0, *s.steps])), np.random.default_rng(d)
    for _ in range(20):
        w, which, at = (
            rng.dirichlet(np.ones(d)),
            rng.integers(len(s.scales)),
            rng.integers(195, size=m),
        )
        scale, steps = s.scales[which], np.array(s.steps)[at]
        batch = s.metrics(w[None].repeat(m, axis=0), np.full(m, scale), steps).tolist()
        assert s.along(w, s.place(scale, steps)).tolist() == batch
        assert ask(w[None], (which * 196 + 1 + at)[None])[0].tolist() == batch


def test_what_is_remembered_is_forgotten_when_too_much(monkeypatch):
    monkeypatch.setattr(blend, "_MOST", 2)
    s = make_synthetic.__wrapped__("synthetic:easy:3:0")
    w, scale, steps = queries(s, 8)
    first = [s.metrics(w[i : i + 1], scale[i : i + 1], steps[i : i + 1]) for i in range(8)]
    assert len(s._blend._memory) <= 2
    again = [s.metrics(w[i : i + 1], scale[i : i + 1], steps[i : i + 1]) for i in range(8)]
    assert np.array_equal(first, again)
    pairs = [s.metrics(w[i : i + 2], scale[i : i + 2], steps[i : i + 2]) for i in range(0, 8, 2)]
    assert len(s._blend._memory) <= 2
    assert np.array_equal(np.concatenate(pairs), np.concatenate(first))
    assert np.array_equal(s.metrics(w[:1], np.array(scale[0]), np.array(steps[0])), first[0])
    assert np.array_equal(s.metrics(w, scale, steps), np.concatenate(first))


def test_jax_agrees(float64):
    import jax.numpy as jnp

    s = load_surface("synthetic:deceptive:5:2")
    w, scale, steps = queries(s, 40)
    theirs = s.metrics(jnp.asarray(w), jnp.asarray(scale), jnp.asarray(steps), jnp)
    assert np.abs(np.asarray(theirs) - s.metrics(w, scale, steps)).max() < 1e-12
    grid = np.stack([steps, steps], axis=1)
    theirs = s.curve(jnp.asarray(w), jnp.asarray(scale), jnp.asarray(grid), jnp)
    assert np.abs(np.asarray(theirs) - s.curve(w, scale, grid)).max() < 1e-12


@pytest.mark.parametrize("d", [3, 8, 30])
@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_plausible_and_fall_with_scale_and_steps(kind, d):
    s = load_surface(synthetic_name(kind, d, 4))
    assert len(s.scales) == 7
    assert (s.steps[0], s.steps[-1]) == (100, 19_500)
    w = sample(np.random.default_rng(2), 20, d, 0.5)
    grid = np.array([[100, 1_000, 5_000, 19_500]] * 20)
    by_scale = np.array([s.curve(w, np.full(20, n), grid) for n in s.scales]).mean(axis=1)
    assert (np.diff(by_scale, axis=0) < 0).all()
    assert (np.diff(by_scale, axis=1) < 0).all()
    assert by_scale.min() > 1
    assert by_scale.max() < 10


# The truth


@pytest.mark.parametrize("metric", ["mean_loss", "loss_2", "mean_score", {"loss_1": 2}])
@pytest.mark.parametrize(
    ("kind", "d", "cap"),
    [("easy", 3, 0.5), ("deceptive", 5, 0.5), ("easy", 8, 0.5), ("deceptive", 4, 0.3)],
)
def test_a_search_finds_the_known_optimum(kind, d, cap, metric):
    task = make_task(synthetic_name(kind, d, 3), metric=metric, max_share=cap)
    found = truth.compute_optimum(task.surface, task.region, task.target, task.objective)
    assert abs(found.value - task.optimum.value) < 1e-3 * task.sd
    assert task.optimum.value <= found.value + 1e-12
    assert task.value(task.optimum.mixture) == pytest.approx(task.optimum.value, abs=1e-12)
    assert task.sd == task.optimum.sd == pytest.approx(found.sd, rel=1e-9)


@pytest.mark.parametrize("instance", range(8))
def test_a_loss_is_least_at_its_centre(instance):
    s = load_surface(f"synthetic:easy:6:{instance}")
    for m in range(3):
        task = make_task(s, metric=f"loss_{m + 1}", max_share=0.5)
        np.testing.assert_allclose(task.optimum.mixture, s.centre[m], atol=1e-12)
        level = s.floor[m] + s.size_loss[m] + s.data_loss[m]
        assert task.optimum.value == pytest.approx(level, abs=1e-12)
    mean = make_task(s, max_share=0.5)
    centre = s.bend @ s.centre / s.bend.sum()
    np.testing.assert_allclose(mean.optimum.mixture, centre, atol=1e-12)
    assert centre.max() <= 0.5 + 1e-12
    assert mean.regret(np.full(6, 1 / 6)) == pytest.approx(
        s.bend.mean() * np.sum((centre - 1 / 6) ** 2) / 2, abs=1e-12
    )


def test_some_optima_lie_inside_and_some_on_the_border():
    least = [make_task(f"synthetic:easy:5:{i}").optimum.mixture.min() for i in range(20)]
    assert 3 < sum(share < 1e-9 for share in least) < 17


@pytest.mark.parametrize("target", [TARGET, (2e7, 19_500), (3e8, 700)])
def test_moments_are_those_of_the_reference_mixtures(target):
    task = make_task("synthetic:deceptive:5:0", max_share=0.5, target=target)
    expected = truth.compute_moments(task.surface, task.region, target)
    np.testing.assert_allclose(task.moments.mean, expected.mean, rtol=1e-12)
    np.testing.assert_allclose(task.moments.sd, expected.sd, rtol=1e-9)


@pytest.mark.parametrize("weights", [{"loss_1": -1.0}, {"loss_1": 1.0, "loss_2": -0.5}])
@pytest.mark.parametrize("target", [TARGET, (2e7, 19_500)])
def test_concave_and_mixed_objectives_are_known_too(weights, target):
    task = make_task("synthetic:deceptive:4:1", metric=weights, max_share=0.4, target=target)
    found = truth.compute_optimum(task.surface, task.region, target, task.objective)
    assert abs(found.value - task.optimum.value) < 1e-3 * task.sd
    assert task.optimum.value <= found.value + 1e-12


def test_the_worst_loss_is_searched_for():
    task = make_task("synthetic:easy:3:0", metric="worst_loss", max_share=0.5)
    w = task.region.reference()
    assert task.optimum.value <= task.objective(truth.AtTarget(task.surface, TARGET)(w)).min()
    assert task.sd > 0


def test_a_concave_function_is_least_at_an_extreme_point():
    np.testing.assert_allclose(minimise(np.array([3.0, 1, 2, 4]), -1.0, 0.4), [0.2, 0.4, 0.4, 0])
    np.testing.assert_allclose(minimise(np.array([3.0, 1, 2, 4]), 0.0, 1.0), [0, 1, 0, 0])


def test_a_metric_that_never_varies_has_an_sd_of_one():
    s = load_surface("synthetic:easy:3:0")
    flat = replace(s, bend=np.array([0.0, *s.bend[1:]]), rival=np.array([0.0, *s.rival[1:]]))
    task = make_task(flat, metric="loss_1", max_share=0.5)
    assert task.moments.sd[0] == task.sd == 1.0


def test_making_the_environment_searches_nothing(monkeypatch):
    monkeypatch.setattr(CappedSimplex, "minimise", None)
    monkeypatch.setattr(truth, "compute_sd", None)
    monkeypatch.setattr(truth, "compute_moments", None)
    env = gym.make(ID, domains=30, instance=5)
    env.reset(seed=1)
    env.step(env.action_space.sample())
    task = env.unwrapped.task
    assert task.regret(task.optimum.mixture) == pytest.approx(0, abs=1e-12)


# What cheap runs say


def ranking(surface, cap, scale, steps=19_500):
    """Spearman correlation of the mean loss there with that at the target."""
    w = sample(np.random.default_rng(3), 4_000, len(surface.domains), cap)
    n = len(w)
    there = surface.metrics(w, np.full(n, scale), np.full(n, steps)).mean(axis=1)
    at_target = surface.metrics(w, np.full(n, 1e9), np.full(n, 19_500)).mean(axis=1)
    return spearmanr(there, at_target).statistic


@pytest.mark.parametrize("instance", range(3))
@pytest.mark.parametrize("d", [5, 12, 30])
def test_deceptive_cheap_runs_rank_the_other_way(d, instance):
    s = load_surface(f"synthetic:deceptive:{d}:{instance}")
    by_scale = [ranking(s, 0.5, scale) for scale in s.scales]
    assert by_scale[0] < -0.8
    assert by_scale[-1] == pytest.approx(1)
    assert (np.diff(by_scale) > 0).all()
    assert ranking(s, 0.5, 1e9, 100) < -0.8
    easy = load_surface(f"synthetic:easy:{d}:{instance}")
    assert min(ranking(easy, 0.5, scale) for scale in easy.scales) > 0.85


@pytest.mark.parametrize("transfer", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_transfer_is_the_correlation_at_the_smallest_scale(transfer):
    s = load_surface(synthetic_name(domains=6, instance=2, transfer=transfer))
    w = sample(np.random.default_rng(3), 20_000, 6)
    n = len(w)
    small, target = (
        s.metrics(w, np.full(n, scale), np.full(n, 19_500)).mean(axis=1) for scale in (2e7, 1e9)
    )
    assert np.corrcoef(small, target)[0, 1] == pytest.approx(transfer, abs=0.03)


def test_only_the_transfer_differs_between_kinds():
    easy, deceptive = (load_surface(f"synthetic:{kind}:5:3") for kind in ("easy", "deceptive"))
    w, *_ = queries(easy)
    at = (w, np.full(50, 1e9), np.full(50, 19_500))
    assert easy.metrics(*at).tolist() == deceptive.metrics(*at).tolist()
    assert easy.fingerprint != deceptive.fingerprint
