"""Tables of standings, pairs and calibration: what they show, say, and leave out."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.lag import lags
from benchmarks.report import markdown, summary
from benchmarks.results import ABOUT
from benchmarks.tables import (
    ablation_table,
    any_time_table,
    arrival_table,
    by_task_table,
    calibration_table,
    improvement_table,
    lag_table,
    leaderboard_table,
    paired_table,
    profile_table,
    rank_table,
    speedup_table,
)

TABLES = (
    any_time_table, arrival_table, by_task_table, calibration_table, improvement_table,
    lag_table, leaderboard_table, paired_table, profile_table, rank_table,
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_table_states_provenance_and_stands_empty_results(results, table):
    assert ABOUT["synthetic"] in "".join(table(results).notes)
    empty = table(replace(results, records=[]))
    assert not empty.rows
    assert "no records" in "".join(empty.notes)


def test_the_leaderboard(results):
    table = leaderboard_table(results)
    assert table.columns[:2] == ["agent", "at 1"]
    assert [row[0] for row in table.rows] == ["corners", "hyperband", "random"]
    assert table.rows[0][4] == "0.05 [0.05, 0.05]"
    assert leaderboard_table(results, intervals=False).rows[2][4] == "3.00"


def test_what_is_left_out_is_said(without):
    fewer = leaderboard_table(without(("book", "random")))
    assert any(
        "Only the tasks that all of these agents have played: 1 of 2" in n for n in fewer.notes
    )
    lone = leaderboard_table(without(("book", "random"), ("arxiv", "random")))
    assert any("Left out, having played too few of the tasks: random" in n for n in lone.notes)


def test_ranks_name_their_groups(results, without):
    table = rank_table(results)
    assert table.rows[0] == ["corners", "1.50", "a"]
    assert "Friedman p" in table.notes[1]
    two = rank_table(without(("book", "random"), ("arxiv", "random")))
    assert "no test: needs at least 3 agents, got 2" in two.notes[1]
    assert [row[2] for row in two.rows] == ["", ""]


def test_pairs_have_a_verdict(noisy):
    rows = {tuple(row[:2]): row for row in paired_table(noisy).rows}
    assert all(row[2] == "no difference shown" for pair, row in rows.items() if "b" not in pair)
    beaten = [row for pair, row in rows.items() if "b" in pair]
    assert [row[1] for row in beaten] == ["b", "b"]  # who stands higher comes first
    assert {row[2] for row in beaten} == {"a is better than b", "c is better than b"}
    assert beaten[0][3].startswith("-0.5")


def test_the_leader_is_held_against_every_agent_on_each_task(results, noisy):
    table = by_task_table(results)
    assert [row[:2] for row in table.rows] == [
        ["arxiv", "hyperband"], ["arxiv", "random"], ["book", "hyperband"], ["book", "random"],
    ]  # fmt: skip
    assert table.rows[0][2:] == [
        "-1.00 [-1.00, -1.00]*", "-2.95 [-2.95, -2.95]*", "-2.95 [-2.95, -2.95]*",
        "0.00 [0.00, 0.00]",
    ]  # fmt: skip
    assert "Regret of corners minus the other's" in table.notes[1]
    stars = {tuple(row[:2]): row[-1].endswith("*") for row in by_task_table(noisy).rows}
    assert stars == {(t, a): a == "b" for t in ("arxiv", "book") for a in ("b", "c")}


def test_where_the_leader_is_behind_between_the_costs_of_the_tables(results, record):
    slow = [3.0, 4.0] + [0.05] * 7  # of the leader, once one target run was spent
    late = [record([1.0] * 8, slow, task="book", seed=seed) for seed in range(10)]
    others = [r for r in results.records if (r.task, r.agent) != ("book", "corners")]
    table = lag_table(replace(results, records=[*others, *late]))
    nowhere = ["0.00 [0.00, 0.00]", "0.08", "0.0%"]
    there = ["1.00 [1.00, 1.00]", "1", f"{np.log(2) / np.log(100):.1%}"]
    assert table.rows == [
        ["arxiv", "hyperband", *nowhere], ["arxiv", "random", *nowhere],
        ["book", "hyperband", *there], ["book", "random", *there],
    ]  # fmt: skip
    assert "Regret of corners minus the other's" in table.notes[1]
    assert "from 0.08 target runs" in table.notes[1]


def test_only_seeds_that_both_have_played_are_compared_at_every_cost(results):
    fewer = [r for r in results.records if r.agent != "hyperband" or r.seed in (3, 5)]
    (lag, _) = lags(replace(results, records=fewer), "corners", "hyperband")
    assert lag.most.seeds == 2
    apart = [r for r in results.records if (r.agent == "hyperband") == (r.seed < 5)]
    assert lags(replace(results, records=apart), "corners", "hyperband") == []


def test_of_many_agents_only_the_pairs_with_the_leader_are_shown(noisy, monkeypatch):
    monkeypatch.setattr("benchmarks.tables.paired.MOST", 2)
    table = paired_table(noisy)
    assert len({row[0] for row in table.rows}) == 1
    assert len(table.rows) == 2
    assert "Holm for 3 pairs" in "".join(table.notes)


def test_an_agent_without_one_of_its_ideas_is_held_against_the_whole(noisy, results):
    names = {"a": "x", "b": "x[one]", "c": "x[none]"}
    records = [replace(r, agent=names[r.agent], budget=16.0) for r in noisy.records]
    suite = replace(noisy.suite, agents=("x[none]", "x", "x[one]", "y[one]"))
    table = ablation_table(replace(noisy, suite=suite, records=records))
    assert [row[0] for row in table.rows] == ["x[one]", "x[none]"]  # y itself has not played
    assert table.rows[0][3].startswith("0.5")
    assert table.rows[1][3].startswith(("0.0", "-0.0"))
    assert 0 < float(table.rows[0][1].split()[0]) < 0.5  # alike up to half of the cost
    assert float(table.rows[0][5].split()[0]) >= 1.0  # never sooner at a threshold
    assert table.rows[0][4] < "0.05" < table.rows[1][4]
    assert "Holm for 2 ideas" in "".join(table.notes)
    assert table.title in markdown(replace(noisy, suite=suite, records=records), [])
    assert not ablation_table(results).rows


def test_few_seeds_take_the_place_of_intervals(results):
    few = replace(results, records=[r for r in results.records if r.seed < 9])
    for table in (
        leaderboard_table,
        any_time_table,
        profile_table,
        improvement_table,
        arrival_table,
    ):
        assert any("(too few seeds)" in cell for row in table(few).rows for cell in row)
        assert "Too few seeds (under 10)" in "".join(table(few).notes)
    assert {row[2] for row in paired_table(few).rows} == {"too few seeds"}
    assert speedup_table(few, few.tasks, "all").rows[0][3] == "3 (too few seeds)"


def test_arrivals(results):
    rows = {tuple(row[:2]): row[2:] for row in arrival_table(results).rows}
    assert rows["arxiv", "hyperband"] == ["0.00", "0.00", "0.00", "1.00 [0.72, 1.00]"]


def test_calibration(predicting):
    table = calibration_table(predicting)
    rows = {tuple(row[:3]): row[3:] for row in table.rows}
    assert rows["corners", "uniform mixtures", "2"][0] == "0.00 [0.00, 0.31]"
    assert rows["corners", "own recommendation", "8"][5] == "0%"
    assert "predicts" in "".join(
        calibration_table(replace(predicting, records=predicting.records[10:])).notes
    )


def test_the_report_shows_them(results, predicting):
    text = markdown(results, [])
    titles = ["Leaderboard", "Ranks", "Pairs on the same seeds: cost", "Any-time regret"]
    titles += ["Performance profiles", "Probability of improvement", "Arrived at 0.5 sd"]
    for title in titles:
        assert f"### {title}" in text
    assert "### Calibration" not in text
    assert "### Calibration" in markdown(predicting, [])
    titles = [table.title for table in summary(results)]
    assert len(titles) == 3
    assert np.char.startswith(titles, "Leaderboard").sum() == 1
