"""Actions that are numbers: lattices of mixtures, and arms."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface
from mixenv.wrappers import DiscreteArms, MultiDiscreteAction

ARMS = [[0.5, 0.5, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]]


def make(**options):
    return gym.make("DataMixture-v0", **{"observation": "last", "curve": None} | options)


@pytest.fixture
def pool(recorded):
    return DataMixtureEnv(task=make_task(RowsSurface(recorded), metric="web"))


# Lattices


def test_the_lattice_is_named_in_order():
    env = MultiDiscreteAction(make(), parts=4)
    assert env.action_space.nvec.tolist() == [len(env.mixtures), 7, 195]
    shares = env.mixtures * 4
    np.testing.assert_allclose(shares, shares.round(), atol=1e-12)
    assert len(env.mixtures) == 70 - 5 - 20  # all, less those with a share of 4/4 or 3/4
    action = env.action([3, 2, 1])
    assert action["mixture"].tolist() == env.mixtures[3].tolist()
    assert (action["scale"], action["steps"]) == (2, 1)


def test_the_default_lattice_is_as_fine_as_fits():
    env = MultiDiscreteAction(make(max_share=1.0))
    assert len(env.mixtures) == 1001  # ten parts of five domains


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (0, "parts: expected at least 1, got 0"),
        (40, "at most 20000 mixtures, got 135751 with 40 parts of 5 domains; take fewer"),
        (1, "parts: expected some mixture with no share above 0.5, got none with 1 parts; take"),
    ],
)
def test_lattices_that_do_not_fit_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        MultiDiscreteAction(make(), parts)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([1, 1], r"action: expected \(3,\) indices, got \(2,\)"),
        ([10, 1, 1], "mixture: expected an index from 0 to 9, got .*10"),
        ([1, 7, 1], "scale: expected an index from 0 to 6, got .*7"),
        ([1, 1, -1], "steps: expected an index from 0 to 194, got .*-1"),
        ([0.5, 1, 1], "mixture: expected an index from 0 to 9, got .*0.5"),
    ],
)
def test_wrong_indices_are_refused(action, message):
    with pytest.raises(ValueError, match=message):
        MultiDiscreteAction(make(), 2).action(action)


# Arms


def test_arms_are_numbered_by_mixture_then_fidelity():
    env = DiscreteArms(make(), np.array(ARMS), [("20M", 500), (1e9, 19_500)])
    assert env.action_space.n == 4
    assert env.fidelities == [(2e7, 500), (1e9, 19_500)]
    action = env.action(np.int64(1))
    assert action["mixture"].tolist() == ARMS[0]
    assert (action["scale"], action["steps"]) == (6, 194)
    action["mixture"][:] = 0  # a copy
    assert env.action(2)["mixture"].tolist() == ARMS[1]


def test_arms_are_drawn_by_their_own_seed():
    first, same, other = (DiscreteArms(make(), 3, seed=s).arms for s in (1, 1, 2))
    assert first.shape == (3, 5)
    assert first.tolist() == same.tolist() != other.tolist()
    assert DiscreteArms(make(), 3).fidelities == [(1e9, 19_500)]


def test_arms_of_a_pool_are_distinct_rows(pool):
    arms = DiscreteArms(pool, 2).arms
    rows = pool.task.region.reference().tolist()
    assert all(arm in rows for arm in arms.tolist())
    assert len(np.unique(arms, axis=0)) == 2


def test_more_arms_than_recorded_mixtures_are_refused(pool):
    message = "arms: expected at least 1 and at most 2, the recorded mixtures, got 3"
    with pytest.raises(ValueError, match=message):
        DiscreteArms(pool, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arms": 0}, "arms: expected at least 1, got 0"),
        ({"arms": []}, "arms: expected at least one mixture, got none"),
        ({"arms": [[1.0, 0, 0, 0, 0]]}, "mixture: expected shares of at most 0.5"),
        ({"fidelities": []}, r"fidelities: expected at least one \(scale, steps\), got none"),
        ({"fidelities": [("2B", 500)]}, "scale: expected one of 20M, .*, got '2B'"),
        ({"fidelities": [("1B", 7)]}, "steps: expected one of 195 .* 100 to 19500, got 7"),
    ],
)
def test_arms_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DiscreteArms(make(), **options)


def test_an_arm_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="action: expected an index from 0 to 15, got 16"):
        DiscreteArms(make()).action(16)
