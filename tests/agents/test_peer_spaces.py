"""The spaces in which peers search: the box of logits, the cube of sticks, the fidelities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.peers.box import mixture_of, nearest
from agents.peers.fidelity import Fidelities
from agents.peers.sticks import to_cube, to_simplex


def test_the_box_is_softmax_under_the_cap(lab):
    problem = lab.make_problem(1.0)
    logits = np.array([3.0, 0.0, -3.0, 1.0])
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(mixture_of(problem, logits), expected, atol=1e-12)
    capped = mixture_of(lab.make_problem(0.4), logits)
    assert capped.max() == pytest.approx(0.4)
    assert capped.sum() == pytest.approx(1.0)


def test_a_pool_answers_with_its_nearest(lab):
    rows = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])
    problem = lab.make_problem(1.0, pools=dict.fromkeys(lab.SCALES, rows))
    np.testing.assert_array_equal(mixture_of(problem, np.array([3.0, 0, 0, 0])), rows[0])
    np.testing.assert_array_equal(nearest(problem, np.full(4, 0.25), lab.SCALES[0]), rows[2])


@given(arrays(np.float64, (3, 4), elements=st.floats(0.01, 0.99)))
def test_sticks_go_there_and_back(points):
    mixtures = to_simplex(points)
    assert mixtures.min() >= 0
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)
    np.testing.assert_allclose(to_cube(mixtures), points, atol=1e-6)


def test_sticks_at_the_corners():
    np.testing.assert_allclose(to_simplex(to_cube(np.eye(5))), np.eye(5), atol=1e-9)


def test_a_uniform_cube_is_a_uniform_simplex():
    rng = np.random.default_rng(0)
    drawn = to_simplex(rng.random((20_000, 4)))
    expected = rng.dirichlet(np.ones(5), 20_000)
    np.testing.assert_allclose(drawn.mean(axis=0), 0.2, atol=0.005)
    np.testing.assert_allclose(drawn.std(axis=0), expected.std(axis=0), atol=0.005)


def test_fidelities_are_one_at_the_target(lab):
    problem = lab.make_problem()
    known = Fidelities(problem, 1 / 20)
    assert known.steps[0] == 100
    low = (lab.SCALES[0], 100)
    np.testing.assert_allclose(known.encode([problem.target, low]), [[1, 1], [0, 0]])
    np.testing.assert_allclose(known.encode([(1e8, 2000)])[0, 0], 0.5)
    assert known.nearest(np.array([0.49, 0.999])) == (1e8, 2000)


def test_fidelities_know_the_cost(lab):
    problem = lab.make_problem()
    known = Fidelities(problem, 1 / 20)
    pairs = [(1e7, 400), (1e8, 1000), problem.target]
    a, b, c = known.log_cost
    told = np.exp(a + known.encode(pairs) @ [b, c])
    np.testing.assert_allclose(told, [problem.price(*pair) for pair in pairs], rtol=1e-6)


def test_fidelities_without_a_choice(lab):
    problem = lab.make_problem(steps=(500,))
    known = Fidelities(problem, 1 / 20)
    assert known.free == (True, False)
    np.testing.assert_allclose(known.encode([(1e7, 500)]), [[0, 1]])
    assert known.nearest(np.array([0.0, 0.3])) == (1e7, 500)
