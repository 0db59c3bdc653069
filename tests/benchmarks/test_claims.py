"""Claims: bounds, verdicts over seeds, what is kept, the page and the command."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.claims import code, memory
from benchmarks.claims.beside import tables
from benchmarks.claims.claim import Bound, Claim, Measured, Row
from benchmarks.claims.effort import FULL, QUICK
from benchmarks.claims.figures import KINDS, draw
from benchmarks.claims.order import worked
from benchmarks.claims.registry import CLAIMS, check
from benchmarks.claims.verdict import Found, Line, curves, summary, table
from benchmarks.command import main

TOY, SHORT = Claim("C1", "a toy", "toy:toy"), Claim("C5", "few runs", "toy:toy")


def rows(*values, bound=None, long=False):
    return [Row("gap", v, bound, long) for v in values]


def ended(*arguments):
    with pytest.raises(SystemExit) as exit:
        main(["claims", *arguments])
    return exit.value.code


# Bounds and rows


@pytest.mark.parametrize(
    ("bound", "inside", "outside", "words"),
    [
        (Bound(high=0.03), (0.03, -9.0), (0.031, math.nan), "<= 0.03"),
        (Bound(low=3.0), (3.0, 50.0), (2.9,), ">= 3"),
        (Bound(0.85, 1.15), (0.85, 1.15), (0.8, 1.2, math.nan), "0.85 to 1.15"),
        (Bound(low=0, strict=True), (1e-9,), (0.0, -1.0), "> 0"),
        (Bound(high=0, strict=True), (-1e-9,), (0.0, 1.0), "< 0"),
    ],
)
def test_bounds(bound, inside, outside, words):
    assert all(bound.holds(v) for v in inside)
    assert not any(bound.holds(v) for v in outside)
    assert str(bound) == words


def test_a_bound_that_nothing_meets():
    with pytest.raises(ValueError, match=r"bound: expected low < high, got 2 and 1; swap them"):
        Bound(2, 1)


def test_a_quick_look_does_not_judge_what_needs_training():
    row = Row("gap", 0.5, Bound(high=0.1), long=True)
    assert (row.met(quick=True), row.met(quick=False)) == (None, False)
    assert Row("gap", 0.5).met(quick=False) is None


# Verdicts


def test_a_bound_is_met_where_every_seed_meets_it():
    bound = Bound(high=1.0)
    assert Line.of(rows(0.5, 0.9, bound=bound), quick=False).met == "yes"
    assert Line.of(rows(0.5, 1.1, bound=bound), quick=False).met == "NO"
    assert Line.of(rows(0.5, 1.1, bound=bound, long=True), quick=True).met == "not tested"
    assert Line.of(rows(0.5), quick=False).met == "-"


@pytest.mark.parametrize(
    ("shown", "quick", "verdict"),
    [
        ([Row("a", 0.0, Bound(high=1)), Row("b", 2.0)], False, "yes"),
        ([Row("a", 0.0, Bound(high=1)), Row("b", 2.0, Bound(high=1))], False, "NO"),
        ([Row("a", 0.0, Bound(high=1)), Row("b", 2.0, Bound(high=1), True)], True, "not tested"),
        ([Row("a", 2.0, Bound(high=1)), Row("b", 2.0, Bound(high=1), True)], True, "NO"),
        ([Row("b", 2.0)], False, "measured"),
    ],
)
def test_a_claim_is_met_where_all_its_bounds_are(shown, quick, verdict):
    found = Found.of(TOY, [Measured(tuple(shown))], quick)
    assert found.met == verdict
    assert found.record()["met"] == verdict


def test_a_quick_look_plays_too_little_to_miss_some_bounds():
    missed = [Measured(tuple(rows(2.0, bound=Bound(high=1))))]
    verdicts = [Found.of(c, missed, quick).met for c in (TOY, SHORT) for quick in (True, False)]
    assert verdicts == ["NO", "NO", "not settled", "NO"]
    met = Found.of(SHORT, [Measured(tuple(rows(0.5, bound=Bound(high=1))))], quick=True)
    assert met.met == "yes"


def test_the_table_shows_mean_range_and_bound():
    bound = Bound(high=0.03)
    found = Found.of(TOY, [Measured(tuple(rows(v, bound=bound))) for v in (0.01, 0.04)], False)
    (row,) = table([found], 2, False).rows
    assert row == ("C1", "gap", "0.025", "0.01 to 0.04", "<= 0.03", "NO")
    assert summary([found]).rows == [("C1", "a toy", "NO")]
    notes = " ".join(table([found], 2, True).notes)
    assert "not tested" in notes
    assert f"steps of training on the process {QUICK.steps} for {FULL.steps}" in notes
    assert "dimensions 1 for 1/4/8/16" in notes


def test_every_claim_of_the_list_has_a_measure():
    assert list(CLAIMS) == ["U1", "U2", "U3", *(f"C{i}" for i in range(1, 11))]
    assert [c.id for c in check(("C7", "U2"))] == ["U2", "C7"]
    assert len(check(())) == 13
    for claim in CLAIMS.values():
        module, _, name = claim.where.partition(":")
        found = __import__(f"benchmarks.claims.{module}", fromlist=[name])
        assert getattr(found, name).__doc__.startswith(f"{claim.id}: ")


def test_quick_is_smaller_in_everything():
    for name, full in vars(FULL).items():
        if name not in ("quick", "dimensions"):
            assert getattr(QUICK, name) < full, name


def test_the_order_of_two_outcomes_under_a_mask_that_forgets_orders():
    """N(0, 1) then N(mean so far, 1): 0 before 1 costs 1/2, 1 before 0 costs 1/2 + 1/2."""
    assert worked((0.0, 1.0)) - worked((1.0, 0.0)) == pytest.approx(0.5)
    assert worked((0.0, 1.0)) == pytest.approx(-0.5 - np.log(2 * np.pi))
    assert worked((2.0, 2.0)) == pytest.approx(worked((2.0, 2.0)))


# What is kept


def test_words_do_not_matter_to_a_digest_and_code_does():
    plain = "def f(x):\n    return x + 1\n"
    told = '"""A module."""\n\n\ndef f(x):  # adds\n    """Add one."""\n    return (x + 1)\n'
    assert code.meaning(plain) == code.meaning(told)
    assert code.meaning(plain) != code.meaning(plain.replace("1", "2"))
    assert code.digest(("benchmarks.claims.code",)) != code.digest(("benchmarks.claims.claim",))


def test_a_digest_of_nothing():
    with pytest.raises(ModuleNotFoundError, match=r"code: expected a module with a source file"):
        code.digest(("nothing_of_this_name",))


def test_what_was_measured_is_kept(tmp_path):
    whole = Measured((Row("a", 0.5, Bound(0, 1), True), Row("b", 1.0)), "words", {"c": [1.0]})
    memory.write(whole, tmp_path / "deep" / "C1.json")
    assert memory.read(tmp_path / "deep" / "C1.json") == whole
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["C1.json"]


def test_a_claim_is_measured_once(tmp_path, monkeypatch):
    calls = []
    claim = SimpleNamespace(
        id="C1", where="order:spread",
        measure=lambda shop: calls.append(shop.seed) or Measured((Row("a", 1.0),)),
    )  # fmt: skip
    monkeypatch.setattr(memory.probe, "training", lambda: ("1",))
    monkeypatch.setattr(memory.probe, "generation", lambda: ("2",))
    for seed in (0, 0, 1):
        shop = SimpleNamespace(seed=seed, effort=QUICK)
        assert memory.recall(claim, shop, tmp_path).rows == (Row("a", 1.0),)
    assert calls == [0, 1]
    monkeypatch.setattr(memory.probe, "generation", lambda: ("3",))  # another sequence package
    memory.recall(claim, SimpleNamespace(seed=0, effort=QUICK), tmp_path)
    assert calls == [0, 1, 0]


@pytest.mark.slow
def test_the_probe_tells_masks_apart():
    """By what it trains and by what it imagines; one layer would hide the masks."""
    assert len(set(memory.probe.training())) == 3
    assert len(set(memory.probe.generation())) == 3


# Beside


def test_tables_pair_what_seeds_played():
    def side(*values):
        return {"cumulative": list(values), "simple": [0.5] * len(values)}

    world = {"1sd": {"multi": side(1.0, 2.0, 3.0), "single": side(3.0, 5.0, 4.0)}}
    more = {"1sd": {**world["1sd"], "mfms-plus": side(9.0)}}
    (mixtures,) = tables({"mixtures": [world, more]})
    assert mixtures.rows[0] == ("multi", "2.0 / 0.50")
    assert mixtures.rows[2] == ("mfms-plus", "9.0 / 0.50")
    assert mixtures.rows[-1] == ("multi less single", "-2.0 (too few seeds)")
    spaces = {"4": {"causal": {"near": [0.1, 0.2], "far": [0.3, 0.3], "regret": [5.0, 6.0]},
                    "custom": {"near": [0.2, 0.4], "far": [0.3, 0.3], "regret": [5.0, 6.0]},
                    "exact": {"regret": [4.0, 5.0]}}}  # fmt: skip
    (masks,) = tables({"spaces": [spaces, spaces]})
    assert masks.rows[0] == ("4", "causal", "0.150", "0.300", "5.500")
    assert masks.rows[1][2].startswith("0.300 (+0.150 [+0.0")
    assert masks.rows[2] == ("4", "exact", "-", "-", "4.500 (-1.000 [-1.000, -1.000])")
    assert tables({}) == []


def test_every_kind_of_figure_is_drawn(tmp_path):
    line = {"multi": [1.0, 2.0], "exact multi": [1.0, 1.5], "single": [2.0, 3.0]}
    from benchmarks.claims.spaces import POSITIONS

    each = {
        "horizon": line, "bandit": line, "learning": {"tie": line, "apart": line},
        "spread": {"exact": [0.1, 0.2], "draws": [0.1, 0.3]},
        "masks": {"d1": {"causal": [0.1] * len(POSITIONS)}},
    }  # fmt: skip
    assert set(each) == set(KINDS)
    paths = draw({k: [v, v] for k, v in each.items()}, tmp_path / "claims")
    assert [p.stem for p in paths] == list(KINDS)
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in paths)


def test_curves_come_by_name():
    found = curves([Measured((), curves={"a": 1}), Measured((), curves={"a": 2, "b": 3})])
    assert found == {"a": [1, 2], "b": [3]}


# The command


@pytest.fixture
def toys(monkeypatch):
    """Two claims that take no time: one is met, one is missed on the second seed."""

    def measure(claim, shop, folder):
        value = 0.5 + shop.seed if claim.id == "C2" else 0.0
        line = {"multi": [1.0, 2.0]}
        return Measured((Row("gap", value, Bound(high=1)),), f"seed {shop.seed}", {"bandit": line})

    found = {k: Claim(k, f"toy {k}", "toy:toy") for k in ("C1", "C2")}
    monkeypatch.setattr("benchmarks.claims.registry.CLAIMS", found)
    monkeypatch.setattr("benchmarks.claims.memory.recall", measure)


def test_the_table_is_printed_and_written(toys, tmp_path, capsys):
    assert ended("--seeds", "2", "--results", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "Claims, 2 seeds" in printed
    page = (tmp_path / "claims.md").read_text(encoding="utf-8")
    assert "| C2 | toy C2 | NO |" in page
    assert "![bandit](claims/bandit.png)" in page
    assert "- C1: seed 0" in page
    assert str(tmp_path) not in page
    assert (tmp_path / "claims" / "bandit.png").exists()
    record = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))
    assert [c["met"] for c in record["claims"]] == ["yes", "NO"]
    assert record["claims"][1]["lines"][0]["values"] == [0.5, 1.5]
    assert record["manifest"]["versions"]["jax"]


def test_a_missed_bound_is_an_error_only_where_asked(toys, tmp_path, capsys):
    arguments = ("--quick", "--seeds", "2", "--results", str(tmp_path))
    assert ended(*arguments) == 0
    assert ended(*arguments, "--check") == 1
    assert ended(*arguments, "--check", "--only", "C1") == 0
    assert (tmp_path / "claims-quick.md").exists()
    assert "not tested" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "C11"], "--only: expected one of U1, U2, U3, C1,"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--nope"], "No such option"),
    ],
)
def test_mistakes(capsys, arguments, says):
    assert ended(*arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("mixenv: ")
    assert says in line


def test_help(capsys):
    assert ended("--help") == 0
    assert "U1-U3, C1-C10" in " ".join(capsys.readouterr().out.split())
