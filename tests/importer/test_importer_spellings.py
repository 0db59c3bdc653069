"""Columns of every spelling are known for what they are, or named."""

from __future__ import annotations

import numpy as np
import pytest


def test_a_plain_table(lab, read):
    table = read(lab.PLAIN)
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


def test_the_kind_of_an_outcome_can_be_said(lab, read):
    text = lab.PLAIN.replace("metric_quiz", "odd").replace("web_loss", "metric_a")
    table = read(text, metrics={"odd": "accuracy", "metric_a": "loss"})
    assert {m.name: m.sign for m in table.metrics} == {"a": 1, "odd": -1}
    assert [m.name for m in read(lab.PLAIN, metrics={"web_loss": "ignore"}).metrics] == ["quiz"]


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


def test_tabs_and_a_byte_order_mark(lab, read):
    assert read("\ufeff" + lab.PLAIN.replace(",", "\t"), suffix=".tsv").domains == ("web", "code")
