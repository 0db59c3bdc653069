"""`mixenv speed --only gpu --only gpu_gp`: rows without an accelerator, and what measures."""

from __future__ import annotations

import json
import os
from itertools import count
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from benchmarks import workers
from benchmarks.command import main
from benchmarks.speed import clock, devices, functional, gpu, gpu_environment, gpu_gp
from benchmarks.speed.clock import Work, rates, wall
from benchmarks.speed.devices import CPU, card
from benchmarks.speed.gp import WORSE, Warm
from benchmarks.speed.measurement import Bar
from benchmarks.speed.play import batch, task_of
from benchmarks.speed.report import table
from benchmarks.speed.sections import ACCELERATED, measure, measure_alone
from benchmarks.worker import SINGLE_THREAD


@pytest.fixture
def task():
    import gymnasium as gym

    return task_of(gym.make("DataMixture-v0"))


@pytest.fixture
def cpu():
    return devices.processor()


def seen_by_jax():
    """The worker's JAX_PLATFORMS and how many threads JAX itself starts."""
    return os.environ.get("JAX_PLATFORMS"), os.environ.get("NPROC")


# Without an accelerator


_ONLY = [word for name in ACCELERATED for word in ("--only", name)]


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")


def test_without_an_accelerator_rows_say_so(without):
    found = [row for name in ACCELERATED for row in measure(name, {})]
    assert [row.name for row in found] == [
        "functional scan of 1024",
        "functional scan of 16384",
        "functional scan of 131072",
        "functional scan of 131072, autoreset",
        *(f"GP suggestion at n = {n}" for n in (50, 200, 500, 1000)),
    ]
    assert {(row.value, row.met, row.note) for row in found} == {
        (None, None, "no accelerator found by JAX")
    }
    assert {row.section for row in found} == {"gpu", "gpu_gp"}
    assert not any("wall-clock" in note for note in table(found).notes)


def test_the_command_runs_without_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    with pytest.raises(SystemExit) as end:
        main(["speed", *_ONLY, "--check", "--results", str(tmp_path)])
    assert end.value.code == 0
    assert "no accelerator found by JAX" in capsys.readouterr().out
    rows = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))["measurements"]
    assert len(rows) == 8
    assert {row["met"] for row in rows} == {None}


def test_only_these_sections_may_see_an_accelerator(monkeypatch):
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    monkeypatch.delenv("NPROC", raising=False)
    with workers.processes(1) as pool:
        assert pool.submit(seen_by_jax).result() == ("cpu", "1")
    with workers.processes(1, {}) as pool:
        assert pool.submit(seen_by_jax).result() == (None, None)
    assert devices.on_processor(seen_by_jax) == ("cpu", "1")


def test_sections_ask_for_workers_that_see_one(monkeypatch, inline):
    asked = []

    def here(jobs, variables):
        asked.append(variables)
        return _entered(inline)

    monkeypatch.setattr("benchmarks.workers.processes", here)
    monkeypatch.setattr("benchmarks.speed.sections.measure", lambda name, sources: [])
    for name in ("functional", *ACCELERATED):
        assert measure_alone(name, {}) == []
    assert asked == [SINGLE_THREAD, *[{}] * len(ACCELERATED)]


def _entered(executor):
    from contextlib import nullcontext

    return nullcontext(executor)


# With one, played by the CPU


def test_an_accelerator_is_what_jax_takes_first(monkeypatch):
    there = SimpleNamespace(device_kind="H100", platform="cuda")
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(jax, "devices", lambda platform=None: [there, there])
    assert devices.accelerator() is there
    assert card(there) == "H100 (1 of 2)"


def test_every_part_is_measured_where_there_is_one(monkeypatch):
    device = SimpleNamespace(memory_stats=lambda: {"peak_bytes_in_use": 3 * 2**30})
    asked = []

    def rows(*arguments):
        asked.append(arguments[1:])
        return []

    monkeypatch.setattr(devices, "accelerator", lambda: device)
    monkeypatch.setattr(devices, "card", lambda device: "H100 (1 of 1)")
    monkeypatch.setattr(gpu_environment, "rows", rows)
    monkeypatch.setattr(gpu_gp, "rows", rows)
    for section in (gpu, gpu_gp):
        (row,) = section.measure({})
        assert (row.name, row.value) == ("memory held at most on H100 (1 of 1)", 3.0)
        assert row.unit == "GiB"
    assert asked == [((1024, 16_384, 131_072),), ((50, 200, 500, 1000), 20)]


def test_memory_that_a_device_does_not_tell(cpu):
    assert devices.memory(cpu).note == "not told by this device"


