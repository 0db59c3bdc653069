"""Who sees whom: claims U1 and U2 of the sequence model, on random and on shipped weights."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from agents.sequence import masks, model, weights
from agents.sequence.config import Config


@pytest.fixture(params=["random", "shipped"])
def net(request, small):
    """Weights, size, 12 points."""
    if request.param == "random":
        return small.params, small.config, np.array(small.x), np.array(small.z)
    known, rng = weights.default(), np.random.default_rng(0)
    return known.params, known.config, rng.uniform(-1, 1, (12, 7)), rng.normal(size=12)


QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # compile


@jax.jit(static_argnames=("config", "mask"), compiler_options=QUICK)
def predict(params, config, x, z, mask, context=0):
    return model.predict(params, config, x, z, mask, context)


def test_u1_a_later_pair_moves_no_earlier_prediction(net):
    params, config, x, z = net
    before = predict(params, config, x, z, masks.CAUSAL)
    for j in (0, 5, 11):
        x2, z2 = x.copy(), z.copy()
        z2[j] += 1
        x2[j + 1 :], z2[j + 1 :] = x2[j + 1 :] - 0.5, z2[j + 1 :] + 1
        after = predict(params, config, x2, z2, masks.CAUSAL)
        for one, two in zip(before, after, strict=True):
            np.testing.assert_allclose(one[: j + 1], two[: j + 1], atol=1e-5)
    assert abs(after[0] - before[0]).max() == 0  # the last pair moves nothing
    x2, z2 = x.copy(), z.copy()
    z2[0] += 1
    assert abs(predict(params, config, x, z2, masks.CAUSAL)[0] - before[0])[1:].max() > 1e-3


def permuted(mask, net):
    """How far the predictions of the last five move when the first seven swap places."""
    params, config, x, z = net
    order = np.concatenate([np.random.default_rng(1).permutation(7), np.arange(7, 12)])
    one = predict(params, config, x, z, mask, 7)
    two = predict(params, config, x[order], z[order], mask, 7)
    return max(float(abs(a - b)[7:].max()) for a, b in zip(one, two, strict=True))


def test_u2_the_context_s_order_moves_causal_predictions_only(net):
    assert permuted(masks.CUSTOM, net) < 1e-5
    assert permuted(masks.TNP_A, net) < 1e-5
    assert permuted(masks.CAUSAL, net) > 1e-3


def test_targets_of_the_custom_mask_do_not_see_each_other(net):
    params, config, x, z = net
    z2 = z.copy()
    z2[8] += 1
    one, two = (predict(params, config, x, v, masks.CUSTOM, 7)[0] for v in (z, z2))
    np.testing.assert_array_equal(one, two)
    one, two = (predict(params, config, x, v, masks.TNP_A, 7)[0] for v in (z, z2))
    np.testing.assert_array_equal(one[7:9], two[7:9])
    assert abs(one - two)[9:].max() > 1e-3


def test_small_masks_by_hand():
    causal = masks.make("causal", 3)
    assert causal.query.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert causal.data.tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert causal.scored.tolist() == [1, 1, 1]
    custom = masks.make("custom", 3, 1)
    assert custom.data.tolist() == custom.query.tolist() == [[1, 0, 0]] * 3
    assert custom.scored.tolist() == [0, 1, 1]
    attentive = masks.make("tnp-a", 4, 2)
    assert attentive.data.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    assert attentive.query.tolist() == [[0] * 4, [0] * 4, [1, 1, 0, 0], [1, 1, 1, 0]]


def test_unknown_mask():
    with pytest.raises(ValueError, match="mask: expected one of causal, custom, tnp-a, got 'pfn'"):
        masks.make("pfn", 3)


def test_all_masks_agree_where_nothing_is_seen_or_all_is_given(net):
    params, config, x, z = net
    first = [predict(params, config, x, z, mask, 0)[0][0] for mask in masks.MASKS]
    np.testing.assert_allclose(first, first[0], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": 0}, "inputs: expected at least 1, got 0"),
        ({"heads": 5}, "heads: expected a divisor of the width 64, got 5; choose"),
        ({"floor": 0.0}, "floor: expected a positive sd, got 0.0; choose"),
    ],
)
def test_a_size_that_cannot_be(change, message):
    with pytest.raises(ValueError, match=message):
        Config(**{"inputs": 3, **change})
