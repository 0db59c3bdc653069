"""RegMix's files become one table; the numbers come from the files themselves."""

import numpy as np
import pandas as pd
import pytest

from mixenv.runs import read_table
from mixenv.runs.regmix import SPLITS, read_regmix

SIZES = {"train_{}_1m": 4, "test_{}_1m": 3, "test_{}_60m": 3, "test_{}_1B": 2}
DOMAINS, LOSSES = ("arxiv", "pile_cc", "europarl"), ("arxiv", "pile_cc")


def write(folder, shuffled=False):
    """Small files in RegMix's schema: loss j of run i is i + j / 10 + 1."""
    paths = []
    for pattern, count in SIZES.items():
        index = np.arange(1, count + 1)
        mixture = pd.DataFrame({"index": index})
        for j, domain in enumerate(DOMAINS):
            mixture[f"train_the_pile_{domain}"] = [0.5, 0.3, 0.203][j]
        values = pd.DataFrame({"index": index})
        for j, domain in enumerate(LOSSES):
            values[f"metric/the_pile_{domain}_val_loss"] = index + j / 10 + 1
        for kind, frame in (("mixture", mixture), ("pile_loss", values[:: -1 if shuffled else 1])):
            path = folder / f"{pattern.format(kind)}.csv"
            frame.to_csv(path, index=False)
            paths.append(path)
    return paths


@pytest.mark.parametrize("shuffled", [False, True])
def test_files_are_joined_on_their_index(tmp_path, shuffled):
    table = read_regmix(write(tmp_path, shuffled))
    assert table.domains == DOMAINS
    assert [metric.name for metric in table.metrics] == list(LOSSES)
    assert all(metric.is_loss for metric in table.metrics)
    assert table.scale.tolist() == [1e6] * 7 + [6e7] * 3 + [1e9] * 2
    assert table.length.tolist() == [1_000] * 10 + [25_000] * 2
    expected = [2, 3, 4, 5, 2, 3, 4, 2, 3, 4, 2, 3]
    np.testing.assert_allclose(table.values, np.add.outer(expected, [0, 0.1]))


def test_shares_are_renormalised(tmp_path):
    table = read_regmix(write(tmp_path))
    np.testing.assert_allclose(table.mixture[3], np.array([500, 300, 203]) / 1003, atol=1e-15)


def test_a_full_run_costs_six_times_parameters_times_tokens(tmp_path):
    table = read_regmix(write(tmp_path))
    cost = table.step_cost * table.length
    np.testing.assert_allclose(cost[[0, 8, 11]], [6e15, 3.6e17, 1.5e20])


def test_a_missing_file_is_named(tmp_path):
    paths = write(tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"RegMix's test_pile_loss_1B\.csv, got .*data fetch"
    ):
        read_regmix(paths[:-1])


def test_columns_of_another_schema_are_refused(tmp_path):
    paths = write(tmp_path)
    paths[0].write_text("index,weight_arxiv\n1,1.0\n")
    with pytest.raises(
        ValueError, match=r"train_mixture_1m\.csv: expected columns index and .*got"
    ):
        read_regmix(paths)


def test_runs_without_their_loss_are_refused(tmp_path):
    paths = write(tmp_path)
    lines = paths[1].read_text().splitlines()
    paths[1].write_text("\n".join(lines[:-1]))
    with pytest.raises(ValueError, match=r"train_1m: expected one loss row for each of 4 mixtures"):
        read_regmix(paths)


@pytest.mark.reference
def test_the_published_files(reference):
    table = read_table("regmix", source=reference / "runs")
    assert table.mixture.shape == (1088, 17)
    assert table.values.shape == (1088, 13)
    assert table.scales == (1e6, 6e7, 1e9)
    assert {name: table.scale[part].tolist() for name, part in SPLITS.items()} == {
        "train-1m": [1e6] * 512, "test-1m": [1e6] * 256,
        "test-60m": [6e7] * 256, "test-1B": [1e9] * 64,
    }  # fmt: skip
    np.testing.assert_array_equal(
        table.mixture[SPLITS["test-1m"]], table.mixture[SPLITS["test-60m"]]
    )
    first_1b = dict(zip([m.name for m in table.metrics], table.values[1024], strict=True))
    assert first_1b["arxiv"] == 1.772475243
    assert first_1b["pile_cc"] == 2.932116032
    assert table.mixture[1024, 0] == pytest.approx(0.123, abs=1e-12)
