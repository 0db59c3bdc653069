"""Training: the reward, the loss, checkpoints, the command; a few episodes of a few tasks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.ppo import checkpoint, look, losses, moves, network, weights
from agents.ppo.settings import SMALL, Settings
from benchmarks.command import main

pytestmark = pytest.mark.usefixtures("unoptimised")
TINY = Settings(**{**SMALL, "tasks": 8, "episodes": 4, "length": 8, "most": 6, "steps": 96})


@pytest.fixture(scope="module")
def trainer():
    """One trainer, so that its round compiles once."""
    from agents.ppo.train import Trainer

    return Trainer(TINY)


@pytest.fixture
def same_trainer(trainer, monkeypatch):
    """`train` with that trainer in place of a new one."""
    monkeypatch.setattr("agents.ppo.train.Trainer", lambda *_: trainer)


def test_a_reward_is_minus_the_regret_over_log_cost(trainer):
    """Of an experiment that takes the cost from 1 to 3 of 8 target runs; the rest counts last."""
    from agents.ppo.rollout import earned

    whole, start = np.log(8.1 / 0.1), look.START
    between = [np.log((b + start) / (a + start)) for a, b in ((1, 3), (3, 8))]
    assert earned(2.0, 1.5, 1.0, 3.0, 8.0, False) == pytest.approx(-2 * between[0] / whole)
    last = earned(2.0, 1.5, 1.0, 3.0, 8.0, True)
    assert last == pytest.approx(-(2 * between[0] + 1.5 * between[1]) / whole)


def test_a_wave_misleads_cheap_runs_only():
    import jax

    from agents.ppo import warp

    drawn = [warp.drawn(jax.random.key(i), 5) for i in range(12)]
    flat = [float(wave.height) == 0 for wave in drawn]
    assert 0 < sum(flat) < 12
    high = drawn[flat.index(False)]
    w = np.array([0.5, 0.2, 0.1, 0.1, 0.1])
    assert float(warp.warped(high, w, 1.0, 1.0)) == 0
    added = [float(warp.warped(high, x, 0.02, 0.1)) for x in (w, w[::-1])]
    assert added[0] != added[1]
    assert max(map(abs, added)) <= 2**0.5 * warp.MOST


def test_decisions_are_those_of_the_agent():
    """What JAX looks at, NumPy looks at too, from the same experiments."""
    import jax
    import jax.numpy as jnp

    from agents.ppo import belief, region

    rng, known, fast = (
        np.random.default_rng(0),
        belief.nothing(5),
        belief.nothing(5, jnp, jnp.float32),
    )
    learn = jax.jit(lambda *a: belief.learn(*a, jnp))
    for w in rng.dirichlet(np.ones(5), 30):
        size, length = rng.choice([0.02, 0.3, 1.0]), rng.choice([0.1, 1.0])
        args = w, size, length, rng.integers(16), 3 + rng.normal() * 0.1
        known, fast = belief.learn(known, *args), learn(fast, *args)
    equal, zero = np.full(5, 0.2), np.int64(1)
    books = look.Books(
        np.float64(3.0), np.float64(16.0), np.arange(16.0), equal, zero, zero, equal, equal
    )
    uniforms = rng.uniform(1e-6, 1, (region.CORNERS + region.INSIDE, 5))

    def seen(known, books, equal, xp):
        return look.look(known, books, moves.offer(known, equal, equal, 0.5, uniforms, xp), xp)

    rows = [
        seen(known, books, equal, np),
        jax.jit(lambda *a: seen(*a, jnp))(fast, books, equal),
    ]
    assert rows[0].shape == (look.WIDTH,)
    np.testing.assert_allclose(rows[1], rows[0], atol=0.02)


def test_a_stopped_run_ends_as_one_never_stopped(trainer, same_trainer, tmp_path):
    from agents.ppo.train import train

    told = []
    whole = train(TINY, tmp_path / "whole", tell=told.append, every=1)
    assert (whole.finished, whole.steps, len(told)) == (True, 96, TINY.rounds)
    assert told[-1].steps == 96
    assert sum(report.episodes for report in told) > 0
    calls, keep = [], checkpoint.write

    def stopping(*args):
        keep(*args)
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "write", stopping)
        with pytest.raises(KeyboardInterrupt):
            train(TINY, tmp_path / "part", every=1)
    again = train(TINY, tmp_path / "part", resume=True, every=1)
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)
    assert any((whole.weights[n] != a).any() for n, a in trainer.begin().weights.items())


def test_no_minutes_train_nothing(same_trainer, trainer, tmp_path):
    from agents.ppo.train import train

    done = train(TINY, tmp_path / "run", minutes=0)
    assert (done.finished, done.steps) == (False, 0)
    assert not (tmp_path / "run").exists()


def test_checkpoints_of_another_run_are_refused(trainer, tmp_path):
    learner = trainer.begin()
    checkpoint.write(tmp_path / "run", TINY, learner)
    with pytest.raises(
        ValueError, match=r"seed: expected 0 as in the checkpoint .*, got 1; resume"
    ):
        checkpoint.read(tmp_path / "run", replace(TINY, seed=1), learner)
    (tmp_path / "other").write_bytes(b"no run")
    with pytest.raises(ValueError, match="checkpoint: expected a file that training wrote"):
        checkpoint.read(tmp_path / "other", TINY, learner)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": 0}, "tasks: expected a number above 0, got 0"),
        ({"rate": -1.0}, "rate: expected a number above 0, got -1.0"),
        ({"batches": 7}, "batches: expected a divisor of 4 episodes x 8, got 7; change one"),
    ],
)
def test_settings_that_train_nothing_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


# The loss


def test_advantages_are_discounted_sums_of_surprises():
    reward, value = np.array([[1.0], [2.0], [4.0]]), np.array([[0.5], [0.25], [1.0]])
    over, after = np.array([[False], [True], [False]]), np.array([8.0])
    found = losses.advantages(reward, value, over, after, 0.9, 0.5)
    last, middle = 4 + 0.9 * 8 - 1, 2 - 0.25
    first = 1 + 0.9 * 0.25 - 0.5 + 0.9 * 0.5 * middle
    np.testing.assert_allclose(np.ravel(found), [first, middle, last], rtol=1e-6)


def test_the_loss_stops_where_the_policy_has_moved_far():
    advantage = np.array([1.0, -1.0])
    batch = losses.Batch(None, None, np.zeros(2), None, advantage, None)
    near, _ = losses.surrogate(np.log([1.1, 0.9]), batch, 0.2)
    far, moved = losses.surrogate(np.log([2.0, 0.5]), batch, 0.2)
    assert near == pytest.approx(-(1.1 - 0.9) / 2, abs=1e-5)
    assert far == pytest.approx(-(1.2 - 0.8) / 2, abs=1e-5)
    assert moved == pytest.approx((2 - 1 - np.log(2) + 0.5 - 1 - np.log(0.5)) / 2, abs=1e-5)


# The command


def test_the_command_trains_and_writes_weights(same_trainer, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("agents.ppo.settings.Settings", lambda **_: TINY)
    output = tmp_path / "made" / "ppo.npz"
    for arguments in (["--minutes", "0"], [], ["--fresh", "--small"]):
        with pytest.raises(SystemExit) as end:
            main(["train-ppo", "--output", str(output), *arguments])
        assert end.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "0 of 96 decisions, stopped; run it again to go on" in shown
    assert shown.endswith("96 of 96 decisions, done")
    found = weights.load(output)
    assert found.keys() == network.fresh(np.random.default_rng(0)).keys()
    assert weights.about(output.read_bytes(), "")["steps"] == 96


def test_a_strange_checkpoint_is_a_mistake_of_one_line(same_trainer, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("agents.ppo.settings.Settings", lambda **_: TINY)
    (tmp_path / "ppo.npz.checkpoint").write_bytes(b"no run")
    with pytest.raises(SystemExit) as end:
        main(["train-ppo", "--output", str(tmp_path / "ppo.npz")])
    assert end.value.code == 2
    assert "checkpoint: expected a file that training wrote" in capsys.readouterr().err
