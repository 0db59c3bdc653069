"""A vector's answers are the caller's own: they share no memory and do not change."""

from __future__ import annotations

import numpy as np
import pytest
from vector_sets import N

from mixenv.vector import DataMixtureVectorEnv


@pytest.mark.parametrize("name", ["default", "last"])
def test_no_two_answers_share_memory(lab, make, name):
    native = DataMixtureVectorEnv(N, **make(name))
    rng = np.random.default_rng(0)
    answers = [native.reset(seed=0)]
    answers += [native.step(lab.actions(native, rng)) for _ in range(3)]
    arrays = [
        [*answer[0].values(), *(v for v in answer[-1].values() if isinstance(v, np.ndarray))]
        for answer in answers
    ]
    for i, one in enumerate(arrays):
        for other in arrays[i + 1 :]:
            assert not any(np.shares_memory(a, b) for a in one for b in other)
    for array in arrays[-1]:
        array[...] = 0
    again = DataMixtureVectorEnv(N, **make(name))
    again.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(3):
        again.step(lab.actions(again, rng))
    asked = lab.actions(native, rng)
    lab.equal(again.step(asked), native.step(asked))


def test_observations_that_are_held_do_not_change(lab, make):
    native = DataMixtureVectorEnv(3, **make("default"))
    held = [native.reset(seed=0)[0]]
    told = [{name: value.copy() for name, value in held[0].items()}]
    for _ in range(6):
        held.append(native.step(lab.valid(3))[0])
        told.append({name: value.copy() for name, value in held[-1].items()})
    lab.equal(
        {str(i): seen for i, seen in enumerate(held)}, dict(zip("0123456", told, strict=True))
    )
