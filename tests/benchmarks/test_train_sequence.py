"""`mixenv train-sequence`: from the command line to a file of weights, going on, mistakes."""

from __future__ import annotations

import jax
import pytest

from agents.sequence import recipe, weights
from agents.sequence.config import Config
from benchmarks.command import main


def noise(key, batch, length=6):
    """Points of seven features, outcomes that depend on none."""
    drawn = jax.random.normal(key, (batch, length, 8))
    return drawn[..., :7], drawn[..., 7]


@pytest.fixture(autouse=True)
def quick(monkeypatch, unoptimised):
    """A tiny network and tasks that cost nothing."""
    monkeypatch.setattr(recipe, "CONFIG", Config(7, layers=1, width=8, heads=1, hidden=8))
    monkeypatch.setattr(recipe, "tasks", noise)
    monkeypatch.setattr(recipe, "LENGTH", 6)


def run(*arguments):
    with pytest.raises(SystemExit) as exit:
        main(["train-sequence", *map(str, arguments)])
    return exit.value.code


def test_weights_and_what_they_are(tmp_path, capsys):
    output = tmp_path / "there" / "w.npz"
    assert run("--steps", 3, "--seed", 5, "--output", output) == 0
    found = weights.load(output)
    about = {k: found.about[k] for k in ("mask", "seed", "steps", "batch", "length")}
    assert about == {"mask": "causal", "seed": 5, "steps": 3, "batch": 24, "length": 6}
    assert found.about["versions"]["jax"] == jax.__version__
    printed = capsys.readouterr().out
    assert f"3 steps, held-out loss {found.about['loss']:.4f} nats" in printed
    assert "shipped weights:" in printed
    before = output.read_bytes()
    assert run("--steps", 3, "--seed", 5, "--output", output) == 0  # from its checkpoint
    assert output.read_bytes() == before


def test_a_check_that_fails(tmp_path, capsys):
    assert run("--steps", 3, "--output", tmp_path / "w.npz", "--check") == 1
    assert "more than 1%" in capsys.readouterr().out


def test_another_run_s_checkpoint_is_a_mistake_unless_fresh(tmp_path, capsys):
    output = tmp_path / "w.npz"
    assert run("--steps", 3, "--output", output) == 0
    assert run("--steps", 3, "--output", output, "--seed", 1) == 2
    error = capsys.readouterr().err
    assert error.startswith("mixenv: checkpoint: expected a run of seed 1, got 0; name another")
    assert error.count("\n") == 1
    assert run("--steps", 3, "--output", output, "--seed", 1, "--fresh") == 0
    assert weights.load(output).about["seed"] == 1


def test_weights_of_another_mask_are_not_compared(tmp_path, capsys, monkeypatch):
    made = weights.default()._replace(about={"mask": "custom", "loss": 1.5})
    monkeypatch.setattr(recipe, "trained", lambda mask, *_, **__: made)
    assert run("--mask", "custom", "--output", tmp_path / "w.npz", "--check") == 0
    printed = capsys.readouterr().out
    assert "custom, seed 0, 7000 steps, held-out loss 1.5000 nats" in " ".join(printed.split())
    assert "shipped" not in printed


def test_no_steps_is_a_mistake(capsys):
    assert run("--steps", 0) == 2
    assert "--steps" in capsys.readouterr().err
