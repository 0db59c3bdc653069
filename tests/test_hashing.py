"""Counter-based noise: against plain integers, against JAX, and against the normal law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mixenv import hashing

WORD = 2**32
P = 1e-3
words = st.integers(0, WORD - 1)


def mix(x: int) -> int:
    x = ((x ^ (x >> 16)) * 0x21F0AAAD) % WORD
    x = ((x ^ (x >> 15)) * 0x735A2D97) % WORD
    return x ^ (x >> 15)


def fold(state: int, word: int) -> int:
    return mix((state * 0x2C1B3C6D) % WORD ^ word)


def key(many: list[int]) -> int:
    places = [mix((i * 0x2C1B3C6D) % WORD) for i in range(1, len(many) + 1)]
    return mix(sum(mix(w ^ p) for w, p in zip(many, places, strict=True)) % WORD)


def array(*many: int) -> np.ndarray:
    return np.array(many, dtype=np.uint32)


@given(st.lists(words, min_size=1, max_size=9), words)
def test_arrays_hash_as_plain_integers_do(many, word):
    state = hashing.key(array(*many))
    assert state.dtype == np.uint32
    assert state.tolist() == [key(many)]
    assert hashing.fold(state, array(word)).tolist() == [fold(key(many), word)]
    assert hashing.fold(state, word % 2**31).tolist() == [fold(key(many), word % 2**31)]


def test_jax_hashes_bit_for_bit():
    import jax.numpy as jnp

    many = np.random.default_rng(1).integers(WORD, size=(64, 8), dtype=np.uint32)
    more = np.arange(11, dtype=np.uint32)
    ours = hashing.fold(hashing.key(many), more)
    theirs = hashing.fold(hashing.key(jnp.asarray(many)), jnp.asarray(more))
    assert theirs.dtype == np.uint32
    assert np.asarray(theirs).tolist() == ours.tolist()


@pytest.mark.parametrize("double", [True, False])
def test_jax_draws_the_same_normals(double, request):
    if double:
        request.getfixturevalue("float64")
    import jax.numpy as jnp

    state = np.random.default_rng(2).integers(WORD, size=5000, dtype=np.uint32)
    theirs = np.asarray(hashing.normal(jnp.asarray(state), jnp))
    assert theirs.dtype == (np.float64 if double else np.float32)
    np.testing.assert_allclose(theirs, hashing.normal(state), atol=1e-12 if double else 2e-3)


def test_a_compiled_function_of_single_precision_leaves_doubles_exact(request):
    import jax
    import jax.numpy as jnp

    single = jax.jit(lambda state: hashing.normal(state, jnp))
    state = hashing.key(array(3, 9))
    assert single(state).dtype == np.float32
    request.getfixturevalue("float64")
    double = jax.jit(lambda state: hashing.normal(state, jnp))
    np.testing.assert_allclose(double(state), hashing.normal(state), rtol=1e-14)


def test_mix_is_a_bijection():
    """Each of its steps has an inverse: invert by Newton's iteration and shifts."""
    x = np.random.default_rng(3).integers(WORD, size=200_000, dtype=np.uint32)
    y = hashing.mix(x)
    for shift, factor in ((15, 0x735A2D97), (15, 0x21F0AAAD), (16, None)):
        y = y ^ (y >> shift) ^ (y >> 2 * shift if 2 * shift < 32 else 0)
        if factor is not None:
            y = y * np.uint32(pow(factor, -1, WORD))
    assert (y == x).all()


def test_every_input_bit_reaches_every_output_bit():
    x = np.random.default_rng(4).integers(WORD, size=4000, dtype=np.uint32)
    for bit in range(32):
        flipped = hashing.mix(x) ^ hashing.mix(x ^ np.uint32(1 << bit))
        rates = [((flipped >> np.uint32(out)) & np.uint32(1)).mean() for out in range(32)]
        assert min(rates) > 0.4
        assert max(rates) < 0.6


def test_places_of_words_matter():
    states = {key([3, 5, 7]), key([5, 3, 7]), key([7, 5, 3]), key([3, 5]), key([3, 5, 7, 0])}
    assert len(states) == 5
    assert hashing.key(array(5, 3, 7)).tolist() == [key([5, 3, 7])]


def test_normals_of_consecutive_words_are_normal_and_uncorrelated():
    z = hashing.normal(hashing.fold(hashing.key(array(0, 1)), np.arange(50_000, dtype=np.uint32)))
    assert stats.kstest(z, "norm").pvalue > P
    for lag in (1, 2, 16):
        assert abs(np.corrcoef(z[:-lag], z[lag:])[0, 1]) < 0.02
        assert abs(np.corrcoef(np.abs(z[:-lag]), np.abs(z[lag:]))[0, 1]) < 0.02


@pytest.mark.parametrize("place", range(8))
def test_neighbouring_keys_draw_independent_normals(place):
    """One word of a run's name moves by one: seed, shares, scale or replicate."""
    rng = np.random.default_rng(5)
    many = rng.integers(1_000_000, size=(20_000, 8), dtype=np.uint32)
    near = many.copy()
    near[:, place] += 1
    z = hashing.normal(hashing.key(many))[:, 0]
    moved = hashing.normal(hashing.key(near))[:, 0]
    assert stats.kstest(z - moved, stats.norm(scale=2**0.5).cdf).pvalue > P
    assert abs(np.corrcoef(z, moved)[0, 1]) < 0.03


def test_the_extreme_hashes_draw_finite_normals():
    z = hashing.normal(array(0, 1023, WORD - 1, WORD - 1024))
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= (2 * np.log(2 * 2.0**22)) ** 0.5
    assert abs(z[0]) > 5  # the least radius is that of the greatest hashes


def test_normals_have_the_moments_of_the_normal_law():
    every = hashing.normal((np.uint32(2**21) << np.uint32(10)) | np.arange(1024, dtype=np.uint32))
    scale = (every**2).mean()
    assert scale == pytest.approx(np.log(2.0), rel=1e-6)
    assert every.mean() == pytest.approx(0, abs=1e-12)
    assert (every**4).mean() == pytest.approx(1.5 * scale**2, rel=1e-9)  # E cos^4 = 3/8
    assert (every**6).mean() == pytest.approx(2.5 * scale**3, rel=1e-9)  # E cos^6 = 5/16
    z = hashing.normal(hashing.fold(hashing.key(array(7)), np.arange(2_000_000, dtype=np.uint32)))
    for power, moment in ((2, 1), (4, 3), (6, 15)):
        assert (z**power).mean() == pytest.approx(moment, rel=0.02)
    assert (np.abs(z) > 4).mean() == pytest.approx(2 * stats.norm.sf(4), rel=0.3)


def test_words_draw_as_arrays_do():
    states = [0, 5, 2**31, WORD - 1]
    assert hashing.normal_words(states).tolist() == hashing.normal(array(*states)).tolist()
    assert hashing.finish_word(hashing.sum_words(states, 0)) == hashing.key(array(*states))[0]
    both = hashing.sum_words(states[:2], 0) + hashing.sum_words(states[2:], 2)
    assert hashing.finish_word(both) == hashing.key(array(*states))[0]
    assert [hashing.fold_word(s, 9) for s in states] == hashing.fold(array(*states), 9).tolist()
    assert hashing.fold_words(9, states) == [hashing.fold_word(9, s) for s in states]
