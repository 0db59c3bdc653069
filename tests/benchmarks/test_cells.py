"""Cells: keys that say what a record depends on, seeds that do not overlap, and playing one."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.cell import Cell, cells, task_of
from benchmarks.play import attempt, play
from benchmarks.record import WALL_CLOCK, decode, encode, same
from benchmarks.sources import digest
from benchmarks.suites import TaskSpec

TASK = TaskSpec("a", {"metric": "arxiv", "budget": 2.0, "surface": "surrogate"})
CELL = Cell(TASK, "corners", 3, "f1", "c1")


def test_a_key_stays():
    assert CELL.key == Cell(TASK, "corners", 3, "f1", "c1").key
    backwards = TaskSpec("a", dict(reversed(TASK.options.items())))
    assert replace(CELL, task=backwards).key == CELL.key


def test_a_key_knows_numbers_and_not_files():
    moved = TaskSpec("a", {**TASK.options, "surface": "published", "source": "/elsewhere"})
    assert replace(CELL, task=moved).key == CELL.key
    changes = (
        {"agent": "random"}, {"seed": 4}, {"fingerprint": "f2"}, {"code": "c2"},
        {"task": TaskSpec("a", {**TASK.options, "budget": 3.0})},
        {"task": replace(TASK, max_experiments=7)},
        {"task": replace(TASK, label="b")},
    )  # fmt: skip
    assert len({CELL.key, *(replace(CELL, **change).key for change in changes)}) == 8


def test_seeds_are_shared_by_agents_and_do_not_overlap():
    other = replace(CELL, agent="random")
    assert other.episode_seed == CELL.episode_seed
    assert other.agent_seed != CELL.agent_seed
    longer = TaskSpec("a", {**TASK.options, "budget": 3.0})
    assert replace(CELL, task=longer).episode_seed == CELL.episode_seed
    many = [replace(CELL, seed=s) for s in range(1000)]
    assert len({s for c in many for s in (c.episode_seed, c.agent_seed)}) == 2000
    assert all(0 <= c.episode_seed < 2**31 for c in many)


def test_a_record_repeats_and_survives_the_store(suite):
    cell = cells(suite)[-1]
    first, again = play(cell), play(cell)
    assert same(first, again)
    kept = decode(encode(again))
    for name, value in vars(again).items():
        np.testing.assert_array_equal(value, getattr(kept, name), err_msg=name)
        assert type(getattr(kept, name)) is type(value)
        assert getattr(getattr(kept, name), "dtype", None) == getattr(value, "dtype", None)


def test_records_that_differ_are_told_apart(record):
    one = record([1.0, 1.0], [2.0, 1.0, 0.5])
    assert same(one, replace(one, start_seconds=9.0, seconds=one.seconds + 1))
    for name, value in vars(one).items():
        if name in WALL_CLOCK:
            continue
        if isinstance(value, np.ndarray):
            other = np.append(value, value[:1], axis=0) if len(value) else np.zeros(3)
        else:
            other = "x" if isinstance(value, str) else (9.0, 9)
        assert not same(one, replace(one, **{name: other})), name


def test_an_empty_record_survives_the_store(record):
    kept = decode(encode(record([], [2.0])))
    assert (kept.cost.shape, kept.metrics.shape) == ((0,), (0, 2))
    assert same(kept, record([], [2.0]))


def test_a_record_holds_what_the_evaluator_knows(suite):
    done = play(cells(suite)[-1])
    task = task_of(suite.tasks[0])
    assert (done.provenance, done.fingerprint) == (
        task.surface.provenance,
        task.surface.fingerprint,
    )
    assert done.spent[-1] <= task.budget + 1e-9
    assert len(done.regrets) == len(done.cost) + 1 == len(done.seconds) + 1
    expected = task.regret(done.recommended[done.in_force[-1]]) / task.sd
    assert done.regrets[-1] == expected
    truth = task.objective(task.surface.metrics(done.mixture[:1], done.scale[:1], done.steps[:1]))
    assert done.truth[0] == pytest.approx(truth[0])
    np.testing.assert_allclose(task.objective(done.metrics), done.value, rtol=1e-6)
    assert done.metrics.shape == (len(done.cost), len(done.metric_names))
    assert done.metric_names == tuple(task.surface.metric_names)
    assert done.domains == tuple(task.surface.domains)
    assert done.resumed.any()  # corners trains the better half longer
    assert not done.resumed.all()
    assert done.cut_short.sum() <= 1
    assert 0 < abs(done.truth[0] - done.value[0]) < 0.1  # the noise


def test_agents_on_one_seed_meet_the_same_noise(suite):
    noisy = {cell.agent: cell for cell in cells(suite) if cell.seed == 1}
    assert len({cell.episode_seed for cell in noisy.values()}) == 1


def test_a_failing_agent_is_a_result(suite):
    record, failure = attempt(replace(cells(suite)[0], agent="nobody", code=digest("nobody")))
    assert record is None
    assert failure.startswith("Traceback")
    assert "got 'nobody'" in failure


def test_a_digest_follows_imports_of_the_same_package(tmp_path, monkeypatch):
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "agent.py").write_text("import numpy\nfrom mine import helper\nraise SystemError\n")
    (package / "helper.py").write_text("x = 1\n")
    (package / "other.py").write_text("y = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def fresh():
        digest.cache_clear()
        return digest("mine.agent:Class")

    first = fresh()
    (package / "other.py").write_text("y = 2\n")
    assert fresh() == first
    (package / "helper.py").write_text("x = 2\n")
    assert fresh() != first
    digest.cache_clear()


def test_a_digest_leaves_the_registry_out_and_follows_dots(tmp_path, monkeypatch):
    """To register another agent must not change what is known of this one."""
    package = tmp_path / "dotted"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("from dotted import registry\nname = 1\n")
    (package / "registry.py").write_text("AGENTS = {}\n")
    (package / "tool.py").write_text("x = 1\n")
    (package / "deep" / "__init__.py").write_text("from .near import z\n")
    (package / "deep" / "near.py").write_text("z = 1\n")
    agent = package / "deep" / "agent.py"
    monkeypatch.syspath_prepend(str(tmp_path))

    def fresh(source):
        digest.cache_clear()
        agent.write_text(source)
        return digest("dotted.deep.agent:Class")

    def changes(changed, source):
        before, text = fresh(source), (package / changed).read_text()
        (package / changed).write_text(f"{text}more = 1\n")
        return fresh(source) != before

    for source in ("from dotted import tool\n", "from .. import tool\n", "import dotted.tool\n"):
        assert changes("tool.py", source)
        assert not changes("registry.py", source)
    for source in ("from dotted import name\n", "from .. import name\n"):
        assert changes("registry.py", source)
    for source in ("from .near import z\n", "from . import near\n", "from . import z\n"):
        assert changes("deep/near.py", source)
        assert not changes("tool.py", source)
    digest.cache_clear()


def test_another_package_named_agents(tmp_path, monkeypatch):
    from importlib.util import spec_from_file_location

    foreign = spec_from_file_location("agents", tmp_path / "agents" / "__init__.py")
    monkeypatch.setattr(ours, "find_spec", lambda _: foreign)
    with pytest.raises(ImportError, match=r"expected mixenv's own package, got .*agents.*; rename"):
        ours.our_agents()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fingerprint": "f"}, "surface of mean_loss: expected fingerprint f, got .* start again"),
        ({"code": "c"}, "agent random: expected source c, got .*another mixenv: start again"),
    ],
)
def test_what_changed_since_the_plan_is_not_played(suite, change, says):
    with pytest.raises(ValueError, match=says):
        play(replace(cells(suite)[0], **change))
