"""The gate: a planted worse agent fails, a change that is none passes, other tasks are refused."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from agents.registry import AGENTS
from benchmarks import gate
from benchmarks.cell import cells
from benchmarks.gate import read, scores, tasks, write
from benchmarks.play import play
from benchmarks.sources import digest
from benchmarks.suites import SUITES
from benchmarks.verdict import LEVEL, MARGIN, compare

PLANTED = """
from agents.sampling import Random
from agents.history import uniform

class Worse(Random):
    def recommend(self):
        return self._problem.region.sample(self._rng, 1)[0]

class Other(Random):
    def __init__(self, problem, seed):
        super().__init__(problem, seed + 1)
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Scores of random search as it is, or with a class of the planted module in its place."""
    (tmp_path / "planted.py").write_text(PLANTED)
    monkeypatch.syspath_prepend(str(tmp_path))
    suite = SUITES["gate"].choose(agents=["random", "corners"], seeds=12)

    def found(name=None):
        if name:
            monkeypatch.setitem(AGENTS, "random", f"planted:{name}")
        digest.cache_clear()
        return scores([play(cell) for cell in cells(suite)])

    yield found
    digest.cache_clear()


def test_a_worse_agent_fails_and_a_null_change_passes(planted):
    recorded = planted()
    assert [v.word for v in compare(recorded, planted())] == ["same", "same"]
    assert all(v.change == 0 for v in compare(recorded, planted()))
    other, corners = compare(recorded, planted("Other"))  # other draws, no worse search
    assert (other.word, corners.word) == ("same", "same")
    assert other.change != 0
    worse, corners = compare(recorded, planted("Worse"))
    assert (worse.word, corners.word) == ("worse", "same")
    assert worse.low > MARGIN
    (better, _) = compare(planted("Worse"), recorded)
    assert better.word == "better"


def test_chance_is_seldom_called_worse():
    rng = np.random.default_rng(5)
    agents = [f"a{i}" for i in range(4)]

    def draw(shift=0.0):
        return {a: {t: (rng.lognormal(-1, 1, 16) + shift).tolist() for t in "xyz"} for a in agents}

    null = [any(v.word == "worse" for v in compare(draw(), draw())) for _ in range(400)]
    assert np.mean(null) <= 2 * LEVEL
    planted = [any(v.word == "worse" for v in compare(draw(), draw(1.0))) for _ in range(50)]
    assert np.mean(planted) > 0.9


def test_rounding_on_another_machine_is_no_change():
    one = {"a": {"t": [0.5, 0.25, 1.0]}}
    two = {"a": {"t": [x + 1e-7 for x in one["a"]["t"]]}}
    assert [v.word for v in compare(one, two)] == ["same"]
    assert [v.word for v in compare(one, {"a": {"t": [x + 0.1 for x in one["a"]["t"]]}})] == [
        "worse"
    ]


@pytest.mark.parametrize(
    "found", [{"b": {"t": [1.0]}}, {"a": {"u": [1.0]}}, {"a": {"t": [1.0, 2.0]}}]
)
def test_what_cannot_be_paired(found):
    with pytest.raises(
        ValueError, match="gate: expected the recorded agents, tasks and seeds, got"
    ):
        compare({"a": {"t": [1.0]}}, found)


def test_recorded_scores_are_of_the_suite_that_is_there():
    suite = SUITES["gate"]
    recorded = read(gate.FILE, suite)
    assert {a: {t: len(v) for t, v in by.items()} for a, by in recorded.items()} == {
        agent: {task.label: len(suite.seeds_of(agent)) for task in suite.tasks}
        for agent in suite.agents
    }
    assert str(gate.FILE.parent.parent) not in gate.FILE.read_text(encoding="utf-8")


def test_scores_of_another_task_are_refused(tmp_path):
    suite = SUITES["gate"]
    write(tmp_path / "gate.json", suite, {"random": {"mean_loss": [0.1 + 0.2]}})
    assert read(tmp_path / "gate.json", suite) == {"random": {"mean_loss": [0.3]}}
    with pytest.raises(ValueError, match="gate: expected task mean_loss as recorded, got another"):
        read(tmp_path / "gate.json", suite.choose(budget=3.0))
    assert json.loads(json.dumps(tasks(suite))) == tasks(suite)


def test_the_command(tmp_path, monkeypatch):
    found = {"random": {"mean_loss": [0.5, 0.75, 0.5]}}
    monkeypatch.setattr(gate, "play", lambda suite, jobs: found)
    path = ["--file", str(tmp_path / "gate.json")]
    run = CliRunner().invoke
    assert run(gate.main, path).exit_code == 2  # nothing was recorded
    assert run(gate.main, ["--renew", *path]).exit_code == 0
    same = run(gate.main, path)
    assert same.exit_code == 0
    assert same.output == "random: same; regret +0.0000 sd [+0.0000, +0.0000] over 3 pairs\n"
    found["random"]["mean_loss"] = [0.8, 1.05, 0.8]
    worse = run(gate.main, path)
    assert worse.exit_code == 1
    assert "random: worse; regret +0.3000 sd" in worse.output
    found["random"]["mean_loss"] = [0.2, 0.45, 0.2]
    better = run(gate.main, path)
    assert better.exit_code == 0
    assert "hold it with python -m benchmarks.gate --renew" in better.output


def test_a_cell_that_fails(monkeypatch):
    suite = SUITES["gate"].choose(tasks=["mean_loss"], agents=["nobody:Nobody"], seeds=1)
    with pytest.raises(RuntimeError, match="gate: nobody:Nobody failed on mean_loss: Traceback"):
        gate.play(suite, 1)
