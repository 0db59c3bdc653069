"""The Simplex space, alone, in a Dict, batched and flattened."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.spaces.utils import (
    flatdim,
    flatten,
    flatten_space,
    is_space_dtype_shape_equiv,
    unflatten,
)
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from scipy import stats

from mixenv.spaces import Simplex


def test_samples_are_contained_float64_and_repeat_with_the_seed():
    space = Simplex(5, 0.5, seed=3)
    first = [space.sample() for _ in range(50)]
    assert all(w in space and w.dtype == np.float64 and w.shape == (5,) for w in first)
    space.seed(3)
    assert [w.tolist() for w in first] == [space.sample().tolist() for _ in range(50)]
    assert not np.array_equal(first[0], Simplex(5, 0.5, seed=4).sample())


def test_samples_one_at_a_time_are_uniform():
    """Without a cap a share of d = 4 is Beta(1, 3)."""
    space = Simplex(4, seed=8)
    draws = [space.sample()[2] for _ in range(2000)]
    assert stats.kstest(draws, stats.beta(1, 3).cdf).pvalue > 1e-3


def test_a_tight_cap_in_many_domains_can_be_sampled():
    space = Simplex(30, 0.05, seed=0)
    w = space.sample()
    assert w in space
    assert w.std() > 0.005  # far from the uniform mixture that the sampler starts at


@pytest.mark.parametrize("slack", [0.0, 9e-7, -9e-7])
def test_contains_tolerates_a_millionth(slack):
    assert np.array([0.5 + slack, 0.3, 0.2 - slack]) in Simplex(3, 0.5)
    assert np.array([0.5, 0.3 + slack, 0.2]) in Simplex(3, 0.5)
    assert np.array([0.5, 0.5, 0.0 + slack]) in Simplex(3, 0.5)


@pytest.mark.parametrize(
    "x",
    [
        np.array([0.5 + 3e-6, 0.3, 0.2 - 3e-6]),
        np.array([0.5, 0.3, 0.2 + 3e-6]),
        np.array([0.5, 0.5 + 3e-6, -3e-6]),
        np.array([np.nan, 0.5, 0.5]),
        np.array([0.5, 0.5]),
        np.array([[0.5, 0.3, 0.2]]),
        np.array([0, 1, 0]),
        np.array(["a", "b", "c"]),
        [0.5, 0.3, 0.2],
        None,
    ],
)
def test_contains_nothing_else(x):
    assert x not in Simplex(3, 0.5)


def test_contains_single_precision():
    assert np.array([0.1, 0.2, 0.7], np.float32) in Simplex(3)


def test_a_cap_without_interior_is_refused():
    with pytest.raises(ValueError, match=r"max_share: expected more than 1/4 = 0\.25"):
        Simplex(4, 0.25)


@pytest.mark.parametrize("options", [{"mask": np.ones(5)}, {"probability": np.ones(5)}])
def test_masks_are_refused(options):
    with pytest.raises(ValueError, match=r"Simplex.sample: expected no mask and no probability"):
        Simplex(5).sample(**options)


def test_equality_names_domains_cap_and_batch():
    assert Simplex(5, 0.5) == Simplex(5, 0.5, seed=1)
    assert Simplex(5, 0.5) != Simplex(5, 0.6)
    assert Simplex(5, 0.5) != Simplex(4, 0.5)
    assert Simplex(5, 0.5) != Simplex(5, 0.5, batch=2)
    assert Simplex(5) != spaces.Box(0, 1, (5,))
    assert repr(Simplex(5, 0.5)) == "Simplex(5, max_share=0.5, batch=0)"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Simplex(5))


@pytest.mark.parametrize("copied", [deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_are_equal_and_go_on_sampling_alike(copied):
    space = Simplex(5, 0.5, seed=7)
    space.sample()
    twin = copied(space)
    assert twin == space
    assert twin.sample().tolist() == space.sample().tolist()


def test_samples_pass_through_json():
    space = Simplex(5, 0.5, seed=7)
    samples = [space.sample() for _ in range(3)]
    back = space.from_jsonable(json.loads(json.dumps(space.to_jsonable(samples))))
    assert [w.tolist() for w in back] == [w.tolist() for w in samples]
    assert all(w in space for w in back)


def test_flattens_and_unflattens_alone_and_in_a_dict():
    space = Simplex(3, 0.5, seed=7)
    w = space.sample()
    assert flatdim(space) == 3
    assert flatten(space, w).tolist() == w.tolist()
    assert flatten_space(space) == space.box() == spaces.Box(0, 0.5, (3,), np.float64)
    assert unflatten(space, flatten(space, w)) in space
    both = spaces.Dict(mixture=space, scale=spaces.Discrete(4))
    x = both.sample()
    flat = flatten(both, x)
    assert flat in flatten_space(both)
    back = unflatten(both, flat)
    assert back["mixture"].tolist() == x["mixture"].tolist()
    assert back["scale"] == x["scale"]
    assert space.is_np_flattenable


def test_batches_into_one_simplex_of_rows():
    space = Simplex(5, 0.5, seed=7)
    batch = batch_space(space, 4)
    assert batch == Simplex(5, 0.5, batch=4)
    x = batch.sample()
    assert x in batch
    assert x.shape == (4, 5)
    assert len({tuple(row) for row in x.tolist()}) == 4
    assert [row.tolist() for row in iterate(batch, x)] == x.tolist()
    assert all(row in space for row in iterate(batch, x))
    x[2] = 0.2 + np.array([0.1, 0, 0, 0, 0])  # one row that does not sum to one
    assert x not in batch
    assert flatdim(batch) == 20
    assert unflatten(batch, flatten(batch, x)).tolist() == x.tolist()


def test_a_batch_draws_what_its_space_would_without_disturbing_it():
    space = Simplex(5, seed=7)
    batch_space(space, 4).sample()
    assert space.sample().tolist() == Simplex(5, seed=7).sample().tolist()


def test_a_batch_of_batches_is_a_box():
    twice = batch_space(Simplex(3, 0.5, batch=2), 4)
    assert twice == spaces.Box(0, 0.5, (4, 2, 3), np.float64)


def test_concatenates_into_the_array_given():
    space = Simplex(5, 0.5, seed=7)
    out = create_empty_array(space, 3)
    assert out.shape == (3, 5)
    assert out.dtype == np.float64
    assert not out.any()
    rows = [space.sample() for _ in range(3)]
    assert concatenate(space, rows, out) is out
    assert out.tolist() == [row.tolist() for row in rows]


def test_equivalence_is_of_shape():
    assert is_space_dtype_shape_equiv(Simplex(5), Simplex(5, 0.5))
    assert not is_space_dtype_shape_equiv(Simplex(5), Simplex(4))
    assert not is_space_dtype_shape_equiv(Simplex(5), spaces.Box(0, 1, (5,), np.float64))
