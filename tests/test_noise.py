"""The noise: its levels at several scales and lengths, what runs share, and its specifications."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mixenv import dynamics
from mixenv.make_task import make_task
from mixenv.noise import Noise, check_noise, relative_noise, seed_noise

MIXTURE = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
NONE = np.empty(0, dtype=np.int64)
ITEMS = {8: 10_042, 9: 1_838, 10: 2_376}
SEEDS = 800
CLOSE = 0.12  # over four standard errors of a standard deviation over 800 seeds
POOLED = 0.04  # ... and of eight losses together


def noises(task, scale_index=6, steps=19_500, mixture=MIXTURE, grid=NONE, seeds=SEEDS):
    """Outcome minus surface [seeds, checkpoints, k] of one fresh run, over episode seeds."""
    found = []
    for seed in range(seeds):
        state = dynamics.State((seed, 77))
        _, done = dynamics.advance(task, state, mixture, scale_index, task.steps.index(steps), grid)
        found.append(done.values)
    n = len(done.checkpoints)
    scale = np.full(n, task.scales[scale_index])
    mean = task.surface.metrics(np.tile(done.mixture, (n, 1)), scale, done.checkpoints)
    return np.stack(found) - mean, mean


@pytest.fixture(scope="module")
def seeded(toy):
    return make_task(toy, budget=50.0)


@pytest.mark.parametrize(
    ("scale_index", "parameters", "steps"), [(6, 1e9, 19_500), (0, 2e7, 900), (3, 3e8, 6_000)]
)
def test_losses_have_the_sd_of_their_scale_and_length(seeded, scale_index, parameters, steps):
    noise, _ = noises(seeded, scale_index, steps)
    expected = 0.005 * (1e9 / parameters) ** 0.25 * (19_500 / steps) ** 0.25
    np.testing.assert_allclose(noise[:, 0, :8].std(axis=0), expected, rtol=CLOSE)
    assert noise[:, 0, :8].std() == pytest.approx(expected, rel=POOLED)
    assert np.abs(noise[:, 0, :8].mean(axis=0)).max() < 4 * expected / SEEDS**0.5
    assert stats.kstest(noise[:, 0, 4] / expected, "norm").pvalue > 1e-3


def test_accuracies_have_the_binomial_sd_of_their_items(seeded):
    noise, mean = noises(seeded, 0, 900)
    for metric, items in ITEMS.items():
        p = mean[0, metric]
        assert noise[:, 0, metric].std() == pytest.approx((p * (1 - p) / items) ** 0.5, rel=CLOSE)


def test_half_an_accuracys_variance_is_common_to_an_episode(seeded):
    """Two runs of one episode correlate by a half in accuracies, and not at all in losses."""
    first, _ = noises(seeded)
    second, _ = noises(seeded, 2, 5_000, MIXTURE[::-1].copy())
    for metric in range(11):
        found = np.corrcoef(first[:, 0, metric], second[:, 0, metric])[0, 1]
        assert found == pytest.approx(0.5 if metric in ITEMS else 0.0, abs=0.12)


def test_a_run_has_one_draw_for_all_its_losses_checkpoints(seeded):
    noise, _ = noises(seeded, grid=np.array([500, 3_000, 10_000]), seeds=300)
    growth = (19_500 / np.array([500, 3_000, 10_000, 19_500])) ** 0.25
    z = noise[..., :8] / growth[:, None]
    np.testing.assert_allclose(z, np.broadcast_to(z[:, -1:], z.shape), atol=1e-12)
    for metric in ITEMS:  # checkpoints share only the episode's half
        found = np.corrcoef(noise[:, 0, metric], noise[:, 2, metric])[0, 1]
        assert found == pytest.approx(0.5, abs=0.2)


def test_metrics_draw_independently(seeded):
    noise, _ = noises(seeded)
    off_diagonal = np.corrcoef(noise[:, 0].T) - np.eye(11)
    assert np.abs(off_diagonal).max() < 0.15


def test_a_number_multiplies_the_seed_noise(toy, seeded):
    whole, _ = noises(seeded, 3, 6_000, seeds=20)
    twice, _ = noises(make_task(toy, budget=50.0, noise=2.0), 3, 6_000, seeds=20)
    np.testing.assert_allclose(twice, 2 * whole, rtol=1e-6, atol=1e-12)
    assert np.abs(whole).min() > 0


@pytest.mark.parametrize("off", [0, 0.0, "0sd"])
@pytest.mark.parametrize("metric", ["book", "worst_loss"])
def test_zero_is_off(toy, off, metric):
    task = make_task(toy, budget=50.0, noise=off, metric=metric)
    noise, _ = noises(task, 3, 6_000, seeds=5)
    np.testing.assert_allclose(noise, 0.0, atol=1e-12)


@pytest.mark.parametrize("metric", ["github", "mean_loss", "mean_score", "worst_loss"])
def test_relative_noise_gives_the_objective_half_an_sd(toy, metric):
    task = make_task(toy, budget=50.0, noise="0.5sd", metric=metric)
    mixtures = task.region.sample(np.random.default_rng(9), SEEDS)
    moved = []
    for mixture in mixtures:
        for seed in range(3):
            state = dynamics.State((seed, 5))
            _, done = dynamics.advance(task, state, mixture, 6, len(task.steps) - 1, NONE)
            moved.append(task.objective(done.values[-1]) - task.value(done.mixture))
    assert np.std(moved) == pytest.approx(0.5 * task.sd, rel=0.05)


def test_relative_noise_is_in_each_metrics_sd_and_grows(toy):
    task = make_task(toy, budget=50.0, noise="0.5sd", metric="github")
    noise, _ = noises(task, 1, 1_000)
    expected = 0.5 * task.moments.sd * (1e9 / 6e7) ** 0.25 * 19.5**0.25
    np.testing.assert_allclose(noise[:, 0, :8].std(axis=0), expected[:8], rtol=CLOSE)
    assert (noise[:, 0, :8] / expected[:8]).std() == pytest.approx(1.0, rel=POOLED)


def test_heteroscedastic_noise_has_two_levels_beside_a_hyperplane(toy):
    task = make_task(toy, budget=50.0, noise="heteroscedastic", metric="book")
    normal = task.noise_model.normal
    toward = normal - normal.mean()
    step = 0.15 * toward / np.abs(toward).max()
    for sign, level in ((1, 1.5), (-1, 0.15)):
        noise, _ = noises(task, mixture=0.2 + sign * step, seeds=600)
        assert noise[:, 0, 7].std() == pytest.approx(level * task.sd, rel=CLOSE)
    again = make_task(toy, budget=9.0, noise="heteroscedastic").noise_model.normal
    assert again.tolist() == normal.tolist()


def test_fractions_stay_fractions():
    model = Noise(np.array([5.0, 5.0]), np.zeros(2), np.array([True, False]), 1e9, 100)
    z = (np.array([[1.0, 1.0], [-1.0, -1.0]]), np.zeros((2, 1, 2)), np.zeros((2, 2)))
    mean = np.full((2, 1, 2), 0.6)
    noisy = model.apply(mean, np.full((2, 3), 1 / 3), np.full(2, 1e9), np.full((2, 1), 100), z)
    np.testing.assert_allclose(noisy[:, 0], [[1.0, 5.6], [0.0, -4.4]])


def test_a_mean_outside_the_fractions_has_no_binomial_spread(toy):
    """Near corners a network may say -0.01 or 1.02; the noise stays finite and is clipped."""
    model = seed_noise(toy.metric_set, 1e9, 19_500)
    mean = np.array([[[2.0] * 8 + [-0.01, 1.02, 0.5]]])
    z = (np.ones((1, 11)), np.ones((1, 1, 11)), np.ones((1, 11)))
    noisy = model.apply(mean, MIXTURE[None], np.array([1e9]), np.array([[19_500]]), z)
    half = 0.5 + 2**0.5 * (0.25 / 2_376) ** 0.5
    np.testing.assert_allclose(noisy[0, 0], [2.005] * 8 + [0.0, 1.0, half])


def test_jax_applies_the_same_noise(toy, float64):
    import jax.numpy as jnp

    rng = np.random.default_rng(4)
    mean = rng.uniform(0.2, 0.9, size=(3, 2, 11))
    mixture, scale = rng.dirichlet(np.ones(5), 3), np.array([2e7, 3e8, 1e9])
    steps = np.array([[100, 300], [900, 19_500], [5_000, 6_000]])
    z = (rng.normal(size=(3, 11)), rng.normal(size=(3, 2, 11)), rng.normal(size=(3, 11)))
    sd = rng.uniform(0.01, 0.1, size=11)
    for model in (
        seed_noise(toy.metric_set, 1e9, 19_500, 2.0),
        relative_noise("heteroscedastic", toy.metric_set, sd, 1e9, 19_500, 5),
    ):
        ours = model.apply(mean, mixture, scale, steps, z)
        theirs = model.apply(*map(jnp.asarray, (mean, mixture, scale, steps)), z, jnp)
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-12)


@pytest.mark.parametrize("spec", ["seed", "heteroscedastic", "0.5sd", "2sd", ".1sd", 0, 1, 2.5])
def test_known_specifications_pass(spec):
    check_noise(spec)


@pytest.mark.parametrize(
    "spec", ["loud", "sd", "-1sd", "0.5", "1e3sd", -0.1, float("nan"), float("inf")]
)
def test_other_specifications_are_refused(toy, spec):
    with pytest.raises(ValueError, match='noise: expected "seed", "heteroscedastic", "<x>sd"'):
        check_noise(spec)
    with pytest.raises(ValueError, match='noise: expected "seed"'):
        make_task(toy, noise=spec)
