"""RegMix's 1 088 runs on the Pile: CSV files in, a run table out; losses in nats per token."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from mixenv.metrics import loss
from mixenv.runs.table import RunTable

_TOKENS_PER_STEP = 1e6


class _Part(NamedTuple):
    """One pair of files: a suffix, the size of its models (parameters) and their steps."""

    split: str
    suffix: str
    scale: float
    steps: int


_PARTS = (
    _Part("train", "1m", 1e6, 1_000),
    _Part("test", "1m", 1e6, 1_000),
    _Part("test", "60m", 6e7, 1_000),
    _Part("test", "1B", 1e9, 25_000),
)

# Which runs of the table each pair of files holds, in the table's order.
SPLITS = {
    "train-1m": slice(0, 512),
    "test-1m": slice(512, 768),
    "test-60m": slice(768, 1024),
    "test-1B": slice(1024, 1088),
}


def read_regmix(paths: Iterable[str | Path]) -> RunTable:
    """The run table of RegMix's eight CSV files: 1 088 runs, 17 domains, 13 losses, one row a run.

    Shares are renormalised: the files round them to 1e-3, so that they sum to 0.996 to 1.003. One
    step is a million tokens: runs at 1M and 60M end at 1 000 steps, at 1B at 25 000; FLOPs are
    6 x parameters x tokens. Loss levels are comparable within a scale only (1B was evaluated
    separately). `SPLITS` says which runs are for training and which for testing. Raises
    FileNotFoundError for a missing file, ValueError for a file of another schema.
    """
    named = {Path(path).name: Path(path) for path in paths}
    parts = [_read(part, named) for part in _PARTS]
    shares, losses = (pd.concat(frames) for frames in zip(*parts, strict=True))
    count = [len(frame) for frame, _ in parts]
    scale = np.repeat([part.scale for part in _PARTS], count)
    mixture = shares.to_numpy(np.float64)
    return RunTable(
        name="regmix",
        domains=tuple(shares.columns),
        metrics=tuple(loss(name) for name in losses.columns),
        mixture=mixture / mixture.sum(axis=1, keepdims=True),
        scale=scale,
        step_cost=6 * scale * _TOKENS_PER_STEP,
        run=np.arange(len(scale)),
        steps=np.repeat([part.steps for part in _PARTS], count),
        values=losses.to_numpy(np.float64),
    )


def _read(part: _Part, named: dict[str, Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares and losses of one pair of files, joined on `index`, columns named by domain."""
    shares = _csv(named, f"{part.split}_mixture_{part.suffix}.csv", "train_the_pile_(.+)")
    losses = _csv(
        named, f"{part.split}_pile_loss_{part.suffix}.csv", "metric/the_pile_(.+)_val_loss"
    )
    if sorted(shares.index) != sorted(losses.index):
        raise ValueError(
            f"RegMix {part.split}_{part.suffix}: expected one loss row for each of "
            f"{len(shares)} mixtures, got {len(losses)} with other indexes; fetch the files again "
            "with `mixenv data fetch regmix`"
        )
    return shares, losses.loc[shares.index]


def _csv(named: dict[str, Path], name: str, pattern: str) -> pd.DataFrame:
    if name not in named:
        raise FileNotFoundError(
            f"expected RegMix's {name}, got {', '.join(sorted(named)) or 'no file'}; "
            "fetch it with `mixenv data fetch regmix`"
        )
    frame = pd.read_csv(named[name])
    found = frame.columns.str.extract(f"^{pattern}$", expand=False)
    if "index" not in frame or found.isna().sum() != 1:
        raise ValueError(
            f"{named[name]}: expected columns index and {pattern}, got "
            f"{', '.join(map(str, frame.columns))}; fetch it again with `mixenv data fetch regmix`"
        )
    return frame.set_index("index").set_axis(found.dropna(), axis=1)