def test_the_environment_on_a_device(cpu):
    found = gpu_environment.rows(cpu, (4, 8), length=3)
    where = card(cpu)
    *rates, exact = found
    names = [row.name for row in rates[::2]]
    assert names == [row.name for row in rates[1::2]]
    assert names[:2] == [f"functional scan of {n} on {where}" for n in (4, 8)]
    assert names[2] in {f"functional scan of {n}, autoreset on {where}" for n in (4, 8)}
    assert {row.rival for row in rates[::2]} == {"bare network under jit, there too"}
    assert {row.rival for row in rates[1::2]} == {f"{CPU}, scan of 4"}  # spared the largest
    assert [row.bar for row in rates] == [Bar(0.3), *[None] * 5]
    for row in rates:
        assert row.value > 0
        assert row.rival_value > 0
        assert row.surface == "surrogate (surrogate)"
    assert (exact.value, exact.met) == (0.0, True)  # a device beside itself
    assert any("wall-clock" in note and "one thread" in note for note in _notes(found))


def _notes(found):
    from dataclasses import replace

    return table([replace(row, section="gpu") for row in found]).notes


def side(step, bare, auto):
    return gpu_environment.Side(bare, step, auto, np.zeros(1))


def test_each_is_at_its_best_batch():
    ours = side({2: 20.0, 4: 40.0}, {2: 80.0, 4: 160.0}, 10.0)
    theirs = side({2: 50.0, 4: 25.0}, {2: 200.0, 4: 100.0}, 30.0)
    small, large, auto = gpu_environment.pairs(ours, theirs)
    assert (small.rate, small.bare, small.cpu, small.best) == (20.0, 80.0, 50.0, 2)
    assert (large.rate, large.bare, large.cpu, large.best) == (40.0, 160.0, 50.0, 2)
    assert (auto.rate, auto.bare, auto.cpu, auto.best) == (10.0, 160.0, 30.0, 2)
    assert (small.bar, large.bar, auto.bar) == (Bar(0.3), None, None)
    assert auto.name == "functional scan of 4, autoreset"


def test_what_a_device_gets_wrong_is_seen():
    row = gpu_environment.exact(np.array([1.0, 4.002]), np.array([1.0, 4.0]), "H100", "")
    assert row.value == pytest.approx(5e-4)
    assert row.met is False


def test_the_engine_on_a_device(cpu, capfd):
    suggestion, density = gpu_gp.rows(cpu, (8,), 2)
    assert capfd.readouterr().err.count("GP engine at n = 8 on cpu (1 of ") == 2
    assert suggestion.name == f"GP suggestion at n = 8 on {card(cpu)}"
    assert (suggestion.unit, suggestion.rival) == ("ms", CPU)
    assert suggestion.value > 0
    assert suggestion.rival_value > 0
    assert density.value == pytest.approx(0.0, abs=1e-9)
    assert density.met is True


def test_a_fit_that_is_worse_elsewhere_is_seen(monkeypatch):
    def times(device, sizes, calls):
        return {n: Warm(n / 1e3, 2.0 - n / 1e3, calls) for n in sizes}

    def on_processor(function, sizes, calls):
        return {n: Warm(1.0, 2.0, calls) for n in sizes}

    monkeypatch.setattr(gpu_gp, "times", times)
    monkeypatch.setattr(devices, "on_processor", on_processor)
    other = SimpleNamespace(device_kind="H100", platform="cpu")
    *rows, density = gpu_gp.rows(other, (50, 200), 20)
    assert [(row.value, row.rival_value) for row in rows] == [(50.0, 1e3), (200.0, 1e3)]
    assert density.value == pytest.approx(0.2)
    assert density.bar == Bar(WORSE, at_most=True)
    assert density.met is False


# What is shared


def test_rates_by_the_walls_clock(monkeypatch):
    ticks = count()
    monkeypatch.setattr(clock.time, "perf_counter", lambda: 2.0 * next(ticks))
    assert rates({"a": Work(lambda: None, 10, 3)}, 2, wall) == {"a": 15.0}


def test_actions_of_many_episodes_repeat(task):
    asked = functional.actions(task, 2500, 2)
    assert asked["mixture"].shape == (2, 2500, len(task.surface.domains))
    assert asked["mixture"].dtype == np.float32
    assert asked["scale"].shape == asked["steps"].shape == (2, 2500)
    for step in range(2):
        first = batch(task, 1024, step)
        np.testing.assert_array_equal(asked["steps"][step, :1024], first["steps"])
        np.testing.assert_array_equal(asked["steps"][step, 2048:], first["steps"][:452])
    assert functional.timed(lambda asked: asked, asked).units == 5000


def test_scans_of_any_batch(task):
    asked = functional.actions(task, 6, 3)
    for name, game in functional.games(task, 6).items():
        out = game(asked)[1]
        assert (out if name == "bare" else out[1]).shape[:2] == (3, 6)
