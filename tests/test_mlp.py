"""The regression network: what it recovers, what it leaves out, and that it does so again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from mixenv.surfaces.mlp import Mlp, fit_mlp

SAME = {"hidden": (32, 32), "epochs": 300, "batch": 64, "members": 2}  # one compilation for most
UNITS = np.array([1.0, 1e4, 1e-4, 1.0])


def inputs(n=400, seed=0):
    """Columns of very different sizes, the last without effect."""
    return np.random.default_rng(seed).uniform(-1.5, 1.5, size=(n, 4)) * UNITS


def bends(inputs):
    """Two outputs [n, 2], one near 100 and one near 0, neither linear."""
    x = inputs / UNITS
    return np.stack([100 + np.sin(2 * x[:, 0]) * x[:, 1], 1e-3 * (x[:, 2] ** 2 - x[:, 0])], axis=1)


@pytest.fixture(scope="module")
def fitted() -> Mlp:
    return fit_mlp(inputs(), bends(inputs()), **SAME, seed=3)


def r2(found, expected):
    return 1 - ((found - expected) ** 2).mean(axis=0) / expected.var(axis=0)


def test_it_predicts_what_no_line_does(fitted):
    new = inputs(500, seed=1)
    design, at = np.column_stack([inputs(), np.ones(400)]), np.column_stack([new, np.ones(500)])
    line = np.linalg.lstsq(design, bends(inputs()), rcond=None)[0]
    assert r2(at @ line, bends(new)).max() < 0.7
    assert r2(fitted.predict(new), bends(new)).min() > 0.97


def test_it_is_plain_arrays_and_the_same_again(fitted):
    again = fit_mlp(inputs(), bends(inputs()), **SAME, seed=3)
    other = fit_mlp(inputs(), bends(inputs()), **SAME, seed=4)
    assert [w.shape for w in fitted.weights] == [(2, 4, 32), (2, 32, 32), (2, 32, 2)]
    assert [b.shape for b in fitted.biases] == [(2, 32), (2, 32), (2, 2)]
    for a, b, c in zip(fitted.weights, again.weights, other.weights, strict=True):
        assert type(a) is np.ndarray
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - c).max() > 0.1
    assert np.abs(fitted.weights[0][0] - fitted.weights[0][1]).max() > 0.1  # members differ


@pytest.mark.parametrize("activation", ["silu", "relu"])
def test_the_mean_of_members_predicts(fitted, activation):
    model = replace(fitted, activation=activation)
    each = []
    for e in range(2):
        hidden = (inputs(3) - model.x_mean) / model.x_sd
        for weight, bias in zip(model.weights[:-1], model.biases[:-1], strict=True):
            hidden = hidden @ weight[e] + bias[e]
            hidden = hidden / (1 + np.exp(-hidden)) if activation == "silu" else hidden.clip(0)
        each.append(hidden @ model.weights[-1][e] + model.biases[-1][e])
    expected = np.mean(each, axis=0) * model.y_sd + model.y_mean
    np.testing.assert_allclose(model.predict(inputs(3)), expected, rtol=1e-10)


def test_jax_predicts_the_same_and_trains_in_double_precision_mode(fitted, float64):
    import jax
    import jax.numpy as jnp

    found = jax.jit(lambda rows: fitted.predict(rows, jnp))(inputs(5))
    np.testing.assert_allclose(found, fitted.predict(inputs(5)), rtol=1e-9)
    rectified = fit_mlp(inputs(), bends(inputs()), **SAME, activation="relu")
    assert r2(rectified.predict(inputs()), bends(inputs())).min() > 0.95


def test_shapes_are_checked(fitted):
    message = r"network: expected biases of shape \[\(2, 32\), \(2, 32\), \(2, 2\)\], got \[\(2, 32"
    with pytest.raises(ValueError, match=message):
        replace(fitted, biases=fitted.biases[:2])


def test_missing_outputs_are_left_out():
    """What a row says where its outputs are known counts; a row without any might not be there."""
    holes = bends(inputs())
    holes[::3, 0] = np.nan
    holes[1::7] = np.nan
    model = fit_mlp(inputs(), holes, **SAME)
    new = inputs(300, seed=2)
    assert r2(model.predict(new), bends(new)).min() > 0.95
    np.testing.assert_allclose(model.y_mean, np.nanmean(holes, axis=0))
    np.testing.assert_allclose(model.y_sd, np.nanstd(holes, axis=0))


def test_weight_decay_and_dropout_hold_back():
    noise = np.random.default_rng(5).normal(size=(400, 2))
    options = SAME | {"epochs": 600}

    def fits(**held):
        model = fit_mlp(inputs(), noise, **options | held)
        return r2(model.predict(inputs()), noise).min()

    free = fits(weight_decay=0.0)
    assert free > 0.4
    assert fits(weight_decay=1.0) < free - 0.3
    assert fits(weight_decay=0.0, dropout=0.5) < free - 0.3


def test_no_hidden_layer_is_a_line_and_a_constant_column_is_no_trouble():
    x = np.column_stack([inputs(), np.full(400, 0.1)])
    y = np.column_stack([x @ np.ones(5), np.full(400, 2.7)])
    options = {"hidden": (), "epochs": 800, "rate": 0.03, "weight_decay": 0.0, "batch": None}
    found = fit_mlp(x, y, **options).predict(x)
    assert r2(found[:, :1], y[:, :1])[0] > 0.9999
    np.testing.assert_allclose(found[:, 1], 2.7, atol=0.01)


@pytest.mark.parametrize(("x", "y", "message"), [
    (np.ones((3, 2)), np.ones((4, 1)), r"expected inputs \[n, p\] and outputs \[n, k\], got .*"),
    (np.ones(3), np.ones((3, 1)), r"got shapes \(3,\) and \(3, 1\); give a row a case"),
    (np.ones((0, 2)), np.ones((0, 1)), r"got shapes \(0, 2\) and \(0, 1\)"),
    ([[1.0], [np.nan]], [[1.0], [2.0]], r"inputs: expected finite numbers, got \[nan\] in row 1"),
    ([[1.0], [2.0]], [[np.nan], [np.nan]], "outputs: expected finite numbers or NaN, and one"),
    ([[1.0], [2.0]], [[np.inf], [1.0]], "outputs: expected finite.*got an infinite one"),
])  # fmt: skip
def test_rows_that_do_not_fit_are_refused(x, y, message):
    with pytest.raises(ValueError, match=f"fit_mlp: .*{message}"):
        fit_mlp(np.asarray(x), np.asarray(y))


@pytest.mark.parametrize(("option", "message"), [
    ({"hidden": (8, 0)}, r"hidden: expected positive widths, got \(8, 0\)"),
    ({"epochs": 0}, "epochs: expected 1 or more, got 0"),
    ({"weight_decay": -1.0}, "weight_decay: expected 0 or more, got -1.0"),
    ({"dropout": 1.0}, "dropout: expected a share from 0 to less than 1, got 1.0"),
    ({"members": 0}, "members: expected 1 or more, got 0"),
    ({"rate": 0.0}, "rate: expected a positive number, got 0.0"),
    ({"batch": 0}, "batch: expected 1 or more, or None for all rows, got 0"),
    ({"activation": "step"}, "activation: expected one of silu, relu, got 'step'"),
])  # fmt: skip
def test_options_out_of_range_are_refused(option, message):
    with pytest.raises(ValueError, match=f"fit_mlp: {message}"):
        fit_mlp(np.ones((3, 2)), np.ones((3, 1)), **option)


def test_importing_it_loads_no_jax():
    code = "import sys, mixenv.surfaces.mlp; print({'jax', 'optax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
