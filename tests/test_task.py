"""Tasks: their rules, costs, truth and what they tell an agent."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from mixenv.make_task import make_task
from mixenv.simplex import extremes
from mixenv.surfaces.rows import RowsSurface

# GFLOPs per 100 steps, from the authors' flops_dataset.csv.
GFLOPS = {
    "20M": 10_703_622, "60M": 26_684_900, "150M": 61_797_681, "300M": 121_979_326,
    "500M": 178_862_437, "700M": 246_300_859, "1B": 825_687_276,
}  # fmt: skip
W = np.array([0.3, 0.25, 0.2, 0.15, 0.1])


@pytest.fixture(scope="module")
def task(toy):
    return make_task(toy, max_share=0.5, metric="github")


def test_defaults_are_the_papers(toy):
    task = make_task(toy)
    assert task.scales == (2e7, 6e7, 1.5e8, 3e8, 5e8, 7e8, 1e9)
    assert task.steps == tuple(range(100, 19_501, 100))
    assert task.target == (1e9, 19_500)
    assert (task.max_share, task.budget, task.noise, task.metric) == (1.0, 8.0, "seed", "mean_loss")


def test_options_take_labels_in_any_order(toy):
    task = make_task(
        toy, scales=["1B", 60e6, "20M"], steps=[900, 300], target=("300M", 5_000), budget=2
    )
    assert task.scales == (2e7, 6e7, 1e9)
    assert task.steps == (300, 900)
    assert task.target == (3e8, 5_000)


def test_a_target_may_be_a_scale_alone(toy, recorded):
    assert make_task(toy, target="300M").target == (3e8, 19_500)
    assert make_task(RowsSurface(recorded), target="1M").target == (1e6, 300)
    with pytest.raises(ValueError, match="target: expected a scale among 1M, 1B, got 5B"):
        make_task(recorded, target="5B")


def test_costs_are_the_published_flops(task):
    for label, gflops in GFLOPS.items():
        assert task.cost_flops(label, 700) == pytest.approx(gflops * 1e9 * 7, rel=1e-12)
    assert task.cost("1B", 19_500) == pytest.approx(1.0, abs=1e-15)
    expected = 10_703_622 * 3 / (825_687_276 * 195)
    assert task.cost(2e7, 300) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(
        task.rates, [g / 100 / (825_687_276 * 195) for g in GFLOPS.values()], rtol=1e-12
    )


@pytest.mark.reference
def test_the_published_flops_are_those_of_the_authors_file(reference):
    import pandas as pd

    frame = pd.read_csv(reference / "published" / "flops_dataset.csv")
    frame = frame[frame["step"] == 100].set_index("model_size")["flops"]
    assert {k: round(v) for k, v in frame.items() if k in GFLOPS} == GFLOPS


def test_costs_are_relative_to_the_target_chosen(toy):
    task = make_task(toy, target=("300M", 5_000))
    assert task.cost("300M", 5_000) == pytest.approx(1.0)
    assert task.cost("1B", 2_500) == pytest.approx(0.5 * 825_687_276 / 121_979_326, rel=1e-12)


def test_the_value_is_the_noise_free_objective_at_the_target(toy, task):
    exact = toy.metrics(W[None], np.array([1e9]), np.array([19_500]))[0]
    assert task.value(W) == pytest.approx(exact[5], abs=1e-12)
    hellaswag = make_task(toy, metric="hellaswag", target=("60M", 700))
    exact = toy.metrics(W[None], np.array([6e7]), np.array([700]))[0]
    assert hellaswag.value(W) == pytest.approx(-exact[8], abs=1e-12)


def test_regret_is_against_the_optimum_and_never_negative(task):
    assert task.regret(W) == pytest.approx(task.value(W) - task.optimum.value, abs=1e-12)
    assert task.regret(W) > 0.01
    assert task.regret(task.optimum.mixture) == 0.0
    assert all(task.regret(v) >= 0 for v in extremes(5, 0.5))
    draws = task.region.sample(np.random.default_rng(5), 20_000)
    assert task.sd == pytest.approx(np.std([task.value(w) for w in draws[:4000]]), rel=0.05)


@pytest.mark.parametrize(
    ("mixture", "message"),
    [([0.6, 0.1, 0.1, 0.1, 0.1], "at most 0.5"), ([0.2] * 4, "5 shares"), ([0.1] * 5, "sum to 1")],
)
def test_the_truth_refuses_what_the_region_does(task, mixture, message):
    with pytest.raises(ValueError, match=f"mixture: expected .*{message}"):
        task.regret(np.array(mixture))


def test_the_objective_of_a_standardised_weighting(toy):
    task = make_task(toy, metric={"arxiv": 2.0, "piqa": 1.0}, standardise=True)
    m = toy.metrics(W[None], np.array([1e9]), np.array([19_500]))[0]
    sd = task.moments.sd
    assert task.value(W) == pytest.approx(2 * m[6] / sd[6] - m[9] / sd[9], abs=1e-9)


def test_a_task_is_frozen_and_keeps_its_own_copy_of_the_weights(toy):
    weights = {"c4": 1.0}
    task = make_task(toy, metric=weights)
    weights["book"] = 5.0
    assert task.metric == {"c4": 1.0}
    with pytest.raises(FrozenInstanceError):
        task.budget = 99.0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies_have_the_same_truth(task, copied):
    twin = copied(task)
    assert twin.value(W) == task.value(W)
    assert twin.optimum.value == task.optimum.value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_share": 0.2}, "max_share: expected more than 1/5 = 0.2 and at most 1, got 0.2"),
        ({"max_share": 1.5}, "max_share: expected more than 1/5"),
        ({"metric": "perplexity"}, "metric: expected one of .*, got 'perplexity'"),
        ({"metric": {"c4": float("nan")}}, "metric: expected finite weights"),
        ({"noise": "loud"}, 'noise: expected "seed"'),
        ({"budget": 0.0}, "budget: expected target runs, more than 0, got 0.0"),
        ({"budget": float("nan")}, "budget: expected target runs, more than 0, got nan"),
        ({"budget": float("inf")}, "budget: expected target runs, more than 0, got inf"),
        ({"cost_weight": float("nan")}, "cost_weight: expected a finite number, got nan"),
        ({"target": ("2B", 19_500)}, "scale: expected one of 20M, .*, 1B, got 2B"),
        ({"target": ("1B", 0)}, "target: expected a positive number of steps, got 0"),
        ({"scales": ["1B", "13B"]}, "scale: expected one of 20M, .*, 1B, got 13B"),
        ({"scales": ["big"]}, "scales: expected a label"),
        ({"scales": []}, r"scales: expected distinct scales, ascending, got \(\)"),
        ({"scales": ["1B", 1e9]}, "scales: expected distinct scales, ascending"),
        ({"steps": []}, r"steps: expected positive checkpoints, ascending, got \(\)"),
        ({"steps": [0, 100]}, "steps: expected positive checkpoints, ascending"),
        ({"steps": [100, 100]}, "steps: expected positive checkpoints, ascending"),
    ],
)
def test_options_that_do_not_fit_are_refused(toy, options, message):
    with pytest.raises(ValueError, match=message):
        make_task(toy, **options)


def test_a_grid_out_of_order_is_refused(task):
    with pytest.raises(ValueError, match="steps: expected positive checkpoints, ascending"):
        replace(task, steps=(300, 100))
    with pytest.raises(ValueError, match="scales: expected distinct scales, ascending"):
        replace(task, scales=(1e9, 2e7))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": "seed"}, "noise: expected 0, recorded runs are noisy already, got 'seed'"),
        ({"noise": 1.0}, "noise: expected 0, recorded runs are noisy already, got 1.0"),
        ({"max_share": 0.5}, "max_share: expected 1.0 for recorded runs, got 0.5"),
    ],
)
def test_recorded_runs_take_neither_noise_nor_a_cap(recorded, options, message):
    with pytest.raises(ValueError, match=message):
        make_task(RowsSurface(recorded), **options)


def test_the_problem_tells_costs_but_no_truth(toy):
    task = make_task(toy, max_share=0.4, budget=3.0, scales=["20M", "1B"], steps=[500, 9_000])
    problem = task.problem
    assert problem.domains == ("wikipedia", "stack_exchange", "github", "arxiv", "book")
    assert problem.pools == {}
    for i, scale in enumerate(problem.scales):
        for j, steps in enumerate(problem.steps):
            assert problem.cost[i, j] == pytest.approx(task.cost(scale, steps), rel=1e-12)
    assert (problem.budget, problem.max_share, problem.target) == (3.0, 0.4, (1e9, 19_500))
    assert not {"surface", "optimum", "noise"} & set(vars(problem))


def test_a_pools_truth_is_over_its_rows_at_the_target(recorded):
    """Rows at 1B that reach 400 steps: runs 2, 3 and 6; a mixture means the nearest of them."""
    task = make_task(RowsSurface(recorded), metric="web")
    assert task.noise == 0.0
    values = np.array([3.0 - 0.07 * run - 0.4 for run in (2, 3, 3)])  # 6 has the shares of 3
    assert task.optimum.value == pytest.approx(values.min(), abs=1e-12)
    assert task.sd == pytest.approx(values.std(), rel=1e-12)
    assert task.optimum.mixture.tolist() == [0.1, 0.8, 0.1]
    assert task.regret(np.array([0.45, 0.35, 0.2])) == pytest.approx(0.07, abs=1e-12)
    assert task.value(np.array([0.25, 0.25, 0.5])) == pytest.approx(values[0])  # 4 ends early


def test_a_pools_problem_lists_rows_and_charges_no_more_than_they_ran(recorded):
    task = make_task(RowsSurface(recorded))
    assert set(task.problem.pools) == {1e6, 1e9}
    assert len(task.problem.pools[1e6]) == 2
    assert len(task.problem.pools[1e9]) == 4  # all but the empty run
    small = 2e12 / 1e15 / 400  # one step at 1M, in target runs
    np.testing.assert_allclose(
        task.problem.cost, [[100 * small, 200 * small, 300 * small, 300 * small],
                            [0.25, 0.5, 0.75, 1.0]],
    )  # fmt: skip


def test_costs_in_another_unit_are_not_called_flops(recorded):
    task = make_task(RowsSurface(replace(recorded, cost_unit="minutes")))
    message = (
        r"cost_flops: expected a surface whose cost is in FLOPs, got one in minutes .*task.cost"
    )
    with pytest.raises(ValueError, match=message):
        task.cost_flops(1e9, 100)
    assert task.cost(1e9, 100) == pytest.approx(0.25)
    assert make_task(RowsSurface(recorded)).cost_flops(1e9, 100) == 1e17
