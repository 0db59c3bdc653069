"""Cells that failed count: as the uniform mixture's regret, and as never at a threshold."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.cell import Cell, task_of
from benchmarks.failed import stand_in
from benchmarks.headline import level
from benchmarks.html.content import html
from benchmarks.html.costs import breakdown
from benchmarks.html.mixtures import recommended
from benchmarks.paired import comparisons
from benchmarks.record import decode, encode, same
from benchmarks.scores import ACCOUNTINGS, any_time, cost_to, levels_at, regret_at
from benchmarks.speedup import costs_of
from benchmarks.standings import leaderboard, ranking
from benchmarks.tables import leaderboard_table, paired_table, rank_table, regret_table

EVEN = "a failed cell counts as the regret of the uniform mixture"


@pytest.fixture
def uniform(results):
    """The uniform mixture's regret on the first task, sd units."""
    task = task_of(results.suite.tasks[0])
    return task.regret(np.full(5, 0.2)) / task.sd


@pytest.fixture
def broken(results):
    """Corners fail with six of ten seeds of the first task, and have a record of the others."""
    return fail(results, "corners", range(4, 10))


def fail(results, agent, seeds):
    task = results.suite.tasks[0]
    kept = [
        r
        for r in results.records
        if (r.task, r.agent) != (task.label, agent) or r.seed not in seeds
    ]
    failures = [(Cell(task, agent, seed, "f", "c"), "Traceback\nValueError: no") for seed in seeds]
    return replace(results, records=kept, failures=failures)


def test_it_recommends_the_uniform_mixture_at_every_cost(results, uniform):
    record = stand_in(Cell(results.suite.tasks[0], "corners", 3, "f", "c"))
    assert (record.task, record.agent, record.seed, record.failed) == ("arxiv", "corners", 3, True)
    np.testing.assert_allclose(regret_at(record, [0.1, 4.0, 8.0]), uniform)
    assert any_time(record) == pytest.approx(uniform)
    assert levels_at(record, [1.0])[0] == pytest.approx(record.optimum + uniform * record.sd)


def test_it_never_gets_to_a_threshold_however_wide(results, uniform):
    for agent in ("corners", "hyperband"):
        record = stand_in(Cell(results.suite.tasks[0], agent, 3, "f", "c"))
        for accounting in ACCOUNTINGS:
            assert cost_to(record, 10 * uniform, accounting) == np.inf


def test_a_stored_record_has_not_failed(results):
    record = results.records[0]
    assert not record.failed
    assert same(decode(encode(record)), record)


def test_an_agent_that_fails_does_not_look_better(results, broken, uniform):
    assert len(broken.groups["arxiv", "corners"]) == 10
    assert len(broken.played["arxiv", "corners"]) == 4
    rows = {(row[0], row[1]): row[2:] for row in regret_table(broken).rows}
    assert rows["arxiv", "corners (6 failed)"][3] == f"{uniform:.2f}"
    assert rows["arxiv", "corners (6 failed)"][4] == "≥ 8"
    costs = costs_of(broken, "arxiv", "corners", 0.5, "search")
    assert costs
    assert np.isfinite(costs.costs).sum() == 4
    before, after = ({s.agent: s for s in leaderboard(r)}["corners"] for r in (results, broken))
    assert after.regret[-1].value > before.regret[-1].value
    assert after.any_time.value > before.any_time.value
    assert (after.tasks, after.seeds) == (2, 10)


def test_pairs_keep_the_seeds_that_failed(results, broken):
    sides = [
        {(c.agent, c.against): c.difference for c in comparisons(r)} for r in (results, broken)
    ]
    before, after = (side["corners", "hyperband"] for side in sides)
    assert after.seeds == before.seeds == 10
    assert after.value > before.value


def test_an_agent_that_fails_everywhere_on_a_task_keeps_the_task(results, uniform):
    lost = fail(results, "corners", range(10))
    assert lost.tasks == ["arxiv", "book"]
    found = ranking(lost)
    assert found
    assert found.tasks == 2
    row = next(r for r in regret_table(lost).rows if r[1] == "corners (10 failed)")
    assert row[2] == f"{uniform:.2f}"


def test_the_legend_says_how_they_count(results, broken):
    kinds = (regret_table, leaderboard_table, rank_table, paired_table)
    for table in (kind(broken) for kind in kinds):
        notes = " ".join(table.notes).lower()
        assert "failed cells: 6 of corners." in notes
        assert EVEN in notes
    assert leaderboard_table(broken).rows[0][0] != "corners"
    assert any(row[0] == "corners (6 failed)" for row in leaderboard_table(broken).rows)
    assert not any(EVEN in " ".join(kind(results).notes).lower() for kind in kinds)


def test_a_baseline_that_fails_is_no_easier_to_beat_than_the_uniform_mixture(results, uniform):
    lost = fail(results, "hyperband", range(10))
    record = lost.groups["arxiv", "hyperband"][0]
    assert level(lost, "arxiv", "hyperband") == pytest.approx(record.optimum + uniform * record.sd)


def test_what_agents_did_is_of_cells_with_a_record(broken, results):
    assert "corners (6 failed)" in html(broken)
    (bars,) = [p for p in breakdown(broken).plots if p.title == "arxiv"]
    assert bars.traces[0]["x"] == breakdown(results).plots[0].traces[0]["x"]
    assert recommended(broken, "arxiv").plots
    assert not recommended(replace(broken, records=[
        r for r in broken.records if r.task == "book"
    ]), "arxiv").plots  # fmt: skip
