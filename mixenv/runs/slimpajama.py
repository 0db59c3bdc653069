"""The authors' file of the 472 SlimPajama runs in, a run table out: losses in nats per token.

The pickle is read once, as data only, and kept beside itself as plain arrays (.npz).
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mixenv import facts
from mixenv.metrics import SLIMPAJAMA
from mixenv.runs.frames import Frame, read_frame
from mixenv.runs.table import RunTable

_SHARES = 1e-3  # how far recorded shares may be from a sum of one


def load_slimpajama(path: str | Path, allow: tuple[str, ...] = ()) -> RunTable:
    """The run table of the authors' pickle at `path`: from its .npz, which the first call writes.

    The .npz is used while it is no older than the pickle. `allow` admits globals ("module.name") to
    the reading of the pickle. Raises what `read_slimpajama` does.
    """
    path = Path(path)
    cached = path.with_suffix(".npz")
    if cached.exists() and cached.stat().st_mtime >= path.stat().st_mtime:
        return RunTable.load(cached)
    table = read_slimpajama(path, allow)
    with contextlib.suppress(OSError):  # a folder that cannot be written only costs time
        unfinished = cached.with_suffix(f".{os.getpid()}.npz")
        table.save(unfinished)
        unfinished.replace(cached)
    return table


def read_slimpajama(path: str | Path, allow: tuple[str, ...] = ()) -> RunTable:
    """The run table of the authors' pickle: n runs in their order, 5 domains, 11 metrics.

    Shares are reordered to the domains' order and renormalised. Steps are those recorded, whether
    or not multiples of 100, ascending and positive; of rows with the same step the last number of
    each metric counts; a cell that is missing or not finite is NaN; a row without a number is left
    out. A run with an empty history is kept, with no rows. Raises FileNotFoundError,
    UnsafePickleError, and ValueError for a file of another schema.
    """
    frame = read_frame(Path(path).read_bytes(), str(path), allow)
    known = {scale.scale: scale for scale in facts.slimpajama().scales}
    try:
        scales = [known[_scale(group, known)] for group in frame.column("group")]
        mixture = np.array([_shares(p, c) for p, c in _mixtures(frame)])
        rows = [_history(history) for history in frame.column("history")]
    except ValueError as error:
        raise ValueError(
            f"{path}: {error}; fetch the file again with `mixenv data fetch slimpajama-472`"
        ) from error
    return RunTable(
        name="slimpajama-472",
        domains=facts.slimpajama().domains,
        metrics=SLIMPAJAMA,
        mixture=mixture.reshape(-1, len(facts.slimpajama().domains)),
        scale=np.array([scale.parameters for scale in scales]),
        step_cost=np.array([scale.flops_per_step for scale in scales]),
        run=np.repeat(np.arange(len(rows)), [len(row) for row in rows]),
        steps=np.concatenate([row.index.to_numpy(np.int64) for row in rows] or [_NONE.index]),
        values=np.concatenate([row.to_numpy(np.float64) for row in rows] or [_NONE]),
    )


_NONE = pd.DataFrame(
    {m.name: np.zeros(0) for m in SLIMPAJAMA}, index=pd.Index([], dtype=np.int64, name="step")
)


def _scale(group: Any, known: dict[str, Any]) -> str:
    if group not in known:
        raise ValueError(f"expected a group among {', '.join(known)}, got {group!r}")
    return group


def _mixtures(frame: Frame) -> zip[tuple[Any, Any]]:
    shares = frame.column("token_probabilities")
    listed = frame.column("categories") if "categories" in frame else [None] * len(shares)
    return zip(shares, listed, strict=True)


def _shares(probabilities: Any, categories: Any) -> np.ndarray:
    """Shares [5] in the order of our domains; `categories` names those of `probabilities`."""
    domains = [_plain(domain) for domain in facts.slimpajama().domains]
    given = _plain_all(categories) or domains
    shares = np.array(probabilities, dtype=np.float64)
    if sorted(given) != sorted(domains) or shares.shape != (len(domains),):
        raise ValueError(
            f"expected one share for each of {', '.join(domains)}, "
            f"got {shares.tolist()} for {', '.join(given)}"
        )
    if not (abs(shares.sum() - 1) <= _SHARES and shares.min() >= 0):
        raise ValueError(f"expected non-negative shares that sum to one, got {shares.tolist()}")
    return shares[[given.index(domain) for domain in domains]] / shares.sum()


def _plain_all(categories: Any) -> list[str]:
    listed = isinstance(categories, list | tuple | np.ndarray)
    return [_plain(str(category)) for category in categories] if listed else []


def _plain(name: str) -> str:
    """A domain's name without its corpus, case and punctuation: RedPajamaArXiv is arxiv."""
    return re.sub("^(red|slim)pajama|[^a-z0-9]|s$", "", name.lower())


def _history(history: Any) -> pd.DataFrame:
    """The metrics [rows, 11] of one run, indexed by ascending steps."""
    if history is None or isinstance(history, float):  # a missing cell is NaN
        return _NONE
    if not isinstance(history, Frame):
        raise ValueError(f"expected a history that is a DataFrame, got {type(history).__name__}")
    if not history.columns:
        return _NONE
    found = facts.slimpajama()
    steps = _numbers(history.column(found.step_column))
    columns = {
        name: _numbers(history.column(column)) if column in history else np.nan
        for name, column in found.metric_columns.items()
    }
    recorded = pd.DataFrame(columns, index=pd.Index(steps)).iloc[np.flatnonzero(steps >= 1)]
    return recorded.groupby(level=0).last().dropna(how="all")


def _numbers(column: np.ndarray) -> np.ndarray:
    numbers = np.asarray(pd.to_numeric(pd.Series(column), errors="coerce"), dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)
