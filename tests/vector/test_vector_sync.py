"""The native vector environment against Gymnasium's SyncVectorEnv, step for step."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from vector_sets import MODES, SETS

from mixenv.vector import DataMixtureVectorEnv


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SETS)
def test_native_equals_sync_step_for_step(lab, make, name, mode):
    assert lab.play(make(name), mode, 60) >= 10


@pytest.mark.parametrize("mode", MODES)
def test_native_equals_sync_over_a_thousand_steps(lab, make, mode):
    assert lab.play(make("last"), mode, 1000) > 300


@pytest.mark.parametrize("mode", MODES)
def test_a_limit_on_the_steps_truncates(lab, make, mode):
    assert lab.play(make("regret") | {"max_experiments": 50}, mode, 40, limit=3) >= 40


@pytest.mark.parametrize("seed", [None, [5, None, 5, 8, 9]])
def test_seeds_may_be_lists_and_episodes_go_on_from_them(lab, make, seed):
    sync, native = lab.pair(make("last"), AutoresetMode.NEXT_STEP)
    lab.equal(sync.reset(seed=2), native.reset(seed=2))
    for _ in range(20):  # several resets: more words than are drawn at once
        lab.equal(sync.reset(seed=seed), native.reset(seed=seed))
        asked = lab.actions(native, np.random.default_rng(1))
        lab.equal(sync.step(asked), native.step(asked))
    assert native.np_random_seed == sync.np_random_seed


def test_without_a_seed_episodes_differ(make):
    native = DataMixtureVectorEnv(3, **make("last"))
    native.reset()
    asked = {"mixture": np.full((3, 5), 0.2), "scale": [1, 1, 1], "steps": [9, 9, 9]}
    metrics = native.step(asked)[4]["metrics"]
    assert np.abs(np.diff(metrics, axis=0)).min() > 0
    assert len(native.np_random) == len(set(native.np_random_seed)) == 3
