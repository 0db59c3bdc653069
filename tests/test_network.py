"""Network surfaces: the published points, both namespaces, curves, and what they refuse."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from mixenv import surfaces
from mixenv.surfaces import load_surface, slimpajama
from mixenv.surfaces.network import NetworkSurface
from mixenv.surfaces.slimpajama import from_arrays


def queries(n=50, seed=6):
    rng = np.random.default_rng(seed)
    scale = rng.choice([2e7, 3e8, 1e9], size=n)
    return rng.dirichlet(np.ones(5), n), scale, rng.integers(1, 196, size=n) * 100


@pytest.mark.reference
def test_the_published_simulator_gives_the_published_points(reference, simulator):
    """500 points computed with the authors' own code: shares, size in millions, step, metrics."""
    with (reference / "published" / "simulator_points.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    points = np.array(rows, dtype=np.float64)
    assert points.shape == (500, 18)
    assert tuple(header[7:]) == simulator.metric_names
    assert tuple(name.removesuffix("_share") for name in header[:5]) == simulator.domains
    found = simulator.metrics(points[:, :5], points[:, 5] * 1e6, points[:, 6])
    np.testing.assert_allclose(found, points[:, 7:], rtol=0, atol=1e-5)


def second_implementation(surface, mixture, scale, steps):
    """Standardise, rectify layer by layer, destandardise; one query at a time."""
    out = []
    for w, s, t in zip(mixture, scale, steps, strict=True):
        x = [*w, s / 1e6, t]
        if surface.weights[0].shape[1] == 9:
            x += [np.log(s / 1e6), np.log(t)]
        h = (np.array(x) - surface.x_mean) / surface.x_std
        for i, (weight, bias) in enumerate(zip(surface.weights, surface.biases, strict=True)):
            h = weight @ h + bias
            if i < len(surface.weights) - 1:
                h = np.where(h > 0, h, 0)
        out.append(h * surface.y_std + surface.y_mean)
    return np.array(out)


@pytest.fixture(params=[False, True], ids=["plain", "logs"])
def network(request, toy):
    """The toy network, also with two more inputs: logs of size and step."""
    if not request.param:
        return toy
    rng = np.random.default_rng(12)
    first = np.concatenate([toy.weights[0], rng.normal(size=(16, 2))], axis=1)
    return replace(
        toy, weights=(first, *toy.weights[1:]), x_mean=np.append(toy.x_mean, [5.3, 8.6]),
        x_std=np.append(toy.x_std, [1.4, 1.1]),
    )  # fmt: skip


def test_metrics_are_those_of_a_second_implementation(network):
    mixture, scale, steps = queries()
    expected = second_implementation(network, mixture, scale, steps)
    assert expected.std(axis=0).min() > 1e-3
    np.testing.assert_allclose(network.metrics(mixture, scale, steps), expected, rtol=1e-10)


def test_curves_are_metrics_pointwise(network):
    mixture, scale, _ = queries(6)
    steps = np.random.default_rng(1).integers(1, 196, size=(6, 9)) * 100
    curve = network.curve(mixture, scale, steps)
    assert curve.shape == (6, 9, 11)
    for i in range(6):
        for j in range(9):
            point = network.metrics(mixture[i : i + 1], scale[i : i + 1], steps[i : i + 1, j])
            np.testing.assert_allclose(curve[i, j], point[0], rtol=1e-12)


def test_jax_agrees_in_double_precision(network, float64):
    import jax
    import jax.numpy as jnp

    mixture, scale, steps = queries()
    ours = network.metrics(mixture, scale, steps)
    theirs = jax.jit(lambda *q: network.metrics(*q, xp=jnp))(mixture, scale, steps)
    assert theirs.dtype == np.float64
    np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-11)
    grid = np.tile(steps[:4], (50, 1))
    theirs = network.curve(*map(jnp.asarray, (mixture, scale, grid)), xp=jnp)
    np.testing.assert_allclose(np.asarray(theirs), network.curve(mixture, scale, grid), rtol=1e-11)


def test_jax_agrees_in_single_precision(network):
    import jax.numpy as jnp

    mixture, scale, steps = queries()
    theirs = network.metrics(*(jnp.asarray(q, jnp.float32) for q in (mixture, scale, steps)), jnp)
    assert theirs.dtype == np.float32
    np.testing.assert_allclose(
        np.asarray(theirs), network.metrics(mixture, scale, steps), atol=1e-4
    )


@pytest.mark.reference
def test_jax_agrees_on_the_published_simulator(simulator, float64):
    import jax.numpy as jnp

    mixture, scale, steps = queries(200)
    theirs = simulator.metrics(*map(jnp.asarray, (mixture, scale, steps)), xp=jnp)
    np.testing.assert_allclose(
        np.asarray(theirs), simulator.metrics(mixture, scale, steps), rtol=1e-11
    )


