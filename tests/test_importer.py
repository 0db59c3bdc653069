"""Anyone's table of runs loads, or is refused with row and column."""

from __future__ import annotations

import pickle
import sys
import types

import numpy as np
import pandas as pd
import pytest

from mixenv import RunTable, TableError
from mixenv.runs.problems import require

PLAIN = """weight_web,weight_code,model_size,n_tokens,web_loss,metric_quiz
0.25,0.75,1000000,1000000000,3.5,0.25
0.25,0.75,1000000,2000000000,3.25,0.5
0.5,0.5,1e9,2000000000,2.5,
"""


@pytest.fixture
def read(tmp_path):
    def read(text, suffix=".csv", **options):
        path = tmp_path / f"runs{suffix}"
        path.write_text(text, encoding="utf-8")
        return RunTable.read(path, **options)

    return read


def refused(read, text, **options):
    with pytest.raises(TableError) as caught:
        read(text, **options)
    return str(caught.value)


def test_a_plain_table(read):
    table = read(PLAIN)
    assert table.name == "runs"
    assert table.domains == ("web", "code")
    assert [(m.name, m.sign, m.is_loss) for m in table.metrics] == [
        ("web", 1, True), ("quiz", -1, False),
    ]  # fmt: skip
    assert table.mixture.tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert table.scale.tolist() == [1e6, 1e9]
    assert table.run.tolist() == [0, 0, 1]
    assert table.steps.tolist() == [1000, 2000, 2000]
    np.testing.assert_array_equal(table.values, [[3.5, 0.25], [3.25, 0.5], [2.5, np.nan]])
    assert table.step_cost.tolist() == [6 * 1e6 * 1e6, 6 * 1e9 * 1e6]
    assert table.cost_unit == "FLOPs"
    assert table.notes == ("outcomes missing: 1 cells in 1 rows stay NaN",)
    assert "2 runs (1 at 1M, 1 at 1B), 3 rows" in str(table)
    assert "note: outcomes missing" in str(table)


@pytest.mark.parametrize("prefix", ["weight_", "ratio_", "phase_0_", "train_"])
@pytest.mark.parametrize(("size", "cell"), [
    ("model_size", "7e7"), ("params", "70000000"), ("scale", "70M"), ("model", "Pythia-70M-v2"),
])  # fmt: skip
@pytest.mark.parametrize(("length", "number"), [
    ("n_tokens", 3e9), ("tokens", 3e9), ("step", 3000), ("steps", 3000),
])  # fmt: skip
def test_every_spelling_of_shares_sizes_and_lengths(read, prefix, size, cell, length, number):
    text = f"{prefix}a,{prefix}b,{size},{length},x_loss\n0.5,0.5,{cell},{number},2\n"
    table = read(text)
    assert table.domains == ("a", "b")
    assert table.scale.tolist() == [7e7]
    assert table.steps.tolist() == [3000]


@pytest.mark.parametrize(("column", "name", "sign"), [
    ("arxiv_loss", "arxiv", 1),
    ("metric_gsm8k::tulu", "gsm8k::tulu", -1),
    ("metric/the_pile_arxiv_val_loss", "the_pile_arxiv", 1),
    ("eval/RedPajamaC4/CrossEntropyLoss", "RedPajamaC4", 1),
    ("eval/downstream/piqa_acc", "downstream/piqa_acc", -1),
    ("metric_ppl", "ppl", 1),
    ("piqa_acc", "piqa_acc", -1),
    ("val/bits_per_byte", "bits_per_byte", 1),
])  # fmt: skip
def test_every_spelling_of_outcomes(read, column, name, sign):
    text = f"weight_a,weight_b,scale,step,{column}\n0.5,0.5,70M,10,0.5\n"
    assert [(m.name, m.sign) for m in read(text).metrics] == [(name, sign)]


def test_the_kind_of_an_outcome_can_be_said(read):
    text = PLAIN.replace("metric_quiz", "odd").replace("web_loss", "metric_a")
    table = read(text, metrics={"odd": "accuracy", "metric_a": "loss"})
    assert {m.name: m.sign for m in table.metrics} == {"a": 1, "odd": -1}
    assert [m.name for m in read(PLAIN, metrics={"web_loss": "ignore"}).metrics] == ["quiz"]


