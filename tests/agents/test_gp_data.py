"""Buckets, padding, and which observations stay."""

from __future__ import annotations

import numpy as np
import pytest

from agents.gp.data import bucket, keep, pad, standardise
from agents.gp.inputs import encode, features
from mixenv.problem import Experiment


def test_buckets():
    sizes = {1: 16, 16: 16, 17: 32, 64: 64, 65: 128, 256: 256, 257: 320, 321: 384, 1024: 1024}
    assert {n: bucket(n) for n in sizes} == sizes


def test_too_many_observations():
    with pytest.raises(ValueError, match="expected at most 1024, got 1025; choose which to keep"):
        bucket(1025)


def test_pad_masks_the_rest():
    data = pad(np.ones((3, 5)), np.arange(3.0))
    assert data.x.shape == (16, 5)
    assert data.mask.sum() == 3
    np.testing.assert_array_equal(data.y[:4], [0, 1, 2, 0])


def test_keep_the_latest_and_the_best():
    values = np.arange(10.0)
    values[4] = -1
    np.testing.assert_array_equal(keep(values, 10), np.arange(10))
    np.testing.assert_array_equal(keep(values, 4), [0, 4, 8, 9])
    np.testing.assert_array_equal(keep(values, 5), [0, 1, 4, 8, 9])
    assert len(keep(np.random.default_rng(0).random(3000))) == 1024


def test_standardise():
    z, mean, sd = standardise(np.array([1.0, 2.0, 6.0]))
    np.testing.assert_allclose(z * sd + mean, [1, 2, 6])
    np.testing.assert_allclose([z.mean(), z.std()], [0, 1], atol=1e-12)
    np.testing.assert_array_equal(standardise(np.full(3, 7.0))[0], 0)


def test_features_are_shares_and_logarithms(lab):
    problem = lab.make_problem()
    w = np.array([0.4, 0.3, 0.2, 0.1])
    got = features(problem, [Experiment(w, 1e8, 100), Experiment(w, 1e9, 2000)])
    np.testing.assert_allclose(got, [[*w, 0.5, 0.0], [*w, 1.0, 1.0]], atol=1e-12)


def test_a_grid_of_one_point_has_no_range(lab):
    np.testing.assert_array_equal(encode(lab.make_problem(steps=(500,)), [(1e7, 500)]), [[0, 0]])
