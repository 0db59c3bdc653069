"""Runs that a vector's episodes resume: found in a pool of any size, forgotten at the end."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from vector_sets import MODES, N

from mixenv.batch import state
from mixenv.batch.runs import Recorded
from mixenv.vector import DataMixtureVectorEnv


@pytest.mark.parametrize("mode", MODES)
def test_runs_of_a_large_pool_are_searched_for(lab, make, mode, monkeypatch):
    monkeypatch.setattr(state, "_ROWS", 0)
    assert lab.play(make("pool"), mode, 60) >= 10


def test_runs_of_a_small_pool_have_places(make):
    """And a row that a former episode trained is untrained in the next one."""
    env = DataMixtureVectorEnv(N, autoreset_mode=AutoresetMode.SAME_STEP, **make("pool"))
    env.reset(seed=1)
    assert isinstance(env._state.runs, Recorded)
    asked = {
        "mixture": env.task.region.sample(np.random.default_rng(0), 1).repeat(N, axis=0),
        "scale": np.zeros(N, dtype=int),
        "steps": np.zeros(N, dtype=int),
    }
    assert not env.step(asked)[-1]["resumed"].any()
    assert env.step(asked | {"steps": np.full(N, 1)})[-1]["resumed"].all()
    env.reset(options={"reset_mask": np.arange(N) < 2})
    after = env.step(asked | {"steps": np.full(N, 2)})[-1]
    assert after["resumed"].tolist() == [False, False, True, True, True]


def test_what_a_former_episode_ran_is_not_resumed(make):
    """Longer runs on the same mixtures in each episode, none of them twice within one."""
    env = DataMixtureVectorEnv(N, autoreset_mode=AutoresetMode.SAME_STEP, **make("last"))
    env.reset(seed=1)
    mixtures, ended = env.task.region.sample(np.random.default_rng(2), 12), 0
    for step in range(48):
        asked = {
            "mixture": mixtures[[step % 12] * N],
            "scale": np.zeros(N, dtype=int),
            "steps": np.full(N, step),
        }
        info = env.step(asked)[-1]
        assert not info["resumed"].any()
        ended += "final_info" in info
    assert ended >= 3
