"""`mixenv speed`: bars, the clock, the table, every section's rows, user's mistakes."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest

from benchmarks.command import main
from benchmarks.speed.clock import Work, rates
from benchmarks.speed.imports import fresh
from benchmarks.speed.measurement import Bar, Measurement, figure, scaled
from benchmarks.speed.play import batch, task_of
from benchmarks.speed.pool import kernel
from benchmarks.speed.report import table
from benchmarks.speed.runner import measured, through
from benchmarks.speed.sections import SECTIONS, measure
from benchmarks.suites import SUITES

FOUND = Measurement("steps", "steps/s", 30.0, "rival", 20.0, Bar(1.25), "toy (synthetic)")


def ended(*arguments):
    """The exit code of a command."""
    with pytest.raises(SystemExit) as end:
        main(["speed", *arguments])
    return end.value.code


@pytest.fixture
def inside(monkeypatch, inline):
    """No processes."""

    @contextmanager
    def here(jobs, variables=None):
        yield inline

    monkeypatch.setattr("benchmarks.workers.processes", here)


@pytest.fixture
def fake(monkeypatch, inside):
    """A section that met one bar and missed another."""
    rows = [FOUND, Measurement("made", "ms", 9.0, "rival", 3.0, Bar(2.0, at_most=True))]
    monkeypatch.setitem(SECTIONS, "fake", "fake_section")
    monkeypatch.setitem(sys.modules, "fake_section", SimpleNamespace(measure=lambda _: rows))


# Values


def test_a_ratio_is_held_against_its_bar():
    assert (FOUND.ratio, FOUND.met) == (1.5, True)
    assert Measurement("a", "s", 30.0, "b", 20.0, Bar(1.5, at_most=True)).met is True
    assert Measurement("a", "s", 30.0, "b", 20.0, Bar(1.6)).met is False
    assert Measurement("a", "s", 30.0, "b", 20.0, Bar(1.4, at_most=True)).met is False
    assert Measurement("a", "s", 30.0, "b", 20.0).met is None
    assert scaled(5_000).ratio == pytest.approx(5 / 183)


def test_without_a_rival_the_bar_is_for_the_figure():
    found = Measurement("modules", "", 1.0, bar=Bar(0, at_most=True))
    assert (found.ratio, found.met) == (1.0, False)


def test_what_is_not_measured_says_why():
    found = Measurement("a", "s", rival="b", bar=Bar(1.0), note="not installed: b")
    assert (found.ratio, found.met) == (None, None)
    with pytest.raises(ValueError, match="measurement 'a': expected a note saying why"):
        Measurement("a", "s")


@pytest.mark.parametrize("ratio", [-1.0, float("nan"), float("inf")])
def test_bars_are_finite(ratio):
    with pytest.raises(ValueError, match="bar: expected a finite ratio, 0 or more, got"):
        Bar(ratio)


@pytest.mark.parametrize("value", [0.0, -2.0, float("nan")])
def test_rivals_are_above_zero(value):
    with pytest.raises(ValueError, match="measurement 'a': expected a rival above 0, got"):
        Measurement("a", "s", 1.0, "b", value)


def test_figures_are_short():
    shown = [figure(x) for x in (None, 0.0, 0.02732, 1.6393, 19.94, 183_000.4)]
    assert shown == ["-", "0", "0.0273", "1.64", "19.9", "183,000"]


# The clock


def test_the_best_turn_counts(monkeypatch):
    took = iter([2.0, 5.0, 1.0, 4.0, 4.0, 8.0])  # a and b in turns
    now = [0.0]
    ticks = iter(range(100))

    def process_time():
        if next(ticks) % 2:
            now[0] += next(took)
        return now[0]

    monkeypatch.setattr("benchmarks.speed.clock.time.process_time", process_time)
    calls = []
    works = {"a": Work(lambda: calls.append("a"), 10, 2), "b": Work(lambda: calls.append("b"), 8)}
    assert rates(works, turns=3) == {"a": 20 / 1.0, "b": 8 / 4.0}
    assert "".join(calls) == "ab" + 3 * "aab"


# The table


def test_the_table_shows_ratios_bars_and_provenance():
    unmeasured = Measurement("peer", "s", rival="b", bar=Bar(1.0), note="not installed: b")
    missed = Measurement("slow", "ms", 9.0, "rival", 3.0, Bar(2.0, at_most=True))
    shown = table([FOUND, missed, unmeasured, Measurement("plain", "s", 2.0)])
    cells = [tuple(row[1:]) for row in shown.rows]
    assert cells == [
        ("steps", "rival", "30", "20", "steps/s", "1.5", ">= 1.25", "yes"),
        ("slow", "rival", "9", "3", "ms", "3", "<= 2", "NO"),
        ("peer", "b: not installed: b", "-", "-", "s", "-", ">= 1", "not measured"),
        ("plain", "-", "2", "-", "s", "2", "-", "-"),
    ]
    assert any("toy (synthetic)" in note for note in shown.notes)


# Sections


@pytest.mark.parametrize("name", ["single", "surface", "vector", "pool", "history", "functional"])
def test_every_section_names_a_bar_and_a_surface(name, monkeypatch):
    def once(works, turns=1):
        if name != "single":  # thousands of steps a call
            for work in works.values():
                work.call()
        return {key: float(i + 1) for i, key in enumerate(works)}

    module = import_module(SECTIONS[name])
    monkeypatch.setattr(module, "rates", once)
    monkeypatch.setattr("benchmarks.speed.play.BATCHES", 1)
    monkeypatch.setattr("benchmarks.speed.play.SETTLING", 1)
    if name == "surface":
        monkeypatch.setattr(module, "absent", lambda: ["onnxruntime"])
    found = measure(name, {})
    assert found
    for row in found:
        assert row.section == name
        assert row.bar is not None
        assert row.rival
        assert (row.value is None) == bool(row.note)
        assert row.value is None or row.surface
    notes = {row.note for row in found}
    told = {"surface": "not installed: onnxruntime", "pool": "needs --source regmix=PATH"}
    assert notes - {""} == ({told[name]} if name in told else set())


def test_the_kernel_finds_the_nearest_rows(monkeypatch):
    task = task_of(gym.make("DataMixtureReplica-v0"))
    asked = []
    monkeypatch.setattr("benchmarks.speed.pool.nearest", lambda *part: asked.append(part))
    kernel(task)()
    assert sum(len(mixtures) for mixtures, _ in asked) == 1024
    assert [pool.shape[0] for _, pool in asked] == [len(task.surface.domains)] * len(task.scales)


def test_batches_are_actions_of_the_task():
    env = gym.make_vec("DataMixture-v0", 3)
    drawn = batch(task_of(env), 3)
    assert all(
        env.single_action_space.contains({k: v[i] for k, v in drawn.items()}) for i in range(3)
    )
    assert np.allclose(drawn["mixture"].sum(axis=1), 1)


def test_a_fresh_process_that_fails():
    assert fresh("print(6 * 7)") == "42"
    with pytest.raises(OSError, match=r"a fresh process failed: .*no_such"):
        fresh("import no_such")


# The command


def test_a_section_is_measured_printed_and_written(tmp_path, capsys):
    assert ended("--only", "make", "--results", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "make DataMixture-v0" in printed
    assert "<= 20" in printed
    page = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert page.startswith("### Speed\n\n| section | name |")
    assert str(tmp_path) not in page
    record = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert record["manifest"]["command"] == "mixenv speed --only make"
    rows = record["measurements"]
    assert [row["rival"] for row in rows] == ["CartPole-v1"] * 2
    for row in rows:
        assert row["ratio"] == pytest.approx(row["value"] / row["rival_value"])
        assert row["met"] == (row["ratio"] <= row["bar"])


def test_what_was_measured_before_a_section_fails_is_kept(tmp_path, monkeypatch, capsys):
    def measure_alone(name, sources):
        if name == "gp":
            raise KeyboardInterrupt
        return [Measurement("steps", "1/s", 7.0, section=name)]

    monkeypatch.setattr("benchmarks.speed.sections.measure_alone", measure_alone)
    assert ended("--only", "single", "--only", "gp", "--results", str(tmp_path)) == 130
    assert capsys.readouterr().err.endswith("mixenv: stopped\n")  # again, it would begin anew
    (row,) = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))["measurements"]
    assert (row["section"], row["value"]) == ("single", 7.0)
    assert "| single | steps |" in (tmp_path / "speed.md").read_text(encoding="utf-8")


def test_a_missed_bar_is_an_error_only_where_asked(fake, tmp_path, capsys):
    arguments = ["--only", "fake", "--only", "fake", "--results", str(tmp_path)]
    assert ended(*arguments) == 0
    assert capsys.readouterr().out.count("NO") == 1
    assert ended(*arguments, "--check") == 1
    record = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert [row["met"] for row in record["measurements"]] == [True, False]
    assert {row["section"] for row in record["measurements"]} == {"fake"}


def test_sources_are_handed_on_and_their_places_kept_back(fake, tmp_path, monkeypatch):
    given = []
    module = SimpleNamespace(measure=lambda sources: given.append(sources) or [FOUND])
    monkeypatch.setitem(sys.modules, "fake_section", module)
    (tmp_path / "pile").mkdir()
    source = f"regmix={tmp_path / 'pile'}"
    assert ended("--only", "fake", "--source", source, "--check", "--results", str(tmp_path)) == 0
    assert given == [{"regmix": str(tmp_path / "pile")}]
    text = (tmp_path / "speed.json").read_text(encoding="utf-8")
    assert "mixenv speed --only fake --source regmix=pile --check" in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "nope"], "--only: expected one of single, surface, vector, pool, history"),
        (["--nope"], "No such option"),
        (["--source", "regmix"], "--source: expected NAME=PATH"),
        (["--source", "nope=."], "--source: expected NAME=PATH"),
        (["--source", "published-simulator=."], "--source: expected a run table of regmix"),
        (["--source", "regmix=/none"], "--source: expected a folder or file of regmix, none at"),
    ],
)
def test_mistakes(capsys, arguments, says):
    assert ended(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.strip().splitlines()
    assert line.startswith("mixenv: ")
    assert says in line


def test_help(capsys):
    assert ended("--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Sections: {', '.join(SECTIONS)}." in shown


def test_the_runner_beside_its_cells():
    small = SUITES["quick"].choose(tasks=["mean_loss"], agents=["corners"], seeds=1, budget=1.0)
    whole, watched = measured(small)
    assert whole.bar == Bar(1.05, at_most=True)
    assert whole.value > whole.rival_value > 0
    assert whole.name == "1 cells of quick through the runner"
    assert whole.surface == "surrogate"
    assert watched.value > 0
    assert watched.bar is None


def test_a_cell_that_fails_is_not_measured():
    broken = SUITES["quick"].choose(tasks=["mean_loss"], agents=["nobody:Nobody"], seeds=1)
    with pytest.raises(RuntimeError, match="runner: expected 1 records, got 0"):
        through(broken)


def test_the_runner_alone(fake, tmp_path, monkeypatch):
    monkeypatch.setitem(SECTIONS, "runner", SECTIONS["fake"])
    assert ended("--runner", "--results", str(tmp_path)) == 0
    record = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert record["manifest"]["command"] == "mixenv speed --only runner"
    assert {row["section"] for row in record["measurements"]} == {"runner"}
