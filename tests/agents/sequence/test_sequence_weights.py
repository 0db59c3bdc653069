"""Weights in a file, and those that ship."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import norm

from agents.sequence import model, prior, recipe, weights
from agents.sequence.weights import Weights
from mixenv.shipped import shipped


def test_there_and_back(small, tmp_path):
    path = tmp_path / "w.npz"
    weights.save(path, Weights(small.params, small.config, {"mask": "causal", "seed": 3}))
    found = weights.load(path)
    assert (found.config, found.about) == (small.config, {"mask": "causal", "seed": 3})
    assert jax.tree.structure(found.params) == jax.tree.structure(small.params)
    for a, b in zip(jax.tree.leaves(found.params), jax.tree.leaves(small.params), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [p.name for p in tmp_path.iterdir()] == ["w.npz"]


def test_a_file_of_something_else(small, tmp_path):
    (tmp_path / "text").write_text("weights")
    np.savez(tmp_path / "other.npz", a=np.zeros(2))
    np.savez(tmp_path / "evil.npz", header=np.array([{"format": 1}], dtype=object))
    weights.save(tmp_path / "w.npz", Weights(small.params, small.config, {}))
    with np.load(tmp_path / "w.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "short.npz", **{**arrays, "head.b": np.zeros(3)})
    arrays.pop("norm.w")
    np.savez(tmp_path / "lacking.npz", **arrays)
    for name in ("text", "other.npz", "evil.npz", "short.npz", "lacking.npz"):
        with pytest.raises(ValueError, match="weights: expected a file that train-sequence wrote"):
            weights.load(tmp_path / name)


def test_the_shipped_weights_are_what_they_say():
    known = weights.default()
    assert len(shipped(weights.FILE).read_bytes()) <= 2_000_000
    assert known.config == recipe.CONFIG
    plan = {name: known.about[name] for name in ("mask", "seed", "steps", "batch", "length")}
    assert plan == {
        "mask": "causal", "seed": recipe.SEED, "steps": recipe.STEPS, "batch": recipe.BATCH,
        "length": recipe.LENGTH,
    }  # fmt: skip


def exact(x, z, n):
    """Log density of the last outcome given the n before, by the Gaussian process that made it."""
    roots, (length, sd, noise) = x[:, :5] / 2.5, (prior.KNOWN[k] for k in ("length", "sd", "noise"))
    apart = ((roots[:, None] - roots[None]) ** 2).sum(-1)
    kernel = sd**2 * np.exp(-apart / (2 * length**2)) + noise**2 * np.eye(n + 1)
    weights = np.linalg.solve(kernel[:n, :n], kernel[:n, n])
    return norm.logpdf(z[n], weights @ z[:n], (kernel[n, n] - weights @ kernel[:n, n]) ** 0.5)


def test_the_shipped_weights_come_near_the_exact_posterior(jit):
    known, n = weights.default(), 40
    sample = jit(prior.known, static_argnums=(1, 2))
    x, z = (np.array(a) for a in sample(jax.random.key(5), 100, n + 1))
    predict = jit(jax.vmap(lambda x, z: model.predict(known.params, known.config, x, z)))
    mean, sd = (np.array(a)[:, n] for a in predict(x, z))
    found = norm.logpdf(z[:, n], mean, sd).mean()
    best = np.mean([exact(*task, n) for task in zip(x, z, strict=True)])
    unread = norm.logpdf(z[:, n], 0, 1.09**0.5).mean()
    assert found > best - 0.25
    assert found > unread + 0.5 * (best - unread)
