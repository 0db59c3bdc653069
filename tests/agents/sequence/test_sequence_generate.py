"""Generation: claim U3, read-outs, padding, and what draws share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from agents.sequence import attention, generate, masks, model
from agents.sequence.attention import Group
from agents.sequence.generate import Context
from agents.sequence.model import Seen

KEY, ROOM, M = 3, 8, 5  # the context's room, and how many outcomes are imagined


@pytest.fixture(scope="module")
def draw(jit):
    """A draw and its read-out; of one shape, so that a mask compiles once."""

    def draw(params, config, context, anchors, points, key, mask):
        made = generate.generate(params, config, context, anchors, key, mask)
        return made, generate.read(params, config, made.memory, points)

    return jit(draw, static_argnames=("config", "mask"))


@pytest.fixture
def drawn(small, draw):
    """A draw by its mask at the points after the first n, and a read-out of three others."""

    def drawn(mask, n=6, pad=9.0):
        given = context_of(small, n, ROOM, pad)
        key, anchors = jax.random.key(KEY), small.x[n : n + M]
        return draw(small.params, small.config, given, anchors, others(small), key, mask)

    return drawn


def others(small):
    return small.x[9:] + 1


def context_of(small, n, room, pad=9.0):
    """The first n points, padded to `room`."""
    x, z = np.full((room, 3), pad, np.float32), np.full(room, pad, np.float32)
    x[:n], z[:n] = small.x[:n], small.z[:n]
    return Context(*map(jnp.asarray, (x, z, np.arange(room) < n)))


def known(small, made, n=6):
    """Twelve outcomes: given, then imagined, then some others."""
    return np.concatenate([small.z[:n], made.z, small.z[n + M :]])


@pytest.mark.parametrize(("mask", "n"), [("causal", 0), ("causal", 6), ("tnp-a", 6)])
def test_u3_cached_generation_equals_uncached(small, drawn, predict, mask, n):
    made, _ = drawn(mask, n)
    mean, sd = predict(small.params, small.config, small.x, known(small, made, n), mask, n)
    np.testing.assert_allclose(made.mean, mean[n : n + M], atol=1e-4)
    np.testing.assert_allclose(made.sd, sd[n : n + M], atol=1e-4)
    assert float(made.mean.std()) > 0.01


def test_under_the_custom_mask_the_context_grows(small, drawn, predict):
    made, _ = drawn("custom")
    z = known(small, made)
    for i in range(6, 6 + M):
        mean, sd = predict(small.params, small.config, small.x, z, "custom", i)
        np.testing.assert_allclose(made.mean[i - 6], mean[i], atol=1e-4)
        np.testing.assert_allclose(made.sd[i - 6], sd[i], atol=1e-4)


@pytest.mark.parametrize("mask", masks.MASKS)
def test_the_read_out_sees_all_that_was_imagined(small, drawn, predict, mask):
    made, read = drawn(mask)
    given = 11 if mask == "custom" else 6
    z = known(small, made)
    for i, point in enumerate(others(small)):
        x = np.concatenate([small.x[:11], point[None]])
        mean, sd = predict(small.params, small.config, x, z, mask, given)
        np.testing.assert_allclose(read[0][i], mean[11], atol=1e-4)
        np.testing.assert_allclose(read[1][i], sd[11], atol=1e-4)


@pytest.mark.parametrize("mask", masks.MASKS)
def test_what_pads_changes_nothing(drawn, mask):
    one, two = drawn(mask), drawn(mask, pad=-4.0)
    np.testing.assert_array_equal(one[0].z, two[0].z)
    np.testing.assert_array_equal(one[1], two[1])


@pytest.mark.parametrize("mask", ["causal", "custom"])
def test_many_draws_are_each_what_one_is(unoptimised, small, drawn, mask):
    """And a context without padding says what one with it does."""
    keys = jnp.stack([jax.random.key(k) for k in (8, KEY)])
    anchors = np.stack([small.x[6:11] + 1, small.x[6:11]])
    found = generate.draws(
        small.params, small.config, context_of(small, 6, 6), anchors, others(small), keys, mask
    )
    _, alone = drawn(mask)
    for several, one in zip(found, alone, strict=True):
        assert several.shape == (2, 3)
        np.testing.assert_allclose(several[1], one, atol=1e-4)
        assert abs(several[0] - one).max() > 1e-4


def test_single_step_is_the_read_out_of_the_context(unoptimised, small, predict):
    found = generate.now(small.params, small.config, context_of(small, 7, ROOM), small.x[7:8])
    expected = predict(small.params, small.config, small.x, small.z, "causal", 0)
    for one, all_of_them in zip(found, expected, strict=True):
        np.testing.assert_allclose(one[0], all_of_them[7], atol=1e-5)


def test_outcomes_are_mean_plus_sd_times_noise_of_the_key(drawn):
    made, _ = drawn("causal")
    noise = jax.random.normal(jax.random.key(KEY), (M,))
    np.testing.assert_allclose(made.z, made.mean + made.sd * noise, atol=1e-6)


@pytest.mark.parametrize("own", [True, False])
def test_heads_first_reads_what_tokens_first_does(jit, own):
    """Also where nothing is there, or nothing but the token itself."""
    rng = np.random.default_rng(0)

    def some(m):
        return rng.normal(size=(m, 2, 4)).astype(np.float32)

    q, keys, values, itself = 3 * some(3), some(5), some(5), (some(3), some(3)) if own else None
    for there in (np.arange(5) < 3, np.arange(5) < 0):
        groups = [Seen(keys, values, np.tile(t, (3, 1))) for t in (there, there[::-1])]
        first = [Group(*(a.swapaxes(0, 1) for a in g[:2]), g.visible[0]) for g in groups]
        expected = jit(model.attend)(q, groups, itself)
        found = jit(attention.attend)(q, first, itself)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert (found == 0).all() == (not own and not there.any())


def test_unknown_mask(small):
    with pytest.raises(ValueError, match="mask: expected one of"):
        generate.generate(
            small.params, small.config, context_of(small, 6, 6), small.x, jax.random.key(0), "pfn"
        )
