"""`mixenv speed --gp`: its data, its rows with and without rivals, a fresh process."""

from __future__ import annotations

import json
from contextlib import contextmanager

import numpy as np
import pytest

from benchmarks.command import main
from benchmarks.speed import gp, gp_engines
from benchmarks.speed.gp import Table, Warm, cold, colds, densities, growth, speeds, warm
from benchmarks.speed.gp_data import NOISE, draw, grid, held_out, log_density
from benchmarks.speed.gp_engines import absent, make
from benchmarks.speed.measurement import FIRST_CALL, Bar


def table():
    """As if measured: ours takes n ms, Optuna 10 n, BoTorch 50 n; densities differ."""
    found = {("ours", n): Warm(n / 1e3, 2.0, 20) for n in gp.SIZES}
    for name, factor, density in (("optuna", 10, 2.04), ("botorch", 50, 2.1)):
        for n, calls in gp.RIVALS[name].items():
            found[name, n] = Warm(factor * n / 1e3, density, calls)
    return Table(found)


class Guess:
    """An engine that knows how the data are spread, and counts."""

    def __init__(self):
        self.rows, self.calls = [], []

    def add(self, data, row):
        self.rows.append(row)

    def suggest(self):
        self.calls.append(len(self.rows))

    def predict(self, data):
        return np.zeros(len(data.losses)), np.ones(len(data.losses))


def test_data_are_a_surfaces_with_noise():
    data = draw(3000, seed=1)
    assert data.features.shape == (3000, 7)
    assert (data.features.min(axis=0) >= 0).all()
    assert (data.features.max(axis=0) <= 1).all()
    np.testing.assert_allclose(data.shares.sum(axis=1), 1)
    assert {tuple(row) for row in data.features[:, 5:].round(9)} == set(map(tuple, grid().round(9)))
    assert 0.9 < data.losses.std() < 1.1
    again = draw(3000, seed=1)
    np.testing.assert_array_equal(data.losses, again.losses)
    assert len(held_out().losses) == 400
    assert NOISE == 0.02


def test_log_density_is_the_gaussians():
    assert log_density(np.zeros(2), np.full(2, 2.0), np.array([0.0, 2.0])) == pytest.approx(
        -0.5 * np.log(2 * np.pi) - np.log(2) - 0.25
    )


def test_the_calls_that_end_at_n_are_timed(monkeypatch):
    guess = Guess()
    monkeypatch.setattr(gp, "make", lambda name: guess)
    found = warm("ours", 50, 20)
    assert guess.calls == list(range(29, 51))  # the first two are not timed
    assert found.calls == 20
    assert found.seconds >= 0
    assert found.density == pytest.approx(log_density(0.0, 1.0, held_out().losses))  # type: ignore


def test_speeds_are_ratios_to_each_rival(monkeypatch):
    rows = speeds(table())
    assert [row.bar for row in rows] == [Bar(x) for x in (20.0, 5.0, 5.0, 3.0, 40.0, 30.0, 25.0)]
    assert [row.ratio for row in rows] == pytest.approx([10.0] * 4 + [50.0] * 3)
    assert [row.met for row in rows] == [False, True, True, True, True, True, True]
    assert "5 calls" in rows[3].rival
    assert "3 calls" in rows[-1].rival
    assert {row.surface for row in rows} == {"synthetic:easy:5:0 (synthetic)"}


def test_growth_and_densities_are_held_against_bars():
    assert growth(table()).ratio == pytest.approx(5.0)
    assert growth(table()).met is True
    rows = [row for row in densities(table()) if row.bar is not None]
    assert [row.met for row in rows] == [True, True, True, True, False, False, False]
    assert rows[0].value == pytest.approx(0.04)


