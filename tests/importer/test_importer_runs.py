"""Rows become runs: their lengths, costs, shares and repeats; kept in a file, taken in part."""

from __future__ import annotations

from mixenv import RunTable


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


def test_sums_near_one_are_mended_and_said(lab, read):
    table = read(lab.PLAIN.replace("0.5,0.5,", "0.501,0.501,"))
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


def test_a_duplicate_is_refused_or_left_out(lab, read):
    text = lab.PLAIN + "0.5,0.5,1e9,2000000000,2.5,\n"
    assert "row 4: expected each row once, got a copy" in lab.refused(read, text)
    table = read(text, duplicates="drop")
    assert len(table.scale) == 2
    assert "duplicate rows left out: 1" in table.notes


def test_named_runs(lab, read):
    head = "weight_a,weight_b,scale,step,x_loss,run\n"
    apart = head + "0.5,0.5,70M,10,3,u\n0.5,0.5,70M,20,2,v\n"
    assert read(apart).run.tolist() == [0, 1]
    other = head + "0.5,0.5,70M,10,3,u\n0.4,0.6,70M,20,2,u\n"
    assert "row 2, column 'run': expected one mixture and scale a run" in lab.refused(read, other)
    again = head + "0.5,0.5,70M,10,3,u\n0.5,0.5,70M,10,2,u\n"
    assert "row 2, column 'run': expected each number of steps once" in lab.refused(read, again)


def test_a_table_keeps_its_unit_and_notes_in_a_file(lab, read, tmp_path):
    table = read(lab.PLAIN, cost="n_tokens", cost_unit="tokens")
    table.save(tmp_path / "t.npz")
    again = RunTable.load(tmp_path / "t.npz")
    assert (again.cost_unit, again.notes) == ("tokens", table.notes)


def test_some_runs_of_a_table(lab, read):
    table = read(lab.PLAIN).take([1, 0])
    assert table.scale.tolist() == [1e9, 1e6]
    assert table.run.tolist() == [0, 1, 1]
    assert table.values[:, 0].tolist() == [2.5, 3.5, 3.25]
    assert len(read(lab.PLAIN).take([]).run) == 0
