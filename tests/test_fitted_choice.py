"""The choice between a process and a network, and surfaces that hold a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixenv
from mixenv import RunTable, fit_surface, load_surface, make_task
from mixenv.metrics import accuracy, loss
from mixenv.surfaces.fitted_choice import choose, held_out, relative_error
from mixenv.surfaces.fitted_curves import fit_curves

GRID = np.array([100, 200, 400, 700, 1000])


def planted(effect, n=60, seed=0):
    """`n` runs, half at 100M, whose curves differ by `effect(mixture, log t/T)`."""
    rng = np.random.default_rng(seed)
    mixture, large = rng.dirichlet(np.ones(3), n), np.arange(n) % 2
    run, at = np.repeat(np.arange(n), len(GRID)), np.tile(GRID, n)
    own = effect(mixture[run], np.log(at / 1000)) * (1.0 - 0.3 * large[run])
    values = 2.0 + (at / 1000) ** -0.5 - 0.4 * large[run] + own
    return RunTable(
        name="planted", domains=("web", "code", "books"),
        metrics=(loss("web"), accuracy("quiz", 100)), mixture=mixture,
        scale=np.array([1e7, 1e8])[large], step_cost=np.ones(n), run=run, steps=at,
        values=np.stack([values, 0.4 + 0.1 * own], axis=1),
    )  # fmt: skip


def bent(mixture, log_t):
    """A bump in the middle of training, which a level and a power law a run cannot follow."""
    return (mixture[:, 0] - mixture[:, 1]) * np.sin(0.5 + np.pi * log_t / np.log(10))


def power(mixture, log_t):
    """What the process's two numbers a run follow exactly, a little bent in the mixture."""
    return np.sqrt(mixture[:, 0]) * (0.5 + np.exp(-log_t / 2))


@pytest.fixture(scope="module")
def network():
    return fit_surface(planted(bent), folds=3, iterations=5)


def test_the_network_is_chosen_where_curves_are_its_own(network):
    error = network.error
    assert error.model == "mlp"
    assert error.compared["mlp"] < 0.5 < error.compared["gp"]
    last = str(network).splitlines()[-1]
    errors = rf"gp {error.compared['gp']:.3f}, mlp {error.compared['mlp']:.3f}"
    start = "model: network (mlp); error along curves, in sds over mixtures: "
    assert last == f"{start}{errors}; the least error of both"


def test_the_process_is_chosen_where_its_curves_are_right():
    error = fit_surface(planted(power), folds=3, iterations=5).error
    assert error.model == "gp"
    assert error.compared["gp"] < error.compared["mlp"]
    assert error.r2.min() > 0.98


def test_the_network_predicts_mixtures_it_has_not_seen(network):
    new = planted(bent, seed=1)
    scale = new.scale[new.run]
    found = network.metrics(new.mixture[new.run], scale, new.steps)
    left = new.values - new.values.mean(axis=0)
    assert np.sqrt(np.mean((found - new.values) ** 2)) < 0.3 * np.sqrt(np.mean(left**2))
    curve = network.curve(new.mixture, new.scale, np.tile(GRID, (60, 1)))
    np.testing.assert_allclose(curve.reshape(-1, 2), found, atol=1e-12)


def test_a_file_keeps_the_network(network, tmp_path):
    network.save(tmp_path / "s.npz")
    again = load_surface(f"fitted:{tmp_path / 's.npz'}")
    assert again.fingerprint == network.fingerprint
    assert str(again) == str(network)
    query = planted(bent).mixture[:4], np.array([1e7, 1e8] * 2), np.array([100, 150, 700, 1000])
    np.testing.assert_array_equal(again.metrics(*query), network.metrics(*query))
    other = replace(network.network, y_mean=network.network.y_mean + 1)
    assert replace(network, network=other).fingerprint != network.fingerprint
    task = make_task(network, metric="web")
    task.save(tmp_path / "task.json")
    assert mixenv.load_task(tmp_path / "task.json").surface.fingerprint == network.fingerprint


def test_jax_gives_the_same(network, float64):
    import jax
    import jax.numpy as jnp

    query = planted(bent).mixture[:4], np.array([1e7, 1e8] * 2), np.array([100, 150, 700, 1000])
    found = jax.jit(lambda *at: network.metrics(*at, xp=jnp))(*query)
    np.testing.assert_allclose(found, network.metrics(*query), atol=1e-9)


def test_the_same_surface_again_by_either_name(network):
    asked = fit_surface(planted(bent), folds=0, model="mlp")
    assert asked.fingerprint == network.fingerprint
    assert asked.error.reason == "asked for"
    assert str(asked).endswith("model: network (mlp); asked for")


def test_without_folds_or_curves_there_is_nothing_to_choose():
    some = planted(power)
    assert fit_surface(some, folds=0, iterations=3).error.reason == "no folds to compare it by"
    whole = replace(
        some, run=np.arange(60), steps=np.full(60, 1000), values=some.values[4::5]
    )  # fmt: skip
    error = fit_surface(whole, folds=2, iterations=3).error
    assert (error.model, error.reason) == ("gp", "there are no curves")
    with pytest.raises(ValueError, match=r"model: expected one of auto, gp \(no run .* got 'mlp'"):
        fit_surface(whole, model="mlp")
    with pytest.raises(ValueError, match="model: expected one of auto, gp, mlp, got 'mlpp'"):
        fit_surface(some, model="mlpp")


def test_held_out_rows_see_nothing_of_their_fold():
    """Outcomes of a fold may be anything: what is predicted for it stays."""
    some, fold = planted(power), np.arange(60) % 3
    nothing = lambda table, curves: np.zeros_like(table.values)  # noqa: E731
    found = held_out(some, fold, 3, nothing)
    wild = np.where((fold[some.run] == 1)[:, None], 99.0, some.values)
    again = held_out(replace(some, values=wild), fold, 3, nothing)
    at = fold[some.run] == 1
    np.testing.assert_array_equal(found[at], again[at])
    assert np.abs(found[~at] - again[~at]).max() > 1
    alone = held_out(some, (some.scale > 5e7).astype(int), 2, nothing)  # a scale is a fold
    assert np.isnan(alone).all()


def test_an_error_of_one_is_that_of_the_common_curves():
    some = planted(power)
    curves, nothing = fit_curves(some), np.zeros_like
    every = held_out(some, np.arange(60) % 60, 60, lambda t, c: nothing(t.values))
    assert relative_error(some, curves, every) == pytest.approx(1.0, abs=0.05)
    assert relative_error(some, curves, some.values) == 0.0
    assert np.isnan(relative_error(some, curves, np.full_like(some.values, np.nan)))
    assert choose({"gp": 0.2, "mlp": 0.2}) == "gp"
    assert choose({"gp": np.nan, "mlp": 0.2}) == "mlp"
