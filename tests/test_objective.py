"""Objectives: single metrics, aggregates and weightings, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mixenv.metrics import SLIMPAJAMA, accuracy, loss
from mixenv.objective import make_objective, needs_constants

RNG = np.random.default_rng(3)
VALUES = RNG.uniform(0.3, 3.5, size=(4, 6, 11))
MEAN, SD = RNG.uniform(0.3, 3.5, size=11), RNG.uniform(0.01, 0.4, size=11)
SIGNS = np.array([1] * 8 + [-1] * 3)
LOSSES, EVALUATED = slice(1, 8), slice(1, 11)


def make(spec, **options):
    return make_objective(spec, SLIMPAJAMA, MEAN, SD, **options)


def test_a_single_metric_is_signed():
    np.testing.assert_allclose(make("stack_exchange")(VALUES), VALUES[..., 4])
    np.testing.assert_allclose(make("hellaswag")(VALUES), -VALUES[..., 8])
    assert make("hellaswag").name == "hellaswag"


def test_mean_loss_is_the_mean_of_the_seven_validation_losses():
    np.testing.assert_allclose(make("mean_loss")(VALUES), VALUES[..., LOSSES].mean(axis=-1))
    assert make_objective("mean_loss", SLIMPAJAMA)(VALUES).shape == (4, 6)


def test_mean_score_is_standardised_and_signed_over_the_ten_evaluations():
    score = ((VALUES - MEAN) / SD * SIGNS)[..., EVALUATED].mean(axis=-1)
    np.testing.assert_allclose(make("mean_score")(VALUES), score)


def test_worst_loss_is_the_largest_standardised_loss():
    worst = ((VALUES - MEAN) / SD)[..., LOSSES].max(axis=-1)
    np.testing.assert_allclose(make("worst_loss")(VALUES), worst)


def test_weights_add_signed_values_and_standardise_divides_by_sd():
    weights = {"arxiv": 2.0, "piqa": 0.5, "c4": -0.25}
    plain = 2 * VALUES[..., 6] - 0.5 * VALUES[..., 9] - 0.25 * VALUES[..., 2]
    np.testing.assert_allclose(make(weights)(VALUES), plain)
    scaled = (
        2 * VALUES[..., 6] / SD[6] - 0.5 * VALUES[..., 9] / SD[9] - 0.25 * VALUES[..., 2] / SD[2]
    )
    np.testing.assert_allclose(make(weights, standardise=True)(VALUES), scaled)
    assert make(weights).name == "2 arxiv + 0.5 piqa + -0.25 c4"
    np.testing.assert_allclose(make("book", standardise=True)(VALUES), VALUES[..., 7] / SD[7])


@pytest.mark.parametrize("spec", ["mean_score", "worst_loss", "github", {"c4": 1.0, "piqa": 3.0}])
def test_jax_agrees(float64, spec):
    import jax.numpy as jnp

    found = make(spec)(jnp.asarray(VALUES), jnp)
    assert isinstance(found, jnp.ndarray)
    np.testing.assert_allclose(found, make(spec)(VALUES), rtol=1e-12)


def test_aggregates_take_the_metrics_there_are():
    metrics = (accuracy("quiz", 10), loss("web"), loss("code"))
    found = make_objective("mean_loss", metrics)(np.array([[0.9, 2.0, 3.5]]))
    np.testing.assert_allclose(found, [2.75])


@pytest.mark.parametrize(
    ("spec", "standardise", "needs"),
    [("mean_loss", False, False), ("c4", False, False), ("c4", True, True),
     ({"c4": 1}, False, False), ({"c4": 1}, True, True), ("mean_score", False, True),
     ("worst_loss", False, True)],
)  # fmt: skip
def test_who_needs_constants(spec, standardise, needs):
    assert needs_constants(spec, standardise) is needs


@pytest.mark.parametrize("spec", ["mean_score", "worst_loss"])
def test_missing_constants_are_named(spec):
    with pytest.raises(ValueError, match=f"'{spec}': expected standardising constants, got None"):
        make_objective(spec, SLIMPAJAMA)


@pytest.mark.parametrize("spec", ["perplexity", {"c4": 1.0, "perplexity": 2.0}])
def test_an_unknown_metric_is_named_beside_the_known_ones(spec):
    known = "metric: expected one of train_cross_entropy, .*, worst_loss, got 'perplexity'"
    with pytest.raises(ValueError, match=known):
        make(spec)


@pytest.mark.parametrize(
    "weights", [{}, {"c4": 0.0}, {"c4": float("nan")}, {"c4": 1.0, "book": float("inf")}]
)
def test_weights_are_finite_and_not_all_zero(weights):
    with pytest.raises(ValueError, match="metric: expected finite weights, at least one not zero"):
        make(weights)


@pytest.mark.parametrize("spec", ["mean_loss", "worst_loss"])
def test_an_aggregate_of_no_losses_is_refused(spec):
    with pytest.raises(ValueError, match=f"'{spec}': expected validation losses .*, got none"):
        make_objective(spec, (accuracy("quiz", 10),), np.zeros(1), np.ones(1))
