"""Generation: claim U3, read-outs, padding, and what draws share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from agents.sequence import generate, masks, model
from agents.sequence.generate import Context

KEY = 3
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # compile


@jax.jit(static_argnums=(1, 5), compiler_options=QUICK)
def draw(params, config, context, anchors, key, mask):
    made = generate.generate(params, config, context, anchors, key, mask)
    return made, generate.read(params, config, made.memory, anchors[:3] + 1)


@jax.jit(static_argnums=(1, 4), compiler_options=QUICK)
def predict(params, config, x, z, mask, context):
    return model.predict(params, config, x, z, mask, context)


def context_of(small, n=7, pad=0):
    """The first n points, padded."""
    x = np.concatenate([small.x[:n], np.full((pad, 3), 9.0, np.float32)])
    z = np.concatenate([small.z[:n], np.full(pad, 9.0, np.float32)])
    return Context(*map(jnp.asarray, (x, z, np.arange(n + pad) < n)))


def drawn(small, mask, n=7, pad=0, key=KEY):
    """A draw at the points after the first n, and a read-out of three others."""
    context = context_of(small, n, pad)
    return draw(small.params, small.config, context, small.x[n:], jax.random.key(key), mask)


def known(small, made, n=7):
    """All twelve outcomes: given, then imagined."""
    return np.concatenate([small.z[:n], made.z])


@pytest.mark.parametrize(("mask", "n"), [("causal", 0), ("causal", 7), ("tnp-a", 7)])
def test_u3_cached_generation_equals_uncached(small, mask, n):
    made, _ = drawn(small, mask, n)
    mean, sd = predict(small.params, small.config, small.x, known(small, made, n), mask, n)
    np.testing.assert_allclose(made.mean, mean[n:], atol=1e-4)
    np.testing.assert_allclose(made.sd, sd[n:], atol=1e-4)
    assert float(made.mean.std()) > 0.01


def test_under_the_custom_mask_the_context_grows(small):
    made, _ = drawn(small, "custom")
    for i in range(7, 12):
        z = known(small, made)
        mean, sd = predict(small.params, small.config, small.x, z, "custom", i)
        np.testing.assert_allclose(made.mean[i - 7], mean[i], atol=1e-4)
        np.testing.assert_allclose(made.sd[i - 7], sd[i], atol=1e-4)


@pytest.mark.parametrize("mask", masks.MASKS)
def test_the_read_out_sees_all_that_was_imagined(small, mask):
    made, read = drawn(small, mask)
    given = 12 if mask == "custom" else 7
    z = np.append(known(small, made), np.float32(0))
    for i, point in enumerate(small.x[7:10] + 1):
        x = np.concatenate([small.x, point[None]])
        mean, sd = predict(small.params, small.config, x, z, mask, given)
        np.testing.assert_allclose(read[0][i], mean[12], atol=1e-4)
        np.testing.assert_allclose(read[1][i], sd[12], atol=1e-4)


@pytest.mark.parametrize("mask", masks.MASKS)
def test_padding_changes_nothing(small, mask):
    one, two = drawn(small, mask), drawn(small, mask, pad=5)
    np.testing.assert_allclose(one[0].z, two[0].z, atol=1e-5)
    np.testing.assert_allclose(one[1], two[1], atol=1e-5)


@pytest.mark.parametrize("mask", ["causal", "custom"])
def test_many_draws_are_each_what_one_is(small, mask):
    keys = jnp.stack([jax.random.key(k) for k in (8, KEY)])
    anchors = jnp.stack([small.x[7:] + 1, small.x[7:]])
    found = generate.draws(
        small.params, small.config, context_of(small), anchors, small.x[7:10] + 1, keys, mask
    )
    _, alone = drawn(small, mask)
    for several, one in zip(found, alone, strict=True):
        assert several.shape == (2, 3)
        np.testing.assert_allclose(several[1], one, atol=1e-4)
        assert abs(several[0] - one).max() > 1e-4


def test_single_step_is_the_read_out_of_the_context(small):
    found = generate.now(small.params, small.config, context_of(small, pad=2), small.x[7:8])
    expected = predict(small.params, small.config, small.x, small.z, "causal", 0)
    for one, all_of_them in zip(found, expected, strict=True):
        np.testing.assert_allclose(one[0], all_of_them[7], atol=1e-5)


def test_outcomes_are_mean_plus_sd_times_noise_of_the_key(small):
    made, _ = drawn(small, "causal")
    noise = jax.random.normal(jax.random.key(KEY), (5,))
    np.testing.assert_allclose(made.z, made.mean + made.sd * noise, atol=1e-6)


def test_unknown_mask(small):
    with pytest.raises(ValueError, match="mask: expected one of"):
        generate.generate(
            small.params, small.config, context_of(small), small.x, jax.random.key(0), "pfn"
        )
