"""Pretraining: deterministic, resumed bit for bit, and it learns."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import norm

from agents.sequence import checkpoint, compiling
from agents.sequence.config import Config
from agents.sequence.train import Plan, loss, train

pytestmark = pytest.mark.usefixtures("unoptimised")

CONFIG = Config(1, layers=1, width=16, heads=2, hidden=16)
PLAN = Plan(60, batch=8, rate=1e-2)


def lines(key, batch):
    """y = a x + b, noise 0.1."""
    drawn = jax.random.normal(key, (batch, 22))  # a, b, x and noise
    x = drawn[:, 2:12]
    return x[..., None], drawn[:, :1] * x + drawn[:, 1:2] + 0.1 * drawn[:, 12:]


def same(one, two):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_seed_is_a_run():
    first, again = (train(lines, CONFIG, "causal", PLAN, 3) for _ in range(2))
    same(first, again)
    other = train(lines, CONFIG, "causal", PLAN, 4)
    assert abs(other.losses - first.losses).max() > 0.01


class Stopped(Exception):
    pass


def test_a_stopped_run_goes_on_as_if_never_stopped(tmp_path, monkeypatch):
    whole = train(lines, CONFIG, "causal", PLAN, 3)
    path = tmp_path / "run.npz"
    save, saved = checkpoint.save, []

    def once(*arguments):
        save(*arguments)
        saved.append(len(arguments[-1]))
        raise Stopped

    monkeypatch.setattr(checkpoint, "save", once)
    with pytest.raises(Stopped):
        train(lines, CONFIG, "causal", PLAN, 3, path=path, every=7)
    monkeypatch.setattr(checkpoint, "save", save)
    seen = []
    again = train(
        lines, CONFIG, "causal", PLAN, 3, path=path, progress=lambda step, loss: seen.append(step)
    )
    assert saved == [7]
    assert seen[-1] == 60
    same(whole, again)
    same(whole, train(lines, CONFIG, "causal", PLAN, 3, path=path))  # nothing left to do


@pytest.mark.parametrize("mask", ["causal", "custom"])
def test_it_learns(mask):
    found = train(lines, CONFIG, mask, PLAN, 0)
    assert found.losses[-15:].mean() < found.losses[:5].mean() - 0.2
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found.params))


def test_a_checkpoint_of_another_run(tmp_path):
    path = tmp_path / "run.npz"
    train(lines, CONFIG, "causal", PLAN, 3, path=path)
    for mask, plan, seed, name in (
        ("custom", PLAN, 3, "mask custom, got causal"),
        ("causal", PLAN, 4, "seed 4, got 3"),
        ("causal", Plan(61, batch=8, rate=1e-2), 3, "plan .*'steps': 61"),
    ):
        with pytest.raises(ValueError, match=f"checkpoint: expected a run of {name}"):
            train(lines, CONFIG, mask, plan, seed, path=path)


def test_a_file_that_is_no_checkpoint(tmp_path):
    (tmp_path / "text").write_text("weights")
    np.savez(tmp_path / "other.npz", a=np.zeros(2))
    np.savez(tmp_path / "newer.npz", header=np.array('{"format": "mixenv sequence checkpoint 9"}'))
    (tmp_path / "empty").write_bytes(b"")
    for name in ("text", "other.npz", "newer.npz", "empty"):
        with pytest.raises(ValueError, match="checkpoint: expected a file that training wrote"):
            train(lines, CONFIG, "causal", PLAN, 3, path=tmp_path / name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps: expected at least 1, got 0; train longer"),
        ({"batch": 0}, "batch: expected at least 1, got 0"),
        ({"rate": 0.0}, "rate: expected a positive rate, got 0.0; try"),
    ],
)
def test_a_plan_that_cannot_be(change, message):
    with pytest.raises(ValueError, match=message):
        Plan(**{"steps": 3, **change})


def test_haste_asks_only_for_what_the_compiler_knows(monkeypatch):
    assert compiling.known(compiling.hasty())
    assert not compiling.known({"xla_no_such_option": True})
    monkeypatch.setattr(compiling, "known", lambda options: False)
    fewer = compiling.hasty.__wrapped__()
    assert compiling.hasty().items() >= fewer.items()
    assert Plan(100).compiler_options == compiling.hasty()
    assert Plan(101).compiler_options == {}


def test_unknown_mask():
    with pytest.raises(ValueError, match="mask: expected one of causal"):
        train(lines, CONFIG, "pfn", PLAN, 0)


def test_the_loss_is_the_mean_over_scored_outcomes(small, predict, jit):
    mean, sd = predict(small.params, small.config, small.x, small.z, "custom", 7)
    each = -norm.logpdf(small.z, mean, sd)
    batch = small.x[None], small.z[None], "custom", 7
    found = jit(loss, static_argnums=(1, 4))(small.params, small.config, *batch)
    np.testing.assert_allclose(found, each[7:].mean(), rtol=1e-5)
