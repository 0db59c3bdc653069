"""A table that does not load is refused with row and column."""

from __future__ import annotations

import pickle

import pytest

from mixenv import RunTable, TableError
from mixenv.runs.problems import require

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
def test_a_problem_is_told_with_its_row_and_column(lab, read, old, new, message):
    with pytest.raises(TableError, match=message):
        read(lab.PLAIN.replace(old, new))


def test_more_refusals(lab, read):
    steps = "weight_a,weight_b,scale,step,x_loss\n0.5,0.5,70M,{},2\n"
    assert "row 1, column 'step': expected a whole number of steps" in lab.refused(
        read, steps.format(1.5)
    )
    mixed = "weight_a,weight_b,ratio_a,ratio_b,scale,step,x_loss\n0.5,0.5,0.5,0.5,70M,1,2\n"
    assert "expected shares of one spelling, got ['weight_', 'ratio_']" in lab.refused(read, mixed)
    assert read(mixed, shares="ratio_").domains == ("a", "b")
    assert "column 'no': expected a column of that name" in lab.refused(read, lab.PLAIN, steps="no")
    assert "expected one of loss, accuracy, ignore, got 'up'" in lab.refused(
        read, lab.PLAIN, metrics={"web_loss": "up"}
    )
    assert "row 3, column 'model_size': expected one of 1M, got 1B" in lab.refused(
        read, lab.PLAIN, known_scales=["1M"]
    )
    assert "expected at least one row below the header" in lab.refused(
        read, lab.PLAIN.split("\n")[0]
    )
    assert "expected rows separated by commas" in lab.refused(read, "a,b\n1,2,3\n")
    assert "expected rows separated by commas" in lab.refused(read, "")
    assert "header: expected the names of columns, got none" in lab.refused(read, ",,\n1,2,3\n")


def test_many_problems_are_counted_and_kept(lab, read):
    rows = "".join("0.9,0.9,1e6,1000000000,3,0.5\n" for _ in range(9))
    with pytest.raises(TableError, match="and 4 more") as caught:
        read(lab.PLAIN.split("\n")[0] + "\n" + rows)
    assert [p.row for p in caught.value.problems] == list(range(1, 10))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


@pytest.mark.parametrize(("option", "value", "message"), [
    ("duplicates", "keep", "duplicates: expected 'refuse' or 'drop', got 'keep'"),
    ("scale_unit", 0, "scale_unit: expected a positive number, got 0"),
    ("tokens_per_step", -1.0, "tokens_per_step: expected a positive number, got -1.0"),
])  # fmt: skip
def test_options_are_checked(lab, read, option, value, message):
    with pytest.raises(ValueError, match=message):
        read(lab.PLAIN, **{option: value})


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        RunTable.read(tmp_path / "none.csv")


def test_a_public_file_of_another_schema():
    with pytest.raises(TableError, match="header: expected domains 2, got 3; fetch it again with"):
        require("f.csv", "admire", "domains", 2, 3)
