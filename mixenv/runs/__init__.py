"""Tables of recorded runs, by name: fetched files in, `RunTable`s out."""

from __future__ import annotations

from pathlib import Path

from mixenv.runs.catalogue import source as _find_source
from mixenv.runs.fetch import locate
from mixenv.runs.regmix import read_regmix
from mixenv.runs.slimpajama import load_slimpajama
from mixenv.runs.table import RunTable

__all__ = ["READABLE", "RunTable", "read_table"]

# The sources that `read_table` reads, of those that `mixenv data fetch` knows.
READABLE = ("slimpajama-472", "regmix")


def read_table(
    name: str,
    source: str | Path | None = None,
    trust: bool = False,
    allow: tuple[str, ...] = (),
) -> RunTable:
    """The run table of a source: from the cache, or from a local copy in `source`.

    `trust` takes a local copy whatever its sha256; `allow` admits globals ("module.name") to the
    reading of a pickle. Raises FileNotFoundError naming the command that fetches missing files,
    ValueError for a name that is not `READABLE` and for files of another schema.
    """
    if name not in READABLE:
        _find_source(name)
        raise ValueError(f"expected a run table among {', '.join(READABLE)}, got {name!r}")
    paths = locate(name, source, trust)
    return read_regmix(paths) if name == "regmix" else load_slimpajama(paths[0], allow)