def test_the_fingerprint_follows_the_numbers(toy):
    assert replace(toy, name="other").fingerprint == toy.fingerprint
    moved = [w.copy() for w in toy.weights]
    moved[1][3, 2] += 1e-9
    assert replace(toy, weights=tuple(moved)).fingerprint != toy.fingerprint
    assert replace(toy, y_std=toy.y_std * 2).fingerprint != toy.fingerprint


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("weights", lambda w: (w[0][:, :6], w[1]), "a network of 7 or 9 inputs, got 6"),
        ("weights", lambda w: (w[0], w[1][:10]), r"weights of shape .*\(11, 16\).*\(10, 16\)"),
        ("weights", lambda w: (w[0], w[1][:, :9]), r"weights of shape .*\(11, 16\).*\(11, 9\)"),
        ("biases", lambda b: (b[0], b[1][:10]), r"biases of shape .*\(11,\).*\(10,\)"),
        ("biases", lambda b: b[:1], r"biases of shape .*, got \[\(16,\)\]"),
        ("x_mean", lambda x: x[:5], r"x_mean of shape \(7,\), got \(5,\)"),
        ("x_std", lambda x: np.append(x, 1.0), r"x_std of shape \(7,\), got \(8,\)"),
        ("y_mean", lambda y: y[:, None], r"y_mean of shape \(11,\), got \(11, 1\)"),
        ("y_std", lambda y: y[0], r"y_std of shape \(11,\), got \(\)"),
    ],
)
def test_wrong_shapes_are_refused(toy, field, change, message):
    with pytest.raises(ValueError, match=f"surface 'toy': expected {message}"):
        replace(toy, **{field: change(getattr(toy, field))})


def test_a_query_of_another_width_is_refused(toy):
    with pytest.raises(ValueError, match=r"mismatch|aligned"):
        toy.metrics(np.full((2, 4), 0.25), np.full(2, 1e9), np.full(2, 100))


def test_the_surfaces_of_the_slimpajama_runs_have_their_grid(toy):
    assert isinstance(toy, NetworkSurface)
    assert toy.scales == (2e7, 6e7, 1.5e8, 3e8, 5e8, 7e8, 1e9)
    assert toy.steps == tuple(range(100, 19_501, 100))
    assert toy.step_cost(6e7) == pytest.approx(26_684_900e7)
    assert "corners" in toy.support


def test_surfaces_are_loaded_by_name():
    surrogate = load_surface("surrogate")
    assert (surrogate.name, surrogate.provenance) == ("surrogate", "surrogate")
    assert load_surface("surrogate") is surrogate
    mixture, scale, steps = queries(5)
    found = surrogate.metrics(mixture, scale, steps)
    expected = second_implementation(surrogate, mixture, scale, steps)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.reference
def test_the_published_surface_is_loaded_from_a_source(reference, simulator):
    surface = load_surface("published", str(reference / "published"))
    assert (surface.name, surface.fingerprint) == ("published", simulator.fingerprint)


@pytest.mark.parametrize("name", ["simulator", "rows:nothing", ""])
def test_an_unknown_surface_is_named_beside_the_known_ones(name):
    known = f"surface: expected one of surrogate, published, .*, got '{name}'"
    with pytest.raises(ValueError, match=known):
        load_surface(name)
    assert "surrogate" in surfaces.NAMES


@pytest.mark.parametrize(
    ("name", "command"),
    [("published", "published-simulator"), ("rows:regmix", "regmix"),
     ("rows:slimpajama-472", "slimpajama-472")],
)  # fmt: skip
def test_a_missing_file_names_the_command_that_fetches_it(monkeypatch, tmp_path, name, command):
    from mixenv.surfaces.rows import rows_surface

    rows_surface.cache_clear()
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"run `mixenv data fetch {command}`"):
        load_surface(name)


def test_a_missing_surrogate_is_a_broken_installation(monkeypatch):
    def missing(name):
        from mixenv.shipped import shipped

        return shipped(f"absent-{name}")

    slimpajama.surrogate.cache_clear()
    monkeypatch.setattr(slimpajama, "shipped", missing)
    message = "expected the shipped file absent-surrogate.npz .*; install mixenv again"
    with pytest.raises(FileNotFoundError, match=message):
        load_surface("surrogate")
    monkeypatch.undo()
    slimpajama.surrogate.cache_clear()


def test_arrays_of_another_order_are_another_surface(toy):
    arrays = {f"W{i}": w for i, w in enumerate(toy.weights)}
    arrays |= {f"b{i}": b for i, b in enumerate(toy.biases)}
    arrays |= {key: getattr(toy, key) for key in ("x_mean", "x_std", "y_mean", "y_std")}
    assert from_arrays("again", "synthetic", arrays).fingerprint == toy.fingerprint


def test_a_row_does_not_hang_on_how_many_are_asked_for():
    surface = load_surface("surrogate")
    rng = np.random.default_rng(0)
    asked = rng.dirichlet(np.ones(5), 300), rng.choice(surface.scales, 300), np.full(300, 4000)
    whole = surface.metrics(*asked)
    for n in (0, *range(1, 41), 255, 256, 257, 258, 259):
        np.testing.assert_array_equal(surface.metrics(*(a[:n] for a in asked)), whole[:n])
