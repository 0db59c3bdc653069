"""Which runs E1 to E8 train on and hold out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.paper.experiments import checkpoints
from benchmarks.paper.splits import QUESTIONS, budgets, halves, split
from benchmarks.paper.studies import STUDIES, Finals, Study, finals, recurs
from mixenv import read_table

SCALES = (1e6, 1e7, 1e8, 1e9)
STUDY = Study("made-up", 1e8, ((6, 1.0), (9, 0.7), (12, 0.5)), "A study for tests.")


def runs(each=21, seed=0, shared=False):
    """As many runs at each scale, of one metric; with `shared`, of the same mixtures."""
    rng = np.random.default_rng(seed)
    mixture = rng.dirichlet(np.ones(3), each if shared else each * len(SCALES))
    mixture = np.tile(mixture, (len(SCALES), 1)) if shared else mixture
    scale = np.repeat(SCALES, each)
    return Finals(np.arange(len(scale)), mixture, scale, mixture[:, :1] + scale[:, None] / 1e9)


def test_halves_are_all_runs_once():
    first, second = halves(np.arange(10, 31), np.random.default_rng(0))
    assert (len(first), len(second)) == (10, 11)
    assert sorted([*first, *second]) == list(range(10, 31))
    assert (first != halves(np.arange(10, 31), np.random.default_rng(1))[0]).any()


def test_questions_pair_on_the_same_halves():
    some = runs()
    found = {q: split(some, STUDY, QUESTIONS[q], 3, fresh=True) for q in QUESTIONS}
    for small, large in (("E1", "E2"), ("E2", "E3"), ("E4", "E5")):
        np.testing.assert_array_equal(found[small].held, found[large].held)
        assert set(found[small].train) < set(found[large].train)
    assert not set(found["E3"].train) & set(found["E3"].held)
    other = split(some, STUDY, QUESTIONS["E1"], 4, fresh=True)
    assert set(other.held) != set(found["E1"].held)


@pytest.mark.parametrize(
    ("question", "at", "joining"),
    [
        ("E1", 1e8, ()), ("E2", 1e8, (1e7,)), ("E3", 1e8, (1e7, 1e6)), ("E4", 1e7, ()),
        ("E5", 1e7, (1e6,)),
    ],
)  # fmt: skip
def test_which_scales_take_part(question, at, joining):
    """From the study's top down; the scale above it never."""
    some = runs()
    train, held = split(some, STUDY, QUESTIONS[question], 0, fresh=True)
    assert set(some.scale[held]) == {at}
    assert Counter(some.scale[train]) == {at: 10} | dict.fromkeys(joining, 21)


def test_fresh_mixtures_were_trained_nowhere():
    some = runs(shared=True)
    for question in QUESTIONS.values():
        train, held = split(some, STUDY, question, 0, fresh=True)
        assert not recurs(some.mixture[train], some.mixture[held]).any()
        again, _ = split(some, STUDY, question, 0, fresh=False)
        assert len(again) - len(train) == 11 * len(set(some.scale[train]) - set(some.scale[held]))


def test_recurring_is_to_a_millionth():
    w = np.array([[0.2, 0.8], [0.5, 0.5]])
    assert recurs(w + np.array([[1e-8, -1e-8], [2e-6, -2e-6]]), w).tolist() == [True, False]


def test_few_and_many_have_the_same_scales():
    some = runs(shared=True)
    few, middle, many = budgets(some, STUDY, 0)
    assert [len(s.train) for s in (few, middle, many)] == [6, 9, 12]
    assert set(few.train) < set(middle.train) < set(many.train)
    twice = Counter(some.scale[many.train])
    assert {s: 2 * n for s, n in Counter(some.scale[few.train]).items()} == twice
    held = {tuple(w) for w in some.mixture[few.held]}
    assert len(held) == 6  # 30% of 21
    assert len(few.held) == 6 * len(SCALES)
    assert not recurs(some.mixture[many.train], some.mixture[few.held]).any()


def test_too_few_pairs():
    with pytest.raises(ValueError, match=r"made-up: expected 6 pairs of runs .* got \d pairs"):
        budgets(runs(each=3), STUDY, 0)


def test_a_study_needs_its_top_and_one_below():
    assert STUDY.ladder(SCALES) == (1e8, 1e7, 1e6)
    for scales in ((1e6, 1e7), (1e8, 1e9)):
        with pytest.raises(ValueError, match=r"made-up: expected runs at 1e\+08 parameters"):
            STUDY.ladder(scales)


def test_finals_are_finished_and_complete(recorded):
    """Run 1 of the made-up table ends early by a third, run 4 by half, run 5 is empty."""
    found = finals(recorded)
    assert found.run.tolist() == [0, 2, 3, 6]
    last = [np.flatnonzero(recorded.run == r)[-1] for r in found.run]
    np.testing.assert_array_equal(found.values, recorded.values[last])
    np.testing.assert_array_equal(found.scale, [1e6, 1e9, 1e9, 1e9])


def test_finals_lack_no_metric(recorded):
    from dataclasses import replace

    values = recorded.values.copy()
    values[np.flatnonzero(recorded.run == 2)[-1], 1] = np.nan
    assert finals(replace(recorded, values=values)).run.tolist() == [0, 3, 6]


def test_checkpoints_up_to_a_fraction(recorded):
    rows = checkpoints(recorded, np.array([0, 3]), 0.5)
    assert list(zip(recorded.run[rows], recorded.steps[rows], strict=True)) == [
        (0, 100), (3, 100), (3, 200)
    ]  # fmt: skip


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "folder", "fresh", "sizes"),
    [
        ("slimpajama-7", "dmsl", True, (20, 40, 120, 20, 60)),
        ("slimpajama-7", "dmsl", False, (20, 60, 180, 20, 80)),
        ("regmix", "regmix", True, (32, 288, 1056, 128, 768)),
        ("regmix", "regmix", False, (32, 288, 1056, 128, 896)),
    ],
)
def test_the_public_tables(reference, name, folder, fresh, sizes):
    some = finals(read_table(name, reference / "runs" / folder))
    found = [split(some, STUDIES[name], q, 0, fresh=fresh) for q in QUESTIONS.values()]
    assert tuple(len(s.train) for s in found) == sizes
