"""Whatever is in a file of runs: a table, or a TableError; never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixenv import RunTable, TableError

COLUMNS = [
    "weight_a", "weight_b", "weight_", "ratio_a", "ratio_b", "phase_0_a", "phase_0_b", "phase_1_a",
    "train_a", "train_b", "train_loss", "train_time", "model_size", "params", "scale", "model",
    "n_tokens", "tokens", "step", "steps", "flops", "run", "a_loss", "b_loss", "metric_x",
    "metric_", "metric/a_val_loss", "eval/x", "eval/", "x_acc", "_loss", "loss", "", "index",
    "Weight_a", "Step",
]  # fmt: skip
SOUND = {
    "weight_a": "0.5", "weight_b": "0.5", "model_size": "7e7", "n_tokens": "1e9", "a_loss": "2.5",
}  # fmt: skip
CELLS = st.one_of(
    st.sampled_from([
        "", "0", "1", "0.5", "0.25", "-1", "50", "100", "1e9", "1e309", "-1e308", "1e-320", "nan",
        "NaN", "inf", "70M", "1B", "7 b", "Qwen2.5-0.5B", "B", "1e", "1_0", "0x10", "True",
        "9" * 400,
        "é", '"', '"a,b"', "\x00", "\t", "1,2", "12.", "NA", "None", "2000000000", "1.5", "½", "١",
    ]),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=6),
)  # fmt: skip


@st.composite
def tables(draw):
    """A sound table with some things wrong, or columns and cells at random."""
    names = list(SOUND)
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(COLUMNS), max_size=9))
    names += draw(st.lists(st.one_of(st.sampled_from(COLUMNS), st.text(max_size=5)), max_size=2))
    rows = [
        [SOUND.get(n, "0.5") if draw(st.integers(0, 5)) else draw(CELLS) for n in names]
        for _ in range(draw(st.integers(0, 5)))
    ]
    for row in rows:
        if draw(st.integers(0, 12)) == 0:
            row.append("1")
    return "\n".join([",".join(names), *(",".join(row) for row in rows)])


OPTIONS = st.fixed_dictionaries({}, optional={
    "percent": st.just(True), "scale": st.sampled_from(["70M", "run", "weight_a", "x"]),
    "duplicates": st.just("drop"), "tokens_per_step": st.just(1.0), "steps": st.just("step"),
    "shares": st.sampled_from(["weight_", ["weight_a", "weight_b"], {"weight_a": "z"}]),
    "metrics": st.just({"a_loss": "accuracy"}), "cost": st.just("flops"), "run": st.just("run"),
})  # fmt: skip


def outcome(content: bytes, options: dict, suffix: str = ".csv") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"runs{suffix}"
        path.write_bytes(content)
        try:
            read = RunTable.read(path, **options)
        except TableError as error:
            read = error
    if isinstance(read, TableError):
        assert read.problems
        assert str(path) in str(read)
    else:
        assert len(read.run) >= 1


@settings(max_examples=250)
@given(tables(), OPTIONS)
def test_malformed_tables(text, options):
    outcome(text.encode("utf-8", "surrogatepass"), options)


@settings(max_examples=50)
@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv"]))
def test_bytes(content, suffix):
    outcome(content, {}, suffix)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=9_000)
@given(tables(), OPTIONS)
def test_ten_thousand_malformed_tables(text, options):
    outcome(text.encode("utf-8", "surrogatepass"), options)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=1_000)
@given(st.binary(max_size=400), st.sampled_from([".csv", ".tsv"]))
def test_a_thousand_files_of_bytes(content, suffix):
    outcome(content, {}, suffix)
