"""Task files: a task in, readable JSON out, and back.

{"format": "mixenv task 1",
 "surface": {"name": "surrogate"},
 "metric": "mean_loss", "target": ["1B", 19500], "max_share": 0.5, "budget": 8.0, ...}

The surface is a shipped or fetched one by `name` (with a `source`), a `table` of runs in a file
(CSV, parquet or .npz, with the options of `RunTable.read` under `read`) or a `fitted` one; paths
are relative to the task file. Options left out have `make_task`'s defaults.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mixenv.make_task import make_task
from mixenv.runs.table import RunTable
from mixenv.scale import parse_scale, scale_label
from mixenv.surfaces import NAMES, is_synthetic, load_surface
from mixenv.surfaces.fitted import FittedSurface
from mixenv.surfaces.protocol import Surface
from mixenv.surfaces.rows import RowsSurface
from mixenv.task import Task

_FORMAT = "mixenv task 1"
_OPTIONS = (
    "metric", "max_share", "budget", "noise", "cost_weight", "target", "scales", "steps",
    "standardise", "resume", "strict",
)  # fmt: skip
_SURFACE = ("name", "source", "table", "read", "fitted", "fingerprint")
_KINDS = ("name", "table", "fitted")


def save_task(task: Task, path: str | Path, source: str | None = None) -> None:
    """Write a task to `path`; a table or fitted surface of one's own goes to a file beside it.

    `source` is where the files of a named surface lie, if not in the cache. Raises ValueError for a
    surface that can be neither named nor written.
    """
    path = Path(path)
    options = {
        "metric": task.metric,
        "target": [_label(task.target[0]), task.target[1]],
        "scales": [_label(scale) for scale in task.scales],
        "steps": list(task.steps),
    }
    options |= {name: getattr(task, name) for name in _OPTIONS if name not in options}
    surface = _describe(task.surface, path, source) | {"fingerprint": task.surface.fingerprint}
    text = json.dumps({"format": _FORMAT, "surface": surface} | options, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def load_task(path: str | Path) -> Task:
    """The task of a file that `save_task` wrote, or a person.

    Raises ValueError naming the file and the field that does not fit, FileNotFoundError where the
    file, or one that it names, is missing.
    """
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: expected a task as JSON, got {error}") from error
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        got = found.get("format") if isinstance(found, dict) else type(found).__name__
        raise ValueError(f"{path}: format: expected {_FORMAT!r}, got {got!r}")
    try:
        _known("", found, ("format", "surface", *_OPTIONS))
        surface = _surface(found.get("surface"), path.parent)
        return make_task(surface, **{n: found[n] for n in _OPTIONS if n in found})
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _label(scale: float) -> str | float:
    """A label such as "1B" where it says all, else the number."""
    label = scale_label(scale)
    return label if parse_scale(label) == scale else scale


def _describe(surface: Surface, path: Path, source: str | None) -> dict[str, Any]:
    if surface.name in NAMES or is_synthetic(surface.name):
        return {"name": surface.name} | ({} if source is None else {"source": str(source)})
    if isinstance(surface, RowsSurface):
        beside = path.with_suffix(".runs.npz")
        surface.table.save(beside)
        return {"table": beside.name}
    if isinstance(surface, FittedSurface):
        beside = path.with_suffix(".fitted.npz")
        surface.save(beside)
        return {"fitted": beside.name}
    raise ValueError(
        f"surface: expected one of {', '.join(NAMES)}, a RowsSurface or a FittedSurface, got "
        f"{surface.name!r}; keep the task in Python"
    )


def _surface(found: Any, folder: Path) -> Surface:
    """The surface that a task file describes."""
    if not isinstance(found, dict) or sum(kind in found for kind in _KINDS) != 1:
        raise ValueError(f"surface: expected one of {', '.join(_KINDS)}, got {found!r}")
    _known("surface.", found, _SURFACE)
    if "fitted" in found:
        surface = FittedSurface.load(folder / str(found["fitted"]))
    elif "table" in found:
        surface = RowsSurface(_table(folder / str(found["table"]), found.get("read", {})))
    else:
        source = found.get("source")
        surface = load_surface(str(found["name"]), None if source is None else str(folder / source))
    wanted = found.get("fingerprint", surface.fingerprint)
    if surface.fingerprint != wanted:
        raise ValueError(
            f"surface.fingerprint: expected {wanted}, got {surface.fingerprint}: its numbers have "
            "changed since the task was saved; save it again, or remove the fingerprint"
        )
    return surface


def _table(path: Path, options: Any) -> RunTable:
    if not isinstance(options, dict):
        raise ValueError(f"surface.read: expected options of RunTable.read, got {options!r}")
    return RunTable.load(path) if path.suffix == ".npz" else RunTable.read(path, **options)


def _known(prefix: str, found: dict[str, Any], names: tuple[str, ...]) -> None:
    unknown = [name for name in found if name not in names]
    if unknown:
        raise ValueError(f"{prefix}{unknown[0]}: expected a field among {', '.join(names)}")
