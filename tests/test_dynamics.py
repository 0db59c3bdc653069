"""The dynamics against a second bookkeeping: costs, resumptions, cuts, noise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixenv import outcome
from mixenv.dynamics import State, advance, cheapest, curve_grid
from mixenv.make_task import make_task

MIXTURES = [
    np.array(w) for w in ([0.2] * 5, [0.3, 0.25, 0.2, 0.15, 0.1], [0, 0.5, 0.5, 0, 0],
                          [0.123456, 0.2, 0.3, 0.076544, 0.3])
]  # fmt: skip
SEED = (123, 456)
experiments = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(0, 194)), min_size=1, max_size=14
)


@pytest.fixture(scope="module")
def make(toy):
    @cache
    def made(budget=50.0, **options):
        return make_task(toy, budget=budget, **options)

    return made


def play(task, asked, points=16, seed=SEED):
    """State and transitions of a sequence of (mixture, scale, steps), all by position."""
    state, grid, done = State(seed), curve_grid(task.steps, points), []
    for mixture, scale, steps in asked:
        state, one = advance(task, state, MIXTURES[mixture], scale, steps, grid)
        done.append(one)
    return state, done


def ledger(task, asked):
    """What each experiment should do, kept by other means: (replicate, begin, end, cost)."""
    spent, runs = 0.0, {}
    for mixture, scale, steps in asked:
        lengths = runs.setdefault((mixture, scale), [])
        wanted, size = task.steps[steps], task.scales[scale]
        replicate, begin = len(lengths), 0
        if task.resume and lengths and max(lengths) < wanted:
            begin = max(lengths)
            replicate = lengths.index(begin)
        payable = [
            s for s in task.steps
            if begin < s <= wanted
            and spent + task.cost(size, s) - task.cost(size, begin) <= task.budget + 1e-9
        ]  # fmt: skip
        if not payable:
            yield None
            continue
        end = payable[-1]
        lengths[replicate : replicate + 1] = [end]
        cost = task.cost(size, end) - task.cost(size, begin)
        spent += cost
        yield replicate, begin, end, cost


@given(experiments, st.sampled_from([0.02, 0.5, 2.5, 50.0]), st.booleans())
@settings(max_examples=80)
def test_every_experiment_is_booked_as_a_second_ledger_does(make, asked, budget, resume):
    task = make(budget, resume=resume)
    state, done = play(task, asked)
    for one, expected, (_, scale, steps) in zip(done, ledger(task, asked), asked, strict=True):
        if expected is None:
            assert one is None
            continue
        replicate, begin, end, cost = expected
        assert (one.replicate, one.begin, one.end) == (replicate, begin, end)
        assert one.cost == pytest.approx(cost, abs=1e-12)
        assert one.resumed is (begin > 0)
        assert one.cut_short is (end < task.steps[steps])
        assert one.scale_index == scale
        assert one.checkpoints[-1] == end
        assert one.values.shape == (len(one.checkpoints), 11)
        shown = [s for s in curve_grid(task.steps, 16) if begin < s < end]
        assert one.checkpoints[:-1].tolist() == shown
    paid = [one.cost for one in done if one is not None]
    assert state.spent == pytest.approx(sum(paid), abs=1e-12)
    assert state.spent <= budget + 1e-9 * (1 + 1e-6)
    assert state.count == len(paid)


@given(st.sets(st.integers(0, 193), max_size=6), st.integers(0, 3), st.integers(0, 6))
def test_neither_cost_nor_values_depend_on_how_a_run_was_cut(make, cuts, mixture, scale):
    task = make()
    pieces = [(mixture, scale, steps) for steps in [*sorted(cuts), 194]]
    _, [whole] = play(task, [(mixture, scale, 194)], points="all")
    for points in ("all", 16):
        state, parts = play(task, pieces, points)
        assert state.spent == pytest.approx(whole.cost, abs=1e-12)
        assert len({one.replicate for one in parts}) == 1
        seen = {}
        for one in parts:
            seen |= dict(zip(one.checkpoints.tolist(), one.values.tolist(), strict=True))
        if points == "all":
            assert list(seen) == whole.checkpoints.tolist()
            assert list(seen.values()) == whole.values.tolist()
        else:
            _, [once] = play(task, [(mixture, scale, 194)])
            for steps, values in zip(once.checkpoints.tolist(), once.values.tolist(), strict=True):
                assert seen[steps] == values
            known = dict(zip(whole.checkpoints.tolist(), whole.values, strict=True))
            for steps, values in seen.items():  # another batch may round the last digit elsewhere
                np.testing.assert_allclose(values, known[steps], rtol=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), min_size=2, max_size=8, unique=True),
    st.data(),
)
def test_two_orders_on_one_seed_see_the_same_numbers(make, runs, data):
    task = make()
    lengths = data.draw(st.lists(st.integers(0, 194), min_size=len(runs), max_size=len(runs)))
    asked = [(*run, steps) for run, steps in zip(runs, lengths, strict=True)]
    other = data.draw(st.permutations(asked))
    first, second = (dict(zip(o, play(task, o)[1], strict=True)) for o in (asked, other))
    for experiment in asked:
        assert first[experiment].values.tolist() == second[experiment].values.tolist()
        assert first[experiment].cost == second[experiment].cost


def test_another_seed_sees_other_numbers(make):
    runs = [play(make(), [(1, 3, 60)], seed=seed)[1][0].values for seed in (SEED, (123, 457))]
    assert np.abs(runs[0] - runs[1]).min() > 0


@pytest.mark.parametrize("again", [60, 7])
def test_no_more_steps_is_a_replicate_paid_in_full_with_its_own_noise(make, again):
    task = make()
    _, (first, second) = play(task, [(1, 3, 60), (1, 3, again)])
    assert (first.replicate, second.replicate) == (0, 1)
    assert not second.resumed
    assert second.cost == pytest.approx(task.cost(3e8, task.steps[again]), rel=1e-12)
    shared = np.isin(first.checkpoints, second.checkpoints)
    theirs = np.isin(second.checkpoints, first.checkpoints)
    assert shared.any()
    assert np.abs(first.values[shared] - second.values[theirs]).min() > 0


def test_the_longest_replicate_is_resumed_with_its_own_noise(make):
    task = make()
    asked = [(1, 2, 30), (1, 2, 20), (1, 2, 25), (1, 2, 100)]
    _, done = play(task, asked)
    assert [(one.replicate, one.begin) for one in done] == [(0, 0), (1, 0), (2, 0), (0, 3_100)]
    _, [straight] = play(task, [(1, 2, 100)])
    assert done[3].values[-1].tolist() == straight.values[-1].tolist()
    _, done = play(task, [(1, 2, 30), (1, 2, 30), (1, 2, 31)])  # of two as long, the first
    assert [(one.replicate, one.begin) for one in done] == [(0, 0), (1, 0), (0, 3_100)]


def test_mixtures_equal_to_a_millionth_are_one_run(make):
    task, grid = make(), curve_grid((100, 200), 2)
    w, apart = np.array([0.3, 0.25, 0.2, 0.15, 0.1]), np.array([1, -1, 0, 0, 0])
    state, _ = advance(task, State(SEED), w, 0, 4, grid)
    state, near = advance(task, state, w + 2e-7 * apart, 0, 9, grid)
    assert near.resumed
    assert near.mixture.tolist() == w.tolist()
    _, far = advance(task, state, w + 2e-6 * apart, 0, 14, grid)
    assert not far.resumed
    assert far.mixture.tolist() == [0.300002, 0.249998, 0.2, 0.15, 0.1]


def test_another_scale_starts_afresh(make):
    _, (_, second) = play(make(), [(1, 3, 60), (1, 4, 80)])
    assert (second.begin, second.replicate) == (0, 0)


def test_without_resuming_every_experiment_is_a_new_run(make):
    task = make(resume=False)
    _, done = play(task, [(1, 3, 60), (1, 3, 90), (1, 3, 90)])
    assert [(one.replicate, one.begin) for one in done] == [(0, 0), (1, 0), (2, 0)]
    assert np.abs(done[1].values - done[2].values).min() > 0
    fresh = make()
    _, [alone] = play(fresh, [(1, 3, 60)])
    assert done[0].values.tolist() == alone.values.tolist()


def test_a_run_is_cut_at_the_last_affordable_checkpoint(make):
    """0.3 target runs buy 0.3 * 195 = 58.5 hundreds of steps at the target scale."""
    task = make(0.3)
    state, [done] = play(task, [(1, 6, 194)])
    assert (done.end, done.cut_short) == (5_800, True)
    assert state.spent == pytest.approx(58 / 195, abs=1e-12)
    _, [asked] = play(task, [(1, 6, 57)])
    assert (asked.end, asked.cut_short) == (5_800, False)
    np.testing.assert_array_equal(asked.values, done.values)


def test_nothing_affordable_changes_nothing(make):
    task = make(0.3)
    state, _ = play(task, [(1, 6, 194)])
    for scale in (6, 5):  # 0.5 of a hundred steps at 1B is left; 700M costs 0.3 of 1B
        after, done = advance(task, state, MIXTURES[1], scale, 194, curve_grid(task.steps, 16))
        if scale == 6:
            assert done is None
            assert after is state
        else:
            assert (done.end, done.cut_short) == (100, True)


@pytest.mark.parametrize(("short", "end"), [(5e-10, 6_500), (2e-9, 6_400)])
def test_the_budget_may_be_overrun_by_rounding_and_no_more(make, short, end):
    """Three thirds of a target run, on a budget short of their sum by `short`."""
    task = make(1.0 - short, resume=False)
    state, done = play(task, [(i, 6, 64) for i in range(3)])
    assert [one.end for one in done] == [6_500, 6_500, end]
    assert state.spent <= task.budget + 1e-9


def test_the_cheapest_checkpoint_is_a_hundred_steps_of_the_smallest(make):
    assert cheapest(make()) == pytest.approx(10_703_622 / (825_687_276 * 195), rel=1e-12)


@pytest.mark.parametrize("points", [None, 16, "all"])
def test_the_last_value_does_not_depend_on_what_else_is_shown(make, points):
    _, [done] = play(make(), [(1, 3, 60)], points)
    _, [bare] = play(make(), [(1, 3, 60)], 1)
    np.testing.assert_allclose(done.values[-1], bare.values[-1], rtol=1e-12)


@pytest.mark.parametrize("points", [16, None])
def test_remembered_windows_change_no_number_and_cannot_be_changed(points, monkeypatch):
    task = make_task(surface="synthetic:easy:5:0")
    grid, runs = curve_grid(task.steps, points), [(0, 3), (1, 50), (0, 9), (1, 50), (0, 3)]

    def play():
        state, seen = State((1, 2)), []
        for scale, steps in runs:
            state, done = advance(task, state, np.full(5, 0.2), scale, steps, grid)
            with pytest.raises(ValueError, match="read-only"):
                done.checkpoints[0] = 1
            seen.append((done.checkpoints.tolist(), done.values.tolist()))
        return seen

    remembered = play()
    assert len(outcome._memory(task)) == 3  # a replicate asks what the first run asked
    outcome._memory(task).clear()
    monkeypatch.setattr(outcome, "_MOST", 1)
    assert play() == remembered
    assert len(outcome._memory(task)) == 1


def test_without_noise_the_values_are_the_surface(make, toy):
    _, [done] = play(make(noise=0), [(3, 4, 150)])
    n = len(done.checkpoints)
    exact = toy.metrics(np.tile(MIXTURES[3], (n, 1)), np.full(n, 5e8), done.checkpoints)
    np.testing.assert_allclose(done.values, exact, rtol=1e-12)


@given(
    st.lists(st.integers(1, 10_000), min_size=1, max_size=60, unique=True).map(sorted),
    st.integers(1, 40),
)
def test_curve_grids_are_distinct_checkpoints_that_end_with_the_last(steps, points):
    grid = curve_grid(tuple(steps), points)
    assert len(grid) == min(points, len(steps))
    assert (np.diff(grid) > 0).all()
    assert set(grid.tolist()) <= set(steps)
    assert grid[-1] == steps[-1]


def test_the_default_curve_grid_is_log_spaced():
    steps = tuple(range(100, 19_501, 100))
    grid = curve_grid(steps, 16)
    assert grid[0] == 100
    ratio = 195 ** (1 / 15)
    ideal = 100 * ratio ** np.arange(16)
    apart = np.abs(np.log(grid / ideal))
    assert apart[6:].max() < 0.06  # the first few ideals are closer together than checkpoints
    assert curve_grid(steps, "all").tolist() == list(steps)
    assert curve_grid(steps, None).size == 0


@pytest.mark.parametrize("points", [0, -3, 2.5, True, "some"])
def test_other_curves_are_refused(points):
    with pytest.raises(ValueError, match='curve: expected a positive number, "all" or None, got'):
        curve_grid((100, 200), points)