def test_without_rivals_ours_alone_and_what_to_install(monkeypatch):
    monkeypatch.setattr(gp, "absent", lambda name: ["torch"])
    monkeypatch.setattr(gp, "warm", lambda name, n, calls: Warm(n / 1e3, 2.0, calls))
    monkeypatch.setattr(gp, "cold", lambda name, cache=None: (0.8 if cache else 2.5, 4.0))
    rows = gp.measure({})
    assert rows[0].name == "suggestions at n = 50, mean of 20 calls: 20 1/s"
    assert rows[0].note == 'not installed: torch; pip install "mixenv[peers]"'
    unmeasured = [row for row in rows if row.value is None]
    assert len(unmeasured) == 10
    assert all(row.met is None and row.rival for row in unmeasured)
    assert unmeasured[-2].name == "first suggestion of a process, filled cache: 0.8 s"
    assert {row.met for row in rows if row.bar and row.value is not None} == {True}


def test_cold_starts_beside_optunas(monkeypatch):
    asked = []

    def take(name, cache=None):
        asked.append((name, cache is not None))
        late = 0.0 if len(asked) in (5, 9, 13) else 0.3  # one turn of each is not disturbed
        call, whole = (1.0, 3.0) if name == "optuna" else (0.8, 1.5) if cache else (2.4, 3.2)
        return call + late, whole + late

    monkeypatch.setattr(gp, "absent", lambda name: [])
    monkeypatch.setattr(gp, "cold", take)
    rows = colds()
    turns = [("ours", False), ("ours", True), ("optuna", False)] * gp.TURNS
    assert asked == [("ours", True), *turns]
    assert [row.met for row in rows] == [True, True, None, True, True]
    assert [row.ratio for row in rows] == pytest.approx([2.4, 2.4, 3.2 / 3, 0.8, 0.5])


def test_a_cold_start_over_three_seconds_misses_them_and_maybe_not_the_bar_by_optunas(monkeypatch):
    monkeypatch.setattr(gp, "absent", lambda name: [])
    for seconds, met in ((5.9, True), (6.1, False)):
        told = {"ours": (seconds, 9.0), "optuna": (2 * FIRST_CALL, 9.0)}
        monkeypatch.setattr(gp, "cold", lambda name, cache=None, told=told: told[name])
        assert [row.met for row in colds()[:2]] == [False, met]


def test_a_fresh_process_that_fails():
    with pytest.raises(OSError, match=r"a fresh process failed: .*KeyError: 'nobody'"):
        cold("nobody")


def test_our_engine_foretells_what_is_held_out():
    data, engine = draw(60, seed=3), make("ours")
    for row in range(60):
        engine.add(data, row)
    assert engine.suggest().shape == (7,)
    others = held_out()
    known = log_density(*engine.predict(others), others.losses)
    assert known > log_density(
        np.full(400, data.losses.mean()), np.full(400, data.losses.std()), others.losses
    )


@pytest.mark.parametrize("name", ["optuna", "botorch"])
def test_rivals_take_the_same_data(name):
    if absent(name):
        pytest.skip(f"needs {name}")
    data, engine = draw(15, seed=3), make(name)
    for row in range(15):
        engine.add(data, row)
    engine.suggest()
    mean, sd = engine.predict(held_out())
    assert mean.shape == sd.shape == (400,)
    assert np.corrcoef(mean, held_out().losses)[0, 1] > 0.5
    assert (sd > 0).all()


def test_absent_names_what_is_missing(monkeypatch):
    monkeypatch.setattr(gp_engines, "find_spec", lambda library: None)
    assert absent("ours") == []
    assert absent("botorch") == ["botorch", "torch"]


def test_the_flag_is_a_section(monkeypatch, inline, tmp_path):
    @contextmanager
    def here(jobs, variables=None):
        yield inline

    monkeypatch.setattr("benchmarks.workers.processes", here)
    monkeypatch.setattr(gp, "measure", lambda sources: [growth(table())])
    with pytest.raises(SystemExit) as end:
        main(["speed", "--gp", "--check", "--results", str(tmp_path)])
    assert end.value.code == 0
    record = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert record["manifest"]["command"] == "mixenv speed --only gp --check"
    assert {row["section"] for row in record["measurements"]} == {"gp"}
