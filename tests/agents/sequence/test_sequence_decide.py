"""Decisions from draws, against closed forms."""

from __future__ import annotations

import numpy as np

from agents.sequence import decide


def test_the_split_is_the_law_of_total_variance():
    rng = np.random.default_rng(0)
    mean, sd = rng.normal(size=(4000, 2)) * [0.3, 2.0] + 5, np.tile([1.0, 0.5], (4000, 1))
    parts = decide.split(mean, sd)
    np.testing.assert_allclose(parts.epistemic, [0.09, 4.0], rtol=0.1)
    np.testing.assert_allclose(parts.aleatoric, [1.0, 0.25])
    whole = mean + sd * rng.normal(size=mean.shape)
    np.testing.assert_allclose(parts.epistemic + parts.aleatoric, whole.var(0), rtol=0.1)


def test_rules():
    mean, sd = np.array([0.0, 0.2, 1.0]), np.array([0.01, 0.5, 0.01])
    assert decide.greedy(mean) == decide.multi(mean) == 0
    assert decide.ucb(mean, sd, 1.0) == 1
    assert decide.ucb(mean, sd, 0.0) == 0
    picks = [decide.single(mean, sd, np.random.default_rng(s)) for s in range(200)]
    assert 0.25 < np.mean(np.array(picks) == 1) < 0.45  # P(N(.2, .5) < 0) = .345
    assert 2 not in picks


def test_the_gain_is_that_of_a_gaussian():
    rng = np.random.default_rng(1)
    target = rng.normal(size=20_000)
    mean = np.column_stack(
        [target, 0.5 * target + rng.normal(size=20_000), rng.normal(size=20_000)]
    )
    found = decide.gain(target, mean, np.array([1.0, 0.25, 0.0]))
    np.testing.assert_allclose(found, [1 / 2, 0.25 / 1.5, 0.0], atol=0.02)


def test_a_noisier_experiment_is_worth_less():
    target = np.random.default_rng(2).normal(size=32)
    found = decide.gain(target, np.column_stack([target] * 3), np.array([0.01, 0.1, 1.0]))
    assert found[0] > found[1] > found[2] > 0