def test_metrics_of_one_plain_name_keep_their_columns(read):
    text = "weight_a,weight_b,scale,step,x_loss,eval/x\n.5,.5,70M,1,2,0.5\n"
    assert [m.name for m in read(text).metrics] == ["x_loss", "eval/x"]


def test_a_training_loss_is_no_share_and_in_no_aggregate(read):
    text = "train_a,train_b,train_loss,x_loss,scale,step\n0.5,0.5,2,3,70M,1\n"
    table = read(text)
    assert table.domains == ("a", "b")
    assert [m.evaluated for m in table.metrics] == [False, True]


def test_roles_can_be_named(read):
    text = "a,b,size (M),len,bill,loss of x,who\n30,70,70,5,10,2,u\n30,70,70,10,20,1,u\n"
    table = read(
        text, shares={"a": "A", "b": "B"}, percent=True, scale="size (M)", scale_unit=1e6,
        steps="len", cost="bill", cost_unit="minutes", run="who", name="mine",
        metrics={"loss of x": "loss"},
    )  # fmt: skip
    assert (table.name, table.domains, table.cost_unit) == ("mine", ("A", "B"), "minutes")
    np.testing.assert_allclose(table.mixture, [[0.3, 0.7]])
    assert table.scale.tolist() == [7e7]
    assert table.step_cost.tolist() == [2.0]
    assert table.run.tolist() == [0, 0]
    assert read(text, shares=["a", "b"], percent=True, scale="70M", steps="len").scale == [7e7]


def test_flops_and_tokens_a_step(read):
    text = "weight_a,weight_b,scale,step,x_loss,flops\n0.5,0.5,70M,10,2,50\n0.5,0.5,70M,20,2,100\n"
    assert read(text).step_cost.tolist() == [5.0]
    bare = "weight_a,weight_b,scale,step,x_loss\n0.5,0.5,70M,10,2\n"
    assert read(bare, tokens_per_step=100.0).step_cost.tolist() == [6 * 7e7 * 100]
    unknown = read(bare)
    assert (unknown.cost_unit, unknown.step_cost.tolist()) == ("parameters x steps", [7e7])
    assert "in proportion to the parameters" in unknown.notes[0]
    both = bare.replace("step", "tokens,step").replace("70M,", "70M,1000,")
    assert read(both).step_cost.tolist() == [6 * 7e7 * 100]
    timeless = read("weight_a,weight_b,scale,x_loss\n0.5,0.5,70M,2\n")
    assert timeless.steps.tolist() == [100]
    assert "every run is taken to be 100 long" in timeless.notes[0]


def test_token_counts_that_round_to_one_step_are_said(read):
    text = "weight_a,weight_b,scale,tokens,x_loss\n0.5,0.5,70M,2e6,3\n0.5,0.5,70M,2.4e6,2\n"
    table = read(text)
    assert table.run.tolist() == [0, 1]
    assert "token counts that are the same step as another after rounding: 1;" in table.notes[0]
    assert read(text, tokens_per_step=1e5).steps.tolist() == [20, 24]


def test_sums_near_one_are_mended_and_said(read):
    table = read(PLAIN.replace("0.5,0.5,", "0.501,0.501,"))
    assert table.mixture[1].tolist() == [0.5, 0.5]
    assert table.notes[0] == "shares of 1 rows renormalised; they summed to 1 to 1.002"


def test_a_repeat_is_a_run_of_its_own(read):
    text = "weight_a,weight_b,scale,step,x_loss\n"
    rows = ["0.5,0.5,70M,20,2.0", "0.5,0.5,70M,10,3.0", "0.5,0.5,70M,10,3.1", "0.5,0.5,70M,20,2.1"]
    table = read(text + "\n".join(rows))
    assert table.run.tolist() == [0, 0, 1, 1]
    assert table.steps.tolist() == [10, 20, 10, 20]
    assert table.values.ravel().tolist() == [3.0, 2.0, 3.1, 2.1]
    assert "runs that repeat a mixture at a scale: 1" in table.notes


