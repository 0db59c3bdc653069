"""SlimPajama-7 and ADMIRE: small files in their schemas, and the published ones."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from scipy.stats import spearmanr

import mixenv
from mixenv import TableError, read_table
from mixenv.runs.admire import read_admire
from mixenv.runs.slimpajama7 import DOMAINS, read_slimpajama7

POOLS = ("DataMixtureSlimPajama7-v0", "DataMixtureInstruct-v0", "DataMixturePile-v0")


def slimpajama7(path, domains=DOMAINS):
    losses = [*domains, "openhermes"]
    header = [f"weight_{d}" for d in domains] + ["model_size", "n_tokens"]
    header += [f"{name}_loss" for name in losses]
    rows = [",".join(header)]
    for first, tokens in ((0.4, 1998e6), (0.4, 20000e6), (0.3, 1998e6)):
        shares = [first, *[(1 - first) / (len(domains) - 1)] * (len(domains) - 1)]
        rows.append(",".join(map(str, [*shares, 122e6, tokens, *np.arange(1, len(losses) + 1)])))
    path.write_text("\n".join(rows))
    return path


def admire(path, tasks=17):
    names = [f"metric_t{i}::tulu" for i in range(tasks)]
    header = ["model", *[f"ratio_s{i}" for i in range(19)], *names, "train_time"]
    header += ["metric_avg_id+ood", "metric_avg_id", "metric_avg_ood"]
    row = ["Qwen2.5-3B", 0.1, *[0.05] * 18, *[0.25] * tasks, 258.9, 0.25, 0.5, 0.75]
    path.write_text(",".join(header) + "\n" + ",".join(map(str, row)))
    return path


def test_slimpajama7_counts_steps_in_millions_of_tokens(tmp_path):
    table = read_slimpajama7(slimpajama7(tmp_path / "f.csv"))
    assert table.domains == DOMAINS
    assert [m.name for m in table.metrics] == [*DOMAINS, "openhermes"]
    assert table.steps.tolist() == [1998, 20000, 1998]
    assert table.run.tolist() == [0, 0, 1]
    np.testing.assert_allclose(table.step_cost, 6 * 122e6 * 1e6)


def test_slimpajama7_refuses_another_schema(tmp_path):
    path = slimpajama7(tmp_path / "f.csv", DOMAINS[::-1])
    with pytest.raises(TableError, match=r"expected domains .*mixenv data fetch slimpajama-7"):
        read_slimpajama7(path)


def test_admire_costs_minutes(tmp_path):
    table = read_admire(admire(tmp_path / "f.csv"))
    assert [m.name for m in table.metrics][-4:] == ["t16", "average", "average_in", "average_out"]
    assert [m.evaluated for m in table.metrics] == [True] * 17 + [False] * 3
    assert {m.sign for m in table.metrics} == {-1}
    assert table.scale.tolist() == [3e9]
    assert table.cost_unit == "minutes"
    assert (table.step_cost * table.length).tolist() == [258.9]


def test_admire_refuses_another_schema(tmp_path):
    with pytest.raises(TableError, match=r"expected accuracies 20, got 19"):
        read_admire(admire(tmp_path / "f.csv", tasks=16))
    path = admire(tmp_path / "f.csv")
    path.write_text(path.read_text().replace("Qwen2.5-3B", "Qwen2.5-14B"))
    with pytest.raises(TableError, match="row 1, column 'model': expected one of 500M, 3B, 7B"):
        read_admire(path)


@pytest.mark.reference
def test_the_published_slimpajama7(reference):
    table = read_table("slimpajama-7", reference / "runs")
    assert (table.mixture.shape, table.values.shape) == ((224, 7), (2452, 8))
    counts = [int(np.sum(table.scale == s)) for s in table.scales]
    assert dict(zip(table.scales, counts, strict=True)) == {
        1.22e8: 60, 3.1e8: 60, 6.8e8: 40, 9.37e8: 40, 1.235e9: 20, 2.718e9: 4
    }  # fmt: skip
    missing = np.isnan(table.values)
    assert (missing.sum(), missing.any(axis=1).sum()) == (16, 6)
    assert {*table.scale[table.run[missing.any(axis=1)]]} == {3.1e8}
    assert table.values[0].tolist()[:2] == [3.014416003227234, 4.126948618888855]
    assert (table.steps[0], table.steps[10]) == (1998, 20000)


@pytest.mark.reference
def test_the_published_admire(reference):
    table = read_table("admire", reference / "runs")
    assert (table.mixture.shape, table.values.shape) == ((460, 19), (460, 20))
    assert [int(np.sum(table.scale == s)) for s in (5e8, 3e9, 7e9)] == [256, 128, 76]
    minutes = table.step_cost * 100
    assert [round(float(np.median(minutes[table.scale == s])), 1) for s in (5e8, 3e9, 7e9)] == [
        95.3, 258.9, 537.5
    ]  # fmt: skip
    averages = dict(zip([m.name for m in table.metrics], table.values[0], strict=True))
    assert averages["minerva_math"] == 0.1823172812


@pytest.mark.reference
@pytest.mark.parametrize("name", POOLS)
def test_their_environments_pass_gymnasiums_check(reference, name):
    env = gym.make(name, source=str(reference / "runs"))
    check_env(env.unwrapped, skip_render_check=True)


@pytest.mark.reference
def test_instruct_costs_are_shares_of_a_7b_run(reference):
    task = gym.make(POOLS[1], source=str(reference / "runs")).unwrapped.task  # pyright: ignore
    assert task.target == (7e9, 100)
    np.testing.assert_allclose(task.problem.cost[:, 0], [0.1774, 0.4817, 1.0], atol=1e-4)
    with pytest.raises(
        ValueError, match=r"expected a surface whose cost is in FLOPs, got one in mi"
    ):
        task.cost_flops("7B", 100)


@pytest.mark.reference
def test_slimpajama7_ranks_carry_over_from_scale_to_scale(reference):
    env = gym.make(
        POOLS[0], source=str(reference / "runs"), budget=1e6, max_experiments=224, curve=None
    )
    task = env.unwrapped.task  # pyright: ignore[reportAttributeAccessIssue]
    env.reset(seed=0)
    found: dict[float, dict[tuple[float, ...], float]] = {}
    for index, scale in enumerate(task.scales[:5]):  # 2.718B has four runs
        for mixture in task.problem.pools[scale]:
            action = {"mixture": mixture, "scale": index, "steps": len(task.steps) - 1}
            info = env.step(action)[4]
            assert info["row_distance"] == 0
            key = tuple(np.round(mixture, 6))
            found.setdefault(scale, {})[key] = task.objective(info["metrics"])
    for small in found:
        for large in (s for s in found if s > small):
            both = sorted(found[small].keys() & found[large].keys())
            pairs = np.array([[found[small][m], found[large][m]] for m in both])
            assert len(pairs) >= 20
            assert spearmanr(*pairs.T)[0] >= 0.95  # pyright: ignore[reportOperatorIssue]


@pytest.mark.reference
def test_slimpajama7_runs_train_to_their_own_checkpoints(reference):
    task = mixenv.make_task("rows:slimpajama-7", source=str(reference / "runs"), target="937M")
    assert task.target == (9.37e8, 35_280)
    pool = task.pool
    assert pool is not None
    asked = np.array([1998, 2590, 25_000, 103_680])
    assert pool.trained(1.22e8, asked).tolist() == [1998, 1998, 20_000, 20_000]
    assert pool.trained(2.718e9, asked).tolist() == [10_366, 10_366, 20_734, 103_680]
    assert task.problem.cost[5, 0] == pytest.approx(2.718 / 0.937 * 10_366 / 35_280)
