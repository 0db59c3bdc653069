"""`mixenv page`: which ids it lists, what is measured, user's mistakes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from benchmarks import page as page_module
from benchmarks.command import main
from benchmarks.difficulty import last_step, regrets, shared, transfer
from benchmarks.page import entry, environments_page, parse_sources
from benchmarks.section import Difficulty, Entry, section
from mixenv import FAMILIES
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.surfaces import rows as rows_module
from mixenv.surfaces.rows import RowsSurface

IDS = [family.id for family in FAMILIES]
PAGE = Path(__file__).parents[2] / "docs" / "environments.md"


def listed(text):
    """Ids that have a section, and those in the overview."""
    return re.findall(r"^## `(.+)`$", text, re.M), re.findall(r"^\| `(.+?)` \|", text, re.M)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No table was fetched."""
    rows_module.rows_surface.cache_clear()
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path / "cache"))
    yield
    rows_module.rows_surface.cache_clear()


# The page


def test_the_page_lists_exactly_the_registered_ids():
    sections, rows = listed(PAGE.read_text(encoding="utf-8"))
    assert sections == rows == IDS, "run `mixenv page`"


def test_the_page_names_no_place_on_any_machine():
    text = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"/(home|work|root|tmp|Users)/", text)


def test_the_page_says_what_each_environment_is(bare):
    text = environments_page({}, measure=False)
    assert listed(text) == (IDS, IDS)
    first, *_ = re.split(r"^## ", text, flags=re.M)[1:]
    assert first.startswith("`DataMixture-v0`\n\nMean validation loss over a capped region")
    for line in (
        "| numbers | surrogate |",
        "| licence | Apache-2.0, as mixenv |",
        "| objective | mean_loss at 1B, 19,500 steps |",
        "| action | mixture: `Simplex(5, max_share=0.5)`, scale: `Discrete(7)`, steps: ",
        "| reward | outcome: minus the noisy objective, minus 1 x cost |",
        "| budget | 8 target runs, 128 experiments |",
        "| cost | steps x a scale's cost of a step; 1 = 1.61e+20 FLOPs; cheapest ",
        "| noise | seed |",
    ):
        assert line in first


def test_absent_tables_are_listed_as_such(bare):
    for family in FAMILIES:
        if not family.ships:
            found = entry(family, {}, measure=True)
            assert found.env is found.difficulty is None
            text = section(found)
            assert f"| run table | fetched by `mixenv data fetch {found.table}` |" in text
            assert "| measured | no: no run table |" in text


def test_a_bandit_tells_how_far_apart_its_arms_are():
    [bandit] = [f for f in FAMILIES if f.id == "DataMixtureBandit-v0"]
    found = entry(bandit, {})
    worse = np.sort(found.env.arm_regrets) / found.task.sd
    assert f"| arms | 16: the second best is {worse[1]:.2f} sd worse" in section(found)
    assert found.difficulty.regrets == {}


@pytest.mark.reference
def test_a_local_table_is_measured(reference):
    [pile] = [f for f in FAMILIES if f.id == "DataMixturePile-v0"]
    found = entry(pile, {"regmix": str(reference / "runs" / "regmix")})
    text = section(found)
    assert "| licence | MIT |" in text
    assert list(found.difficulty.transfer) == [1e6, 6e7, 1e9]
    assert 0.3 < found.difficulty.transfer[1e6] < 1
    assert re.search(r"\| corners \| \d\.\d\d \| \d\.\d\d \| \d\.\d\d \|", text)


# Difficulty


def test_transfer_is_the_rank_correlation_with_the_target(toy):
    task = make_task(toy, metric="book", max_share=0.5)
    found = transfer(task)
    assert list(found) == list(task.scales)
    mixtures = task.region.reference()[:2000]
    n = len(mixtures)
    at = [toy.metrics(mixtures, np.full(n, s), np.full(n, 19_500))[:, 7] for s in (2e7, 1e9)]
    assert found[2e7] == pytest.approx(spearmanr(*at).statistic)
    assert found[1e9] == pytest.approx(1)


def test_transfer_of_recorded_runs_is_through_the_nearest(recorded):
    task = make_task(RowsSurface(recorded), metric="quiz", target=("1B", 200))
    assert [last_step(task, s) for s in task.scales] == [300, 400]
    found = transfer(task)
    # Runs 2, 3, 4 and 6 reach 200 steps. At 400, run 2 is nearest to 4, and run 3 has the shares
    # of 6; at 1M only run 0 reaches 300.
    expected = spearmanr([-0.22, -0.23, -0.24, -0.23], [-0.22, -0.23, -0.22, -0.23]).statistic
    assert found == pytest.approx({1e6: float("nan"), 1e9: expected}, nan_ok=True)
    assert [shared(task, s) for s in task.scales] == ["1 of 4", "4 of 4"]
    assert "| 1M | 300 | 0.003 | 1 of 4 | - |" in section(
        Entry(FAMILIES[0], "", "", DataMixtureEnv(task=task), Difficulty(found, {}))
    )


def test_what_does_not_vary_has_no_transfer(recorded):
    table = replace(recorded, values=np.ones_like(recorded.values))
    assert np.isnan(transfer(make_task(RowsSurface(table), metric="web"))[1e9])


def test_regret_of_random_search_by_hand(toy):
    """Without noise its recommendation is the best of its draws, so regret falls."""
    task = make_task(toy, metric="book", max_share=0.5, noise=0.0)
    found = regrets(task, "random", (0.5, 1.0, 8.0), seeds=1)
    draws = task.region.sample(np.random.default_rng(0), 4096)
    values = sorted(task.regret(w) / task.sd for w in draws[:256])
    assert found[0] == pytest.approx(task.regret(np.full(5, 0.2)) / task.sd)
    assert found[1] >= found[2] >= values[0] - 1
    assert regrets(task, "random", (0.5, 1.0, 8.0), seeds=1).tolist() == found.tolist()


# The command


def run(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(["page", *arguments])
    return caught.value.code


def test_the_command_writes_the_page(bare, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(page_module, "FAMILIES", FAMILIES[:1])
    output = tmp_path / "docs" / "page.md"
    assert run("--output", str(output)) == 0
    text = output.read_text(encoding="utf-8")
    assert listed(text) == (IDS[:1], IDS[:1])
    assert re.search(r"\| 1B \| 19,500 \| 1 \| all \| 1.00 \|", text)
    assert len(re.findall(r"\| (random|hyperband|corners) \| \d", text)) == 3
    assert capsys.readouterr().out.strip() == str(output)


@pytest.mark.parametrize("given", ["regmix", "pile=x"])
def test_a_source_that_does_not_fit_is_one_line(given, capsys):
    assert run("--source", given) == 2
    error = capsys.readouterr().err
    assert re.match(r"mixenv: --source: expected NAME=PATH, NAME one of .*regmix.*, got ", error)
    assert error.count("\n") == 1


def test_sources_are_paths_by_table():
    assert parse_sources(("regmix=a=b", "admire=c")) == {"regmix": "a=b", "admire": "c"}


def test_a_family_without_a_table_needs_no_source():
    assert entry(FAMILIES[0], {"regmix": "nowhere"}, measure=False).table == ""