def test_a_duplicate_is_refused_or_left_out(read):
    text = PLAIN + "0.5,0.5,1e9,2000000000,2.5,\n"
    assert "row 4: expected each row once, got a copy" in refused(read, text)
    table = read(text, duplicates="drop")
    assert len(table.scale) == 2
    assert "duplicate rows left out: 1" in table.notes


def test_named_runs(read):
    head = "weight_a,weight_b,scale,step,x_loss,run\n"
    apart = head + "0.5,0.5,70M,10,3,u\n0.5,0.5,70M,20,2,v\n"
    assert read(apart).run.tolist() == [0, 1]
    other = head + "0.5,0.5,70M,10,3,u\n0.4,0.6,70M,20,2,u\n"
    assert "row 2, column 'run': expected one mixture and scale a run" in refused(read, other)
    again = head + "0.5,0.5,70M,10,3,u\n0.5,0.5,70M,10,2,u\n"
    assert "row 2, column 'run': expected each number of steps once" in refused(read, again)


BAD = [
    ("0.5,0.5,1e9", "0.5,0.9,1e9", "row 3: expected shares that sum to 1 within 0.5%, got 1.4; "),
    ("0.5,0.5,1e9", "50,50,1e9", "row 3: .* got 100; if they are percentages, pass percent=True"),
    ("0.5,0.5,1e9", "-0.5,1.5,1e9", "row 3, column 'weight_web': expected a share from 0 to 1"),
    ("0.5,0.5,1e9", "x,0.5,1e9", "row 3, column 'weight_web': expected a finite number, got 'x'"),
    ("0.5,0.5,1e9", ",0.5,1e9", "row 3, column 'weight_web': .* got an empty cell"),
    (",1e9", ",big", "row 3, column 'model_size': expected parameters or a label .* got 'big'"),
    (",1e9", ",", "row 3, column 'model_size': expected parameters .* got an empty cell"),
    (",1e9", ",70", "column 'model_size': expected at least 10000 parameters, .*scale_unit=1e6"),
    (",1e9", ",-3", "column 'model_size': expected a positive number of parameters"),
    (",1e9,2000000000", ",1e9,0", "row 3, column 'n_tokens': expected a positive number"),
    (",1e9,2000000000", ",1e9,300", "expected at least one step of 1e[+]06 tokens, got 300 tokens"),
    ("3.25", "-3.25", "row 2, column 'web_loss': expected a loss of at least 0, got -3.25"),
    ("3.25", "inf", "row 2, column 'web_loss': expected a finite number, got 'inf'"),
    ("3.25,0.5", "3.25,50", "row 2, column 'metric_quiz': expected an accuracy from 0 to 1, got"),
    ("weight_code", "weight_web", "header, column 'weight_web': expected each column once"),
    ("model_size", "sise", "header: expected a column of model sizes .* got none; pass scale="),
    ("weight_web", "web", "header: expected the shares of two domains or more .* name them with"),
    ("web_loss,metric_quiz", "p,q", "header: expected outcomes .* name them with metrics="),
    ("weight_web", "phase_1_x", "expected one phase, got phase_1_...; choose one with shares="),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BAD)
def test_a_problem_is_told_with_its_row_and_column(read, old, new, message):
    with pytest.raises(TableError, match=message):
        read(PLAIN.replace(old, new))


def test_more_refusals(read):
    steps = "weight_a,weight_b,scale,step,x_loss\n0.5,0.5,70M,{},2\n"
    assert "row 1, column 'step': expected a whole number of steps" in refused(
        read, steps.format(1.5)
    )
    mixed = "weight_a,weight_b,ratio_a,ratio_b,scale,step,x_loss\n0.5,0.5,0.5,0.5,70M,1,2\n"
    assert "expected shares of one spelling, got ['weight_', 'ratio_']" in refused(read, mixed)
    assert read(mixed, shares="ratio_").domains == ("a", "b")
    assert "column 'no': expected a column of that name" in refused(read, PLAIN, steps="no")
    assert "expected one of loss, accuracy, ignore, got 'up'" in refused(
        read, PLAIN, metrics={"web_loss": "up"}
    )
    assert "row 3, column 'model_size': expected one of 1M, got 1B" in refused(
        read, PLAIN, known_scales=["1M"]
    )
    assert "expected at least one row below the header" in refused(read, PLAIN.split("\n")[0])
    assert "expected rows separated by commas" in refused(read, "a,b\n1,2,3\n")
    assert "expected rows separated by commas" in refused(read, "")
    assert "header: expected the names of columns, got none" in refused(read, ",,\n1,2,3\n")


