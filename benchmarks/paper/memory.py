"""Scores of splits already played, in one JSON file: an interrupted study goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.paper import experiments, predictor, splits, studies
from benchmarks.paper.experiments import Scores
from benchmarks.paper.predictor import Effort
from mixenv.runs.table import RunTable
from mixenv.surfaces import mlp


class Memory:
    """Scores by key; every `keep` writes the whole file, which appears whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict[str, list[float]]] = _read(path)

    def get(self, key: str) -> Scores | None:
        """The scores kept under a key."""
        if key not in self._known:
            return None
        parts = {tuple(k.split("/")): np.array(v) for k, v in self._known[key].items()}
        return {(way, experiment): v for (way, experiment), v in parts.items()}

    def keep(self, key: str, scores: Scores) -> None:
        """Keep scores under a key."""
        self._known[key] = {"/".join(k): v.tolist() for k, v in scores.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        unfinished.write_text(json.dumps(self._known), encoding="utf-8")
        unfinished.replace(self._path)


def key(table: RunTable, seed: int, effort: Effort) -> str:
    """A hash of all that decides a split's scores: runs, seed, effort and this code."""
    digest = hashlib.sha256()
    for array in (table.mixture, table.scale, table.run, table.steps, table.values):
        digest.update(np.ascontiguousarray(array).tobytes())
    for module in (studies, splits, predictor, experiments, mlp):
        digest.update(Path(str(module.__file__)).read_bytes())
    how = {**asdict(effort), "splits": 0}  # how many there are changes none of them
    digest.update(json.dumps([table.name, seed, how]).encode())
    return digest.hexdigest()[:32]


def _read(path: Path) -> dict[str, dict[str, list[float]]]:
    """What a file holds; nothing where there is none. Raises ValueError for another file."""
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: expected scores written by `mixenv paper`; move it away")
    return found
