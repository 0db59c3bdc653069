"""The dynamics on recorded runs: the row that answers, what it costs, where it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixenv.dynamics import State, advance, curve_grid
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface

SEED = (123, 456)
# Shares are [web, code, books]; runs 0, 1 at 1M, runs 2, 3, 4, 6 at 1B.
SMALL = 2e12 / 1e15 / 400  # one step at 1M in target runs


@pytest.fixture(scope="module")
def pool(recorded):
    return make_task(RowsSurface(recorded), metric="web", budget=20.0)


def ask(task, state, mixture, scale, steps):
    return advance(task, state, np.array(mixture), scale, steps, curve_grid(task.steps, "all"))


def test_a_pools_run_is_its_row(pool, recorded):
    state, first = ask(pool, State(SEED), [0.5, 0.3, 0.2], 1, 1)
    assert (first.row, first.distance, first.begin, first.end) == (2, 0.0, 0, 200)
    np.testing.assert_array_equal(first.values, recorded.values[(recorded.run == 2)][:2])
    _, second = ask(pool, state, [0.45, 0.32, 0.23], 1, 3)  # another mixture, the same row
    assert (second.row, second.begin, second.end) == (2, 200, 400)
    assert second.distance == pytest.approx(0.05)
    assert second.mixture.tolist() == [0.5, 0.3, 0.2]
    assert second.cost == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("mixture", "scale", "steps", "end", "cost"),
    [([0.25, 0.25, 0.5], 1, 3, 200, 0.5), ([0.2, 0.2, 0.6], 0, 2, 200, 200 * SMALL),
     ([0.5, 0.3, 0.2], 0, 3, 300, 300 * SMALL)],
)  # fmt: skip
def test_a_run_that_ended_early_is_paid_as_far_as_it_went(pool, mixture, scale, steps, end, cost):
    _, done = ask(pool, State(SEED), mixture, scale, steps)
    assert (done.end, done.cut_short) == (end, False)
    assert done.cost == pytest.approx(cost, rel=1e-12)


def test_asking_for_no_more_than_a_recorded_run_has_repeats_it_in_full(pool):
    state, first = ask(pool, State(SEED), [0.25, 0.25, 0.5], 1, 3)
    state, second = ask(pool, state, [0.25, 0.25, 0.5], 1, 3)
    assert (second.begin, second.replicate) == (0, 1)
    assert second.cost == first.cost
    assert second.values.tolist() == first.values.tolist()
    assert state.spent == pytest.approx(1.0)


def test_a_pools_seed_does_not_matter(pool):
    both = [ask(pool, State(s), [0.5, 0.3, 0.2], 1, 3)[1].values for s in (SEED, (9, 9))]
    assert both[0].tolist() == both[1].tolist()


def test_empty_runs_and_second_duplicates_are_never_met(pool):
    assert ask(pool, State(SEED), [0.9, 0.05, 0.05], 1, 0)[1].row == 2
    assert ask(pool, State(SEED), [0.1, 0.8, 0.1], 1, 0)[1].row == 3


def test_a_recorded_run_is_cut_by_the_budget_too(recorded):
    task = make_task(RowsSurface(recorded), metric="web", budget=0.6)
    _, done = ask(task, State(SEED), [0.1, 0.8, 0.1], 1, 3)
    assert (done.end, done.cut_short, done.cost) == (200, True, pytest.approx(0.5))
    tight = make_task(RowsSurface(recorded), metric="web", budget=0.2)
    assert ask(tight, State(SEED), [0.1, 0.8, 0.1], 1, 3)[1] is None


def test_strict_pools_refuse_mixtures_that_they_do_not_hold(pool):
    strict = replace(pool, strict=True)
    _, done = ask(strict, State(SEED), [0.5, 0.3, 0.2], 1, 3)
    assert done.row == 2
    message = r"mixture: expected one recorded .* distance 0.05 from the nearest; choose from"
    with pytest.raises(ValueError, match=message):
        ask(strict, State(SEED), [0.45, 0.35, 0.2], 1, 3)
