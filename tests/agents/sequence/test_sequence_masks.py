"""Who sees whom: claims U1 and U2 of the sequence model, on random and on shipped weights."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from agents.sequence import masks, weights
from agents.sequence.config import Config


@pytest.fixture(params=["random", "shipped"])
def net(request, small, predict):
    """12 points with outcomes, and a network's predictions of them by (x, z, mask, context)."""
    if request.param == "random":
        x, z = np.array(small.x), np.array(small.z)
        return SimpleNamespace(x=x, z=z, predict=partial(predict, small.params, small.config))
    known, rng = weights.default(), np.random.default_rng(0)
    ask = partial(predict, known.params, known.config)
    return SimpleNamespace(x=rng.uniform(-1, 1, (12, 7)), z=rng.normal(size=12), predict=ask)


def test_u1_a_later_pair_moves_no_earlier_prediction(net):
    before = net.predict(net.x, net.z, masks.CAUSAL)
    for j in (0, 5, 11):
        x2, z2 = net.x.copy(), net.z.copy()
        z2[j] += 1
        x2[j + 1 :], z2[j + 1 :] = x2[j + 1 :] - 0.5, z2[j + 1 :] + 1
        after = net.predict(x2, z2, masks.CAUSAL)
        for one, two in zip(before, after, strict=True):
            np.testing.assert_allclose(one[: j + 1], two[: j + 1], atol=1e-5)
    assert abs(after[0] - before[0]).max() == 0  # the last pair moves nothing
    z2 = net.z.copy()
    z2[0] += 1
    assert abs(net.predict(net.x, z2, masks.CAUSAL)[0] - before[0])[1:].max() > 1e-3


def permuted(mask, net):
    """How far the predictions of the last five move when the first seven swap places."""
    order = np.concatenate([np.random.default_rng(1).permutation(7), np.arange(7, 12)])
    one = net.predict(net.x, net.z, mask, 7)
    two = net.predict(net.x[order], net.z[order], mask, 7)
    return max(float(abs(a - b)[7:].max()) for a, b in zip(one, two, strict=True))


def test_u2_the_context_s_order_moves_causal_predictions_only(net):
    assert permuted(masks.CUSTOM, net) < 1e-5
    assert permuted(masks.TNP_A, net) < 1e-5
    assert permuted(masks.CAUSAL, net) > 1e-3


def test_targets_of_the_custom_mask_do_not_see_each_other(net):
    z2 = net.z.copy()
    z2[8] += 1
    one, two = (net.predict(net.x, v, masks.CUSTOM, 7)[0] for v in (net.z, z2))
    np.testing.assert_array_equal(one, two)
    one, two = (net.predict(net.x, v, masks.TNP_A, 7)[0] for v in (net.z, z2))
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
    first = [net.predict(net.x, net.z, mask, 0)[0][0] for mask in masks.MASKS]
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
