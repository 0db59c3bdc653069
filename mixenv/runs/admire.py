"""ADMIRE's 460 instruction-tuning runs: a CSV file in, a run table of accuracies out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mixenv.metrics import Metric
from mixenv.runs.importer import read_runs
from mixenv.runs.problems import require
from mixenv.runs.table import RunTable

AVERAGES = {"avg_id+ood": "average", "avg_id": "average_in", "avg_ood": "average_out"}
_MODELS = {5e8: "0.5B", 3e9: "3B", 7e9: "7B"}
_SETS, _TASKS = 19, 17


def read_admire(path: str | Path) -> RunTable:
    """The run table of the file: 460 runs, 19 instruction sets, 17 accuracies and 3 averages.

    Qwen2.5 at 0.5B, 3B and 7B. The averages over all tasks, those in the training distribution and
    those outside it are "average", "average_in" and "average_out"; aggregates leave them out. The
    tokens of a run are not recorded: every run is 100 steps long, and its cost is its `train_time`
    in minutes. Shares are renormalised: the file rounds them. Raises FileNotFoundError for no file,
    TableError for a file of another schema.
    """
    table = read_runs(
        path, name="admire", cost="train_time", cost_unit="minutes", known_scales=list(_MODELS)
    )
    require(path, "admire", "instruction sets", _SETS, len(table.domains))
    require(path, "admire", "accuracies", _TASKS + len(AVERAGES), len(table.metrics))
    return replace(table, metrics=tuple(_metric(metric.name) for metric in table.metrics))


def _metric(name: str) -> Metric:
    """The accuracy of a column: `gsm8k::tulu` is gsm8k."""
    if name in AVERAGES:
        return Metric(AVERAGES[name], sign=-1, evaluated=False)
    return Metric(name.split(":")[0], sign=-1)
