"""MFMS-GP+ saved to one file, and loaded to go on identically."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.mfms_plus import MFMSPlus
from agents.plus.settings import Settings
from mixenv.metrics import accuracy, loss
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome


def answer(lab, agent, asked):
    """A run's curve and end; every fifth failed; the third of each ten went on from another."""
    n, k = len(agent._told), len(agent.problem.metrics)
    value = lab.quadratic(asked) + 0.1 * np.arange(k)
    steps = np.array([t for t in (500, 1000) if t < asked.steps] + [asked.steps])
    curve = np.stack([value + 0.1 * np.log(asked.steps / t) for t in steps])
    end = curve[-1] if n % 5 else np.full(k, np.nan)
    return Outcome(end, 0.05, steps, curve, resumed=n % 10 == 3)


def play(lab, agent, rounds):
    seen = []
    for _ in range(rounds):
        asked = agent.ask()
        seen.append((*asked.mixture, asked.scale, asked.steps, *agent.recommend()))
        agent.tell(asked, answer(lab, agent, asked))
    return np.array(seen)


def problems(lab):
    rng = np.random.default_rng(0)
    pools = {scale: rng.dirichlet(np.ones(4), 12) for scale in lab.SCALES}
    three = (loss("a"), accuracy("b", 100), loss("c"))
    worst = Objective("worst", (2, 1), (0.5, -2.0), (2.0, 0.5), worst=True)
    known = {"proportions": (0.1, 0.2, 0.3, 0.4), "metrics": three, "objective": worst}
    score = {"metrics": three, "objective": Objective("b", (1,), (-1.0,), (0.0,))}
    return {"capped": lab.make_problem(), "pool": lab.make_problem(1.0, pools=pools),
            "worst": replace(lab.make_problem(), **known),
            "score": replace(lab.make_problem(), **score)}  # fmt: skip


@pytest.mark.parametrize("kind", ["capped", "pool", "worst", "score"])
@pytest.mark.parametrize("rounds", [0, 7, 26])
def test_goes_on_identically(lab, tmp_path, kind, rounds):
    agent = MFMSPlus(problems(lab)[kind], 3, Settings(kappa=0.2))
    play(lab, agent, rounds)
    agent.ask_batch(2)
    agent.ask()
    agent.save(tmp_path / "agent")
    loaded = MFMSPlus.load(tmp_path / "agent")
    assert [p.name for p in tmp_path.iterdir()] == ["agent"]
    assert loaded.settings == agent.settings
    assert loaded.problem.objective == agent.problem.objective
    assert loaded.problem.proportions == agent.problem.proportions
    np.testing.assert_array_equal(play(lab, agent, 5), play(lab, loaded, 5))
    asked = np.full((1, 4), 0.25), 1e9, 2000
    np.testing.assert_array_equal(agent.predict(*asked), loaded.predict(*asked))


def test_a_file_of_something_else(tmp_path):
    (tmp_path / "text").write_text("not an agent")
    np.savez(tmp_path / "other.npz", a=np.zeros(2))
    np.savez(tmp_path / "newer.npz", header=np.array('{"format": "mixenv mfms-plus 99"}'))
    for name in ("text", "other.npz", "newer.npz"):
        with pytest.raises(ValueError, match=r"state: expected a file that an agent's save wrote"):
            MFMSPlus.load(tmp_path / name)


def test_a_pickle_is_not_executed(tmp_path):
    np.savez(tmp_path / "evil.npz", header=np.array([{"format": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"allow_pickle=False"):
        MFMSPlus.load(tmp_path / "evil.npz")


def test_a_region_of_ones_own_leaves_the_old_file(lab, tmp_path):
    class Mine:
        def sample(self, rng, n):
            return np.full((n, 4), 0.25)

    agent = MFMSPlus(lab.make_problem(), 0)
    agent.save(tmp_path / "agent")
    before = (tmp_path / "agent").read_bytes()
    odd = MFMSPlus(replace(lab.make_problem(), region=Mine()), 0)
    with pytest.raises(ValueError, match="a capped simplex or recorded mixtures, got Mine"):
        odd.save(tmp_path / "agent")
    assert (tmp_path / "agent").read_bytes() == before


def test_what_was_told_of_a_load_still_counts(lab, tmp_path):
    agent = MFMSPlus(lab.make_problem(), 0)
    agent.tell(Experiment(np.full(4, 0.25), 1e9, 2000), lab.outcome(2.0))
    agent.save(tmp_path / "agent")
    assert MFMSPlus.load(tmp_path / "agent")._told.spent == pytest.approx(0.1)
