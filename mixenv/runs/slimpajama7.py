"""The 224 SlimPajama-7 runs (arXiv 2507.09404): a CSV file in, a run table out; losses in nats."""

from __future__ import annotations

from pathlib import Path

from mixenv.runs.importer import read_runs
from mixenv.runs.problems import require
from mixenv.runs.table import RunTable

DOMAINS = ("arxiv", "book", "c4", "github", "commoncrawl", "stackexchange", "wikipedia")


def read_slimpajama7(path: str | Path) -> RunTable:
    """The run table of the file: 224 runs, 7 domains, 8 losses at up to 11 token counts a run.

    One step is a million tokens, rounded: 1 998 000 000 tokens are step 1 998. FLOPs are
    6 x parameters x tokens. A run is a (model_size, mixture); twelve runs have ten checkpoints, and
    16 cells in 6 rows at 310M are NaN, as in the file. Raises FileNotFoundError for no file,
    TableError for a file of another schema.
    """
    table = read_runs(path, name="slimpajama-7")
    losses = (*DOMAINS, "openhermes")
    require(path, "slimpajama-7", "domains", DOMAINS, table.domains)
    require(path, "slimpajama-7", "losses", losses, tuple(m.name for m in table.metrics))
    return table
