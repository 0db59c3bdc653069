"""Distances between mixtures: against SciPy, definiteness, slopes; the agents that use them."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.distance import cdist

import agents
from agents.gp import acquisition, kernel
from agents.gp.data import pad
from agents.gp.posterior import condition, predict
from agents.mfms_gp import MFMSGP
from mixenv.problem import Experiment

pytestmark = pytest.mark.usefixtures("unoptimised")
DISTANCES = sorted(kernel.DISTANCES.items())
CORNER, EDGE = np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.3, 0.7, 0.0, 0.0])
INSIDE, NEAR = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.25, 0.35, 0.15, 0.25])


def scipys(name, a, b):
    """Squared distances [n, m], from SciPy."""
    if name == "tv":
        return 0.5 * cdist(a, b, "cityblock")
    return cdist(a, b, "euclidean" if name == "rbf" else "jensenshannon") ** 2


@partial(jax.jit, static_argnames="apart")
def answers(hyper, data, new, apart):
    """Mean, sd and log EI over -0.5 at features [m, d + 2]."""
    model = condition(hyper, data, apart)
    scores = acquisition.score(model, new[:, None, :4], new[:, 4:], -0.5, apart)
    return *predict(model, new, apart), scores


def mixtures(n=60, seed=0):
    """Mixtures [n + 4, 4]: many near the faces, and all the corners."""
    return np.concatenate([np.random.default_rng(seed).dirichlet(np.full(4, 0.3), n), np.eye(4)])


@pytest.mark.parametrize(("name", "apart"), DISTANCES)
@pytest.mark.usefixtures("float64")
def test_distances_are_scipys(name, apart):
    a, b = mixtures(), mixtures(9, seed=1)
    got = apart(a[:, None], b[None])
    np.testing.assert_allclose(got, scipys(name, a, b), atol=5e-7)
    inner = np.random.default_rng(2).dirichlet(np.full(4, 3.0), 50)
    np.testing.assert_allclose(
        apart(inner[:, None], inner[None]), scipys(name, inner, inner), atol=2e-9
    )


@pytest.mark.parametrize(("name", "apart"), DISTANCES)
@pytest.mark.usefixtures("float64")
def test_an_rbf_of_them_is_positive_definite(name, apart):
    w = mixtures(150)
    squared = np.asarray(apart(w[:, None], w[None]))
    for length in (0.01, 0.1, 0.3, 0.7, 1.5, 5.0):
        assert np.linalg.eigvalsh(np.exp(-0.5 * squared / length**2))[0] > -1e-9, length


@pytest.mark.usefixtures("float64")
def test_why_the_roots():
    """With the divergences themselves as distances, a covariance would have no Cholesky factor."""
    w = mixtures(150)
    for apart in (kernel.total_variation, kernel.jensen_shannon):
        squared = np.asarray(apart(w[:, None], w[None])) ** 2
        assert np.linalg.eigvalsh(np.exp(-0.5 * squared / 0.7**2))[0] < -0.1


@pytest.mark.parametrize(("name", "apart"), DISTANCES)
@pytest.mark.parametrize("b", [CORNER, EDGE, INSIDE])
@pytest.mark.usefixtures("float64")
def test_slopes_are_finite_differences(name, apart, b):
    """Also where a share is 0, by steps small beside what is added under the logarithm."""
    slope = jax.grad(lambda a: apart(a, b))
    for a, size in ((NEAR, 1e-6), (CORNER, 2e-10), (EDGE, 2e-10)):
        uneven = np.abs(a - b) > 1e-12  # at an equal share the total variation has a kink
        moves = size * np.eye(4)
        expected = [(apart(a + m, b) - apart(a - m, b)) / (2 * size) for m in moves]
        got = np.asarray(slope(a))
        assert np.isfinite(got).all()
        np.testing.assert_allclose(got[uneven], np.array(expected)[uneven], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("name", "apart"), DISTANCES)
@pytest.mark.parametrize("at", [CORNER, EDGE, INSIDE])
@pytest.mark.usefixtures("float64")
def test_no_slope_between_equals(name, apart, at):
    np.testing.assert_array_equal(jax.grad(lambda a: apart(a, at))(jnp.asarray(at)), np.zeros(4))


@pytest.mark.parametrize(("name", "apart"), DISTANCES)
@pytest.mark.usefixtures("float64")
def test_prediction_is_the_conditional(name, apart):
    rng = np.random.default_rng(4)
    x = np.concatenate([mixtures(16), rng.random((20, 2))], axis=1)
    new = np.concatenate([mixtures(3, seed=5), rng.random((7, 2))], axis=1)
    y = rng.normal(size=20)
    hyper = kernel.Hyper(np.array([0.4, 0.8, 0.3]), 1.3, 0.02, np.linspace(-1, 1, 6), 0.2)

    def dense(a, b):
        shares = scipys(name, a[:, :4], b[:, :4]) / 0.4**2
        scale, steps = ((a[:, None, i] - b[None, :, i]) ** 2 for i in (4, 5))
        return 1.3 * np.exp(-0.5 * (shares + scale / 0.8**2 + steps / 0.3**2))

    cross, inverse = dense(new, x), np.linalg.inv(dense(x, x) + 0.02 * np.eye(20))
    mean = new @ hyper.slopes + 0.2 + cross @ inverse @ (y - x @ hyper.slopes - 0.2)
    variance = 1.3 - np.sum(cross @ inverse * cross, axis=1)
    got, sd, scores = answers(hyper, pad(x, y), new, apart)
    np.testing.assert_allclose(got, mean, atol=2e-5)
    np.testing.assert_allclose(sd, np.sqrt(variance), atol=2e-5)
    expected = acquisition.log_improvement(np.asarray(got), np.asarray(sd), -0.5)
    np.testing.assert_allclose(scores[:, 0], expected, atol=1e-9)


@pytest.mark.parametrize(("name", "agent"), [("tv", "mfms-gp-tv"), ("jsd", "mfms-gp-jsd")])
def test_the_registry_names_them(lab, name, agent):
    """The names are the option, and not the default; corners and repeats do no harm."""
    problem = lab.make_problem(max_share=1.0)
    shares = np.repeat(np.concatenate([np.eye(4), mixtures(3)[:3]]), 3, axis=0)
    named, option, default = ways = [
        agents.make(agent, problem, 3), MFMSGP(problem, 3, kernel=name), MFMSGP(problem, 3)
    ]  # fmt: skip
    for way in ways:
        for i, w in enumerate(shares):
            experiment = Experiment(w, lab.SCALES[i % 3], 100 + 100 * (i % 9))
            way.tell(experiment, lab.outcome(lab.quadratic(experiment)))
    lab.check(problem, named.ask())
    some = problem.region.sample(np.random.default_rng(0), 3)
    (mean, sd), again, other = (way.predict(some, 1e9, 2000) for way in (named, option, default))
    np.testing.assert_array_equal((mean, sd), again)
    assert (np.abs(mean - other[0]) > 1e-4).all()
    assert (sd > 0).all()


def test_another_kernel_is_refused(lab):
    with pytest.raises(
        ValueError, match="kernel: expected one of rbf, tv, jsd, got 'l1'; choose one"
    ):
        MFMSGP(lab.make_problem(), 0, kernel="l1")
