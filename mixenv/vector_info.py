"""Infos of many episodes: dicts of arrays with masks, as Gymnasium's SyncVectorEnv has them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from mixenv.batch.rules import Rules
from mixenv.batch.step import Result

Info = dict[str, Any]


def describe(rules: Rules, result: Result) -> Info:
    """The values [n] of a step's infos: zeros for experiments that were not carried out."""
    entry, outcome = result.entry, result.outcome
    n, missing = len(entry.done), (~entry.done).nonzero()[0]

    def only(values: np.ndarray, otherwise: Any = 0) -> np.ndarray:
        if len(missing):
            values[missing] = otherwise
        return values

    values: Info = {
        "metrics": only(_whole(outcome.metrics)),
        "cost": entry.cost,
        "cut_short": entry.cut_short,
        "resumed": entry.resumed,
        "experiment": {
            "mixture": only(_whole(result.site.mixture)),
            "scale": only(rules.scales.take(result.scale)),
            "steps": only(entry.steps.astype(np.int64)),
        },
        "provenance": _repeated(rules.task.surface.provenance, n).copy(),
    }
    if outcome.curve is not None:
        values["curve"] = only(outcome.curve)
        values["curve_steps"] = only(outcome.curve_steps.astype(np.int64))
        values["curve_count"] = only(outcome.curve_count.astype(np.int64))
    if rules.task.pool is not None:
        values["row"] = only(rules.ladder.runs.take(result.site.row).astype(np.int64), -1)
        values["row_distance"] = only(result.site.distance)
    return values


def _whole(array: np.ndarray) -> np.ndarray:
    """A copy of what is part of a larger array; what is not is left, transposed or not."""
    return array if array.flags.forc else array.copy()


def blank(rules: Rules, n: int) -> Info:
    """The values [n] of infos that report no experiment, as after a reset."""
    d, k, points = rules.domains, rules.metrics, len(rules.grid)
    values: Info = {
        "metrics": np.zeros((n, k)),
        "cost": np.zeros(n),
        "cut_short": np.zeros(n, dtype=bool),
        "resumed": np.zeros(n, dtype=bool),
        "experiment": {
            "mixture": np.zeros((n, d)),
            "scale": np.zeros(n),
            "steps": np.zeros(n, dtype=np.int64),
        },
        "provenance": _repeated(rules.task.surface.provenance, n).copy(),
    }
    if points:
        values["curve"] = np.zeros((n, points, k))
        values["curve_steps"] = np.zeros((n, points), dtype=np.int64)
        values["curve_count"] = np.zeros(n, dtype=np.int64)
    if rules.task.pool is not None:
        values["row"], values["row_distance"] = np.full(n, -1), np.zeros(n)
    return values


@lru_cache(maxsize=32)
def _repeated(text: str, n: int) -> np.ndarray:
    return np.full(n, text, dtype=object)


def masked(values: Info, mask: np.ndarray | bool, n: int) -> Info:
    """The values with a mask `_key` beside each key: which episodes [n] have it."""
    return _beside(values, iter(np.full((_keys(values), n), mask)))


def _keys(values: Info) -> int:
    """How many keys there are, those of inner dicts too."""
    return len(values) + sum(_keys(v) for v in values.values() if isinstance(v, dict))


def _beside(values: Info, masks: Iterator[np.ndarray]) -> Info:
    infos: Info = {}
    for key, value in values.items():
        infos[key] = _beside(value, masks) if isinstance(value, dict) else value
        infos[f"_{key}"] = next(masks)
    return infos


def only(values: Info, mask: np.ndarray) -> Info:
    """Copies of the values of the episodes in a mask [n]; zeros (or None) for the others."""
    kept: Info = {}
    for key, value in values.items():
        if isinstance(value, dict):
            kept[key] = only(value, mask)
            continue
        kept[key] = np.zeros_like(value) if value.dtype != object else np.full(len(value), None)
        kept[key][mask] = value[mask]
    return kept


def overwrite(values: Info, which: np.ndarray, new: Info) -> None:
    """Put the values [r] of other infos at the episodes `which` [r], in place."""
    for key, value in values.items():
        if isinstance(value, dict):
            overwrite(value, which, new[key])
        else:
            value[which] = new[key]


def final_observations(seen: dict[str, np.ndarray], which: np.ndarray, n: int) -> np.ndarray:
    """An array [n] of objects: the observations of the episodes `which`, None for the others."""
    final = np.full(n, None, dtype=object)
    for i in which.tolist():  # few: the episodes that have just ended
        final[i] = {name: value[i].copy() for name, value in seen.items()}
    return final