def test_many_problems_are_counted_and_kept(read):
    rows = "".join("0.9,0.9,1e6,1000000000,3,0.5\n" for _ in range(9))
    with pytest.raises(TableError, match="and 4 more") as caught:
        read(PLAIN.split("\n")[0] + "\n" + rows)
    assert [p.row for p in caught.value.problems] == list(range(1, 10))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


@pytest.mark.parametrize(("option", "value", "message"), [
    ("duplicates", "keep", "duplicates: expected 'refuse' or 'drop', got 'keep'"),
    ("scale_unit", 0, "scale_unit: expected a positive number, got 0"),
    ("tokens_per_step", -1.0, "tokens_per_step: expected a positive number, got -1.0"),
])  # fmt: skip
def test_options_are_checked(read, option, value, message):
    with pytest.raises(ValueError, match=message):
        read(PLAIN, **{option: value})


def test_tabs_and_a_byte_order_mark(read):
    assert read("\ufeff" + PLAIN.replace(",", "\t"), suffix=".tsv").domains == ("web", "code")


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        RunTable.read(tmp_path / "none.csv")


def test_parquet_without_pyarrow_names_the_extra(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"expected pyarrow.*pip install 'mixenv\[parquet"
    ):
        read("x", suffix=".parquet")


def fake_pyarrow(monkeypatch, answer):
    parquet = types.ModuleType("pyarrow.parquet")
    parquet.read_table = answer  # pyright: ignore[reportAttributeAccessIssue]
    package = types.ModuleType("pyarrow")
    package.parquet = parquet  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "pyarrow", package)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)


def test_parquet_reads_as_the_csv_does(read, monkeypatch):
    expected = read(PLAIN)
    frame = pd.DataFrame(
        {"weight_web": [0.25, 0.25, 0.5], "weight_code": [0.75, 0.75, 0.5],
         "model_size": [1e6, 1e6, 1e9], "n_tokens": [10**9, 2 * 10**9, 2 * 10**9],
         "web_loss": [3.5, 3.25, 2.5], "metric_quiz": [0.25, 0.5, None]}
    )  # fmt: skip
    answer = types.SimpleNamespace(to_pandas=lambda: frame)
    fake_pyarrow(monkeypatch, lambda file: answer)
    table = read("x", suffix=".parquet")
    np.testing.assert_array_equal(table.values, expected.values)
    np.testing.assert_array_equal(table.mixture, expected.mixture)
    assert table.steps.tolist() == expected.steps.tolist()


def test_a_file_that_is_no_parquet(read, monkeypatch):
    def fail(file):
        raise ValueError("magic bytes")

    fake_pyarrow(monkeypatch, fail)
    with pytest.raises(TableError, match="expected a parquet file, got magic bytes"):
        read("x", suffix=".pq")


def test_parquet_with_pyarrow_itself(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"weight_a": [0.5], "weight_b": [0.5], "scale": ["70M"], "x_loss": [2.0]})
    frame.to_parquet(tmp_path / "runs.parquet")
    assert RunTable.read(tmp_path / "runs.parquet").scale.tolist() == [7e7]


def test_a_public_file_of_another_schema():
    with pytest.raises(TableError, match="header: expected domains 2, got 3; fetch it again with"):
        require("f.csv", "admire", "domains", 2, 3)


def test_a_table_keeps_its_unit_and_notes_in_a_file(read, tmp_path):
    table = read(PLAIN, cost="n_tokens", cost_unit="tokens")
    table.save(tmp_path / "t.npz")
    again = RunTable.load(tmp_path / "t.npz")
    assert (again.cost_unit, again.notes) == ("tokens", table.notes)


def test_some_runs_of_a_table(read):
    table = read(PLAIN).take([1, 0])
    assert table.scale.tolist() == [1e9, 1e6]
    assert table.run.tolist() == [0, 1, 1]
    assert table.values[:, 0].tolist() == [2.5, 3.5, 3.25]
    assert len(read(PLAIN).take([]).run) == 0
